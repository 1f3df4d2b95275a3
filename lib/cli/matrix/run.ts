/**
 * Runs the cells of the matrix: one port, one kind of memory, one backend, one machine.
 */
import { ViolationError, createMachine, describeError } from 'scatterlist';
import type { LedgerCounts, Machine, MachineOptions, ScatterlistError, Violation } from 'scatterlist';
import { modelledCycles } from 'scatterlist/machine';
import { inSource } from '../source-lines.ts';
import type { Column } from './backends.ts';
import { expectationOf } from './expectation.ts';
import type { Expectation } from './expectation.ts';
import type { Moved, Workload } from './workloads.ts';

/** The result of a cell. */
export type Outcome =
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

/** One cell. */
export interface Cell {
  readonly workload: Workload;
  readonly column: Column;
  readonly expectation: Expectation;
  readonly outcome: Outcome;
  /** Whether the result is the one that the contract says. */
  readonly expected: boolean;
}

/** A machine for the input, with a small kmap pool, so that the pool wraps. */
export function machineOptions(bytes: number, chosen: MachineOptions): MachineOptions {
  const pages = 2 * Math.ceil(bytes / 4096) + 1024;
  return {
    pkmapSlots: 64,
    lowmemPages: pages,
    highmemPages: pages,
    vmallocPages: Math.max(pages, 4096),
    protectedPages: 1024,
    callSites: true,
    trace: false,
    ...chosen,
  };
}

/** Runs one cell on a machine of its own. */
export function runCell(workload: Workload, column: Column, options: MachineOptions): Cell {
  const machine = createMachine(options);
  const expectation = expectationOf(column.contract, workload, machine.config);
  const outcome = attempt(workload, column, machine);
  return { workload, column, expectation, outcome, expected: matches(expectation, outcome) };
}

function attempt(workload: Workload, column: Column, machine: Machine): Outcome {
  try {
    const moved = workload.run(machine, column.on(machine));
    if (!moved.ok) return { result: 'refused', error: moved.error };
    machine.checkLeaks();
    return verified(moved.value, machine.ledger);
  } catch (error) {
    if (error instanceof ViolationError) return { result: 'violation', violation: inSource(error.violation) };
    return {
      result: 'failed',
      message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    };
  }
}

// Accesses to registers by the port itself cost the same with every backend.
function verified(moved: Moved, counts: LedgerCounts): Outcome {
  const ledger = { ...counts, deviceAccesses: counts.deviceAccesses - moved.ownAccesses };
  return {
    result: 'verified',
    bytes: moved.verifiedBytes,
    ledger,
    cycles: Math.round(modelledCycles(ledger)),
  };
}

function matches(expectation: Expectation, outcome: Outcome): boolean {
  switch (expectation.result) {
    case 'verified':
      return outcome.result === 'verified';
    case 'refused':
      return outcome.result === 'refused' && outcome.error.code === expectation.code;
    case 'violation':
      return outcome.result === 'violation' && expectation.rules.includes(outcome.violation.rule);
  }
}

/** Describes the result in one line. */
export function describeOutcome(outcome: Outcome): string {
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
