/**
 * One cell of the matrix: one variant of a port, one kind of memory, one backend, one machine.
 */
import { describeError } from '../base/errors.ts';
import type { ScatterlistError } from '../base/errors.ts';
import { createMachine } from '../kernel/core/create-machine.ts';
import type { Machine } from '../kernel/core/machine.ts';
import type { MachineOptions } from '../machine/config.ts';

import { modelledCycles } from '../machine/ledger.ts';
import type { LedgerCounts } from '../machine/ledger.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { TraceEvent } from '../machine/trace.ts';
import { ViolationError } from '../machine/violation.ts';
import type { Violation } from '../machine/violation.ts';
import type { Column } from './column.ts';
import { expectationOf } from './expectation.ts';
import type { Conflict, Expectation } from './expectation.ts';
import { machineFor } from './machine-for.ts';
import type { Observed } from './observe.ts';
import { failureOf } from './port.ts';
import type { LoadedPort, Moved } from './port.ts';
import { runProgram } from './run-program.ts';

/** The result of a cell. */
export type CellOutcome =
  | {
      readonly result: 'verified';
      readonly bytes: number;
      readonly ledger: LedgerCounts;
      readonly cycles: number;
    }
  | { readonly result: 'refused'; readonly error: ScatterlistError }
  | { readonly result: 'violation'; readonly violation: Violation }
  /** Wrong bytes, or an error of this library, which no contract allows. */
  | { readonly result: 'failed'; readonly message: string };

/** What a cell is of. */
export interface CellOf {
  readonly port: LoadedPort;
  readonly variant: string;
  readonly memory: MemoryKind;
  readonly column: Column;
}

/** A cell that has run. */
export interface Cell extends CellOf {
  readonly observed: Observed;
  readonly expectation: Expectation;
  readonly outcome: CellOutcome;
  /** Whether the result is the one that the contract says. */
  readonly isExpected: boolean;
  /** Whether the port breaks the contract and the machine, which checks no accesses, did not notice. */
  readonly isSilent: boolean;
  /** What the machine did, if its options ask for a trace. */
  readonly trace: RunTrace | undefined;
}

/** The events of a run, oldest first, and how many older ones were not kept. */
export interface RunTrace {
  readonly events: readonly TraceEvent[];
  readonly dropped: number;
}

/** Runs one cell on a machine of its own, and compares the result with what the contract says to the needs of the port. */
export function runCell(cell: CellOf, observed: Observed, options: MachineOptions): Cell {
  const machine = createMachine(machineFor(cell.port, options));
  const expectation = expectationOf(cell.column.contract, observed, machine.config);
  const outcome = attempt(cell, machine);
  const { trace } = machine.hardware;
  // A machine that checks nothing does something, as Linux would; what it does is part of no contract.
  const isOpen = machine.config.mode === 'direct' && expectation.result === 'violation';
  return {
    ...cell,
    observed,
    expectation,
    outcome,
    isExpected: isOpen || matches(expectation, outcome),
    isSilent: isOpen && outcome.result === 'verified',
    trace: trace && { events: trace.events, dropped: trace.dropped },
  };
}

function attempt({ port, variant, memory, column }: CellOf, machine: Machine): CellOutcome {
  const { program, verify } = port.program(variant, memory, column);
  try {
    const shared = runProgram(program, machine, (state) => failureOf(state) !== undefined);
    const error = failureOf(shared);
    if (error !== undefined) return { result: 'refused', error };
    machine.checkLeaks();
    return verified(verify(shared, machine), machine.ledger);
  } catch (error) {
    if (error instanceof ViolationError) return { result: 'violation', violation: error.violation };
    return {
      result: 'failed',
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
}

// Accesses to registers by the port itself cost the same with every backend.
function verified({ verifiedBytes, ownAccesses = 0 }: Moved, counts: LedgerCounts): CellOutcome {
  const ledger = { ...counts, deviceAccesses: counts.deviceAccesses - ownAccesses };
  return { result: 'verified', bytes: verifiedBytes, ledger, cycles: Math.round(modelledCycles(ledger)) };
}

function matches(expectation: Expectation, outcome: CellOutcome): boolean {
  if (expectation.result === 'verified') return outcome.result === 'verified';
  const { conflicts } = expectation;
  if (outcome.result === 'verified') return conflicts.every(({ mayPass }) => mayPass === true);
  return isOneOf(conflicts, outcome);
}

/** Whether one of the conflicts has this result. Which comes first depends on the order in which the port does things. */
export function isOneOf(
  conflicts: readonly Conflict[],
  outcome: CellOutcome | { readonly result: 'exhausted' | 'outOfBudget' },
): boolean {
  const codes = conflicts.map(({ code }) => code);
  const rules = conflicts.flatMap(({ rules: broken = [] }) => broken);
  if (outcome.result === 'refused') return codes.includes(outcome.error.code);
  return outcome.result === 'violation' && rules.includes(outcome.violation.rule);
}

/** Describes the result in one line. */
export function describeOutcome(outcome: CellOutcome): string {
  switch (outcome.result) {
    case 'verified':
      return `${String(outcome.bytes)} bytes verified`;
    case 'refused':
      return `refused: ${describeError(outcome.error)}`;
    case 'violation':
      return `violation ${outcome.violation.rule}: ${outcome.violation.what}`;
    case 'failed':
      return outcome.message;
  }
}
