/**
 * A time line of operations of several CPUs that share one lock.
 */
import { weigh } from '../experiment/constants.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { Cycles } from '../experiment/constants.ts';

/** What one CPU did in one step, as the ledger counted it. */
export interface Operation {
  readonly cpu: number;
  readonly counts: LedgerCounts;
  /** How much of the caller's own work lies before it, as a part of what a pair has on average; 0 for none. */
  readonly work: number;
  /** Accesses after it, outside the lock, that found no translation in the TLB. */
  readonly refills: number;
}

/** Gives equal counts as one object, so that each is weighed once. */
export class Interned {
  readonly #known = new Map<string, LedgerCounts>();

  of(counts: LedgerCounts): LedgerCounts {
    const key = Object.values(counts).join(' ');
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, counts);
    return known ?? counts;
  }
}

/** How long the operations take. */
export interface Makespan {
  /** The sum over all CPUs of the time that each was busy or waited, without the work of the callers. */
  readonly total: number;
  /** The part of it that was spent waiting for the lock and fetching its cache line. */
  readonly waited: number;
}

/**
 * Lays operations on a time line, in their order. An operation that takes the lock waits until it is free, and fetches
 * its line from the CPU that had it. The interrupts that it sends cost half here and half on the CPUs that get them.
 */
export function makespan(operations: readonly Operation[], cycles: Cycles, workCycles: number): Makespan {
  let lockFree = 0;
  let lastHolder = -1;
  let waited = 0;
  const weighed = new Map<LedgerCounts, { readonly own: number; readonly ipiCycles: number }>();
  const costOf = (counts: LedgerCounts): { readonly own: number; readonly ipiCycles: number } => {
    const known = weighed.get(counts);
    if (known !== undefined) return known;
    const ipiCycles = counts.ipis > 0 ? (counts.ipis * cycles('ipi')) / 2 : 0;
    const cost = { own: weigh({ ...counts, ipis: 0 }, cycles) + ipiCycles, ipiCycles };
    weighed.set(counts, cost);
    return cost;
  };
  const refillsOf = ({ refills }: Operation): number => (refills === 0 ? 0 : refills * cycles('tlbRefill'));
  if (operations.every(({ counts }) => counts.lockAcquisitions + counts.ipis === 0))
    return {
      total: operations.reduce((sum, one) => sum + costOf(one.counts).own + refillsOf(one), 0),
      waited: 0,
    };
  const queues = byCpu(operations);
  const cpus = queues.length;
  const clock = new Float64Array(cpus);
  const lineMove = cycles('lineMove');
  let worked = 0;
  for (const operation of inOrderOfTime(queues, clock, workCycles)) {
    const { cpu, counts, work } = operation;
    worked += work * workCycles;
    let now = (clock[cpu] ?? 0) + work * workCycles;
    const { own, ipiCycles } = costOf(counts);
    if (counts.lockAcquisitions > 0) {
      const start = Math.max(now, lockFree) + (lastHolder === cpu || lastHolder < 0 ? 0 : lineMove);
      waited += start - now;
      now = start + own;
      lockFree = now;
      lastHolder = cpu;
    } else now += own;
    clock[cpu] = now + refillsOf(operation);
    if (ipiCycles === 0) continue;
    for (let other = 0; other < cpus; other += 1)
      if (other !== cpu) clock[other] = (clock[other] ?? 0) + ipiCycles / (cpus - 1);
  }
  return { total: clock.reduce((sum, time) => sum + time, 0) - worked, waited };
}

/** The operations of each CPU in their order; next is always the one that comes first by the clock of its CPU. */
function* inOrderOfTime(
  queues: readonly (readonly Operation[])[],
  clock: Float64Array,
  workCycles: number,
): Generator<Operation> {
  const next = new Int32Array(clock.length);
  const work = Float64Array.from(queues, ([first]) => (first?.work ?? 0) * workCycles);
  for (;;) {
    let cpu = -1;
    let earliest = Infinity;
    for (let other = 0; other < clock.length; other += 1) {
      const arrives = (clock[other] ?? 0) + (work[other] ?? 0);
      if (arrives < earliest) [cpu, earliest] = [other, arrives];
    }
    const queue = queues[cpu];
    const at = next[cpu] ?? 0;
    const operation = queue?.[at];
    if (operation === undefined) return;
    next[cpu] = at + 1;
    const after = queue?.[at + 1];
    work[cpu] = after === undefined ? Infinity : after.work * workCycles;
    yield operation;
  }
}

function byCpu(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const queues: Operation[][] = [];
  for (const operation of operations) {
    const queue = (queues[operation.cpu] ??= []);
    queue.push(operation);
  }
  return queues;
}
