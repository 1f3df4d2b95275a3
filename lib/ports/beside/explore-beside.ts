/**
 * Explores a port beside a second user of its pool, and compares what is found with the contract.
 */
import type { ScatterlistError } from '../../base/errors.ts';
import { checkOptions } from '../../base/options.ts';
import { configWhole } from '../../base/whole.ts';
import { parseSchedule } from '../../explore/choice.ts';
import { explain } from '../../explore/explain.ts';
import { explore } from '../../explore/explore.ts';
import type { Budget, ExploreOptions } from '../../explore/explore.ts';
import type { Counts, Found, Outcome } from '../../explore/outcome.ts';
import type { Program } from '../../explore/program.ts';
import type { MachineOptions } from '../../machine/config.ts';
import { resolveConfig } from '../../machine/config.ts';
import type { Violation } from '../../machine/violation.ts';
import { isOneOf, runCell } from '../cell.ts';
import type { Cell, CellOf } from '../cell.ts';
import { besideOf } from '../expectation.ts';
import type { Conflict, Expectation } from '../expectation.ts';
import { observe } from '../observe.ts';
import type { Observed } from '../observe.ts';
import { failureOf } from '../port.ts';
import { heldBy, poolsFor } from './pool-size.ts';
import type { PoolSizes } from './pool-size.ts';
import { besideProgram } from './program.ts';

/** How a port is explored beside a second user. */
export interface BesideOptions {
  /** Where exploring stops although something is left. Default: two seconds. */
  readonly budget?: Budget;
  /** How many pages the second user holds at once. Default: as many as a context of the port. */
  readonly held?: number;
  /**
   * Sizes of the pools. Default: the smallest in which the port alone finds room; if its backend does not wait for room,
   * those in which both users find some.
   */
  readonly pools?: Partial<PoolSizes>;
  /** Other options of the machine. */
  readonly machine?: MachineOptions;
  /** Stops exploring. */
  readonly signal?: NonNullable<ExploreOptions['signal']>;
}

/** What exploring came to. */
export type BesideOutcome =
  | { readonly result: 'exhausted'; readonly counts: Counts }
  | { readonly result: 'outOfBudget'; readonly counts: Counts; readonly progress: number | undefined }
  /** The port got an error, and ended: in this order of events or, without one, always. */
  | { readonly result: 'refused'; readonly error: ScatterlistError; readonly schedule: string | undefined }
  | { readonly result: 'violation'; readonly violation: Violation; readonly schedule: string }
  | { readonly result: 'failed'; readonly message: string };

/** A port that was explored beside a second user. */
export interface BesideCell extends CellOf {
  readonly held: number;
  readonly pools: PoolSizes;
  /** What the contract says to the port alone. */
  readonly expectation: Expectation;
  /** What it says to two users of the pool. */
  readonly together: readonly Conflict[];
  readonly outcome: BesideOutcome;
  /** Whether the contract says so. A budget that is used up shows nothing else. */
  readonly isExpected: boolean;
  /** Whether the port alone, in one order of events, does not show it. */
  readonly isFoundBeside: boolean;
  /** State that the explorer could not follow: then no order was left out, which takes longer. */
  readonly unseen: readonly string[];
  /** What was explored: with the schedule, for `explain`. */
  readonly program: Program;
}

const BUDGET: Budget = { milliseconds: 2000 };
/** As many pages as a machine of the explorer has room for. */
const MOST_HELD = 32;
/** Pools are made larger until the port alone has room; several of its contexts may hold some. */
const MOST_TIMES = 8;

/**
 * Runs a variant of a port in every order of events beside a task that uses the same pool of the same backend: it maps as
 * many pages as the port holds at once, waiting where the backend waits, and then releases them. The pools are as small
 * as that allows.
 *
 * Other actors can run where the port yields, sleeps, and before and after each map that may wait. The number of orders
 * grows fast with the bytes that are moved, so the port should be loaded with a few.
 *
 * @linux none
 * @example
 * ```ts
 * const port = definePort({
 *   name: 'copy',
 *   follows: 'no file of Linux',
 *   about: 'copies a page, with both pages mapped',
 *   memory: ['highmem'],
 *   setup: ({ machine, memory, content }) => ({ pages: takePages(machine, memory, 2), content }),
 *   variants: {
 *     original: {
 *       about: 'maps both',
 *       linux: 'none',
 *       tasks: {
 *         *copy({ backend, pages: [from, to], content }) {
 *           if (from === undefined || to === undefined) return undefined;
 *           const source = yield* backend.mapWait(from, 0, content.length);
 *           if (!source.ok) return source;
 *           const target = yield* backend.mapWait(to, 0, content.length);
 *           if (!target.ok) return target;
 *           target.value.copyFrom(content);
 *           backend.unmap(target.value);
 *           backend.unmap(source.value);
 *           return undefined;
 *         },
 *       },
 *     },
 *   },
 *   verify: ({ machine, pages: [, to], content }) =>
 *     sameBytes(content, to === undefined ? new Uint8Array() : machine.physical(to), 'the copy'),
 * });
 * const loaded = await port.load({ name: 'a few bytes', content: Uint8Array.of(1, 2, 3) });
 * for (const column of COLUMNS) {
 *   const { outcome } = exploreBeside({ port: loaded, variant: 'original', memory: 'highmem', column });
 *   // kmap: a deadlock in a pool of two slots, of which each user holds one and waits for the other.
 *   console.log(column.contract.name, outcome.result === 'violation' ? outcome.violation.rule : outcome.result);
 * }
 * ```
 */
export function exploreBeside(cell: CellOf, options: BesideOptions = {}): BesideCell {
  checkOptions('exploreBeside', options, {
    budget: 'object',
    held: 'number',
    pools: 'object',
    machine: 'object',
    signal: 'object',
  });
  checkOptions('pools of exploreBeside', options.pools ?? {}, {
    pkmapSlots: 'number',
    bounceSlots: 'number',
    vmallocPages: 'number',
  });
  const { port, variant, memory, column } = cell;
  const observed = observe(port, variant, memory, preemptRtOf(options));
  const held = options.held ?? heldBy(observed.needs);
  configWhole('held of exploreBeside', held, 1, MOST_HELD);
  const { alone, pools } = withRoom(cell, observed, held, options);
  const machine = { ...options.machine, ...pools };
  const together = besideOf(column.contract, observed.needs, held, resolveConfig(machine));
  const program = besideProgram(cell, { held, machine: { protectedPages: PROTECTED_PAGES, ...machine } });
  const { outcome, unseen } = resultOf(program, alone, options);
  return {
    ...cell,
    held,
    pools,
    expectation: alone.expectation,
    together,
    outcome,
    isExpected: isExpected(alone.expectation, together, outcome),
    isFoundBeside: alone.outcome.result === 'verified' && !isClean(outcome),
    unseen,
    program,
  };
}

/** A machine is made for each schedule, so it is small. */
const PROTECTED_PAGES = 64;

interface Result {
  readonly outcome: BesideOutcome;
  readonly unseen: readonly string[];
}

function isClean({ result }: BesideOutcome): boolean {
  return result === 'exhausted' || result === 'outOfBudget';
}

function isExpected(alone: Expectation, together: readonly Conflict[], outcome: BesideOutcome): boolean {
  if (outcome.result === 'outOfBudget') return true;
  if (outcome.result === 'exhausted') return alone.result === 'verified';
  if (outcome.result === 'failed') return false;
  return isOneOf([...(alone.result === 'verified' ? [] : alone.conflicts), ...together], outcome);
}

function withRoom(
  cell: CellOf,
  observed: Observed,
  held: number,
  { pools, machine }: BesideOptions,
): { readonly alone: Cell; readonly pools: PoolSizes } {
  const others = cell.column.contract.sleeps ? 0 : held;
  for (let times = 1; ; times *= 2) {
    const sizes = { ...poolsFor(observed.needs, times, others), ...pools };
    const alone = runCell(cell, observed, { ...machine, ...sizes, mode: 'checked', onViolation: 'throw' });
    if (alone.isExpected || times >= MOST_TIMES) return { alone, pools: sizes };
  }
}

function resultOf(program: Program, { outcome }: Cell, { budget = BUDGET, signal }: BesideOptions): Result {
  // A map that is refused to the port alone is refused in every order.
  if (outcome.result === 'refused') return { outcome: { ...outcome, schedule: undefined }, unseen: [] };
  const found = explore(program, undefined, { budget, ...(signal !== undefined && { signal }) });
  return { outcome: told(found, program), unseen: found.unseen };
}

function told(found: Outcome, program: Program): BesideOutcome {
  switch (found.kind) {
    case 'exhausted':
      return { result: 'exhausted', counts: found.counts };
    case 'outOfBudget':
      return { result: 'outOfBudget', counts: found.counts, progress: found.progress };
    case 'nondeterministic':
      return { result: 'failed', message: `not deterministic: ${found.what}` };
    case 'violation':
      return foundOf(found, program);
  }
}

function foundOf({ violation, schedule }: Found, program: Program): BesideOutcome {
  const error = violation.rule === 'exception' ? errorIn(program, schedule) : undefined;
  return error === undefined
    ? { result: 'violation', violation, schedule }
    : { result: 'refused', error, schedule };
}

/** The error that the port got in a schedule. */
function errorIn(program: Program, schedule: string): ScatterlistError | undefined {
  let shared: object = {};
  const watched: Program = {
    ...program,
    setup: (machine) => {
      shared = program.setup?.(machine) ?? {};
      return shared;
    },
  };
  explain(watched, parseSchedule(schedule));
  return failureOf(shared);
}

function preemptRtOf({ machine: { preemptRt } = {} }: BesideOptions): MachineOptions {
  return preemptRt === undefined ? {} : { preemptRt };
}
