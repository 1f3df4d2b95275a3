/**
 * What an actor has learnt, step by step: together with its program text this determines its local variables.
 *
 * A loop makes it longer for ever. A round that left the local variables as they were can be forgotten, so that the
 * states of a program that waits are as many as its situations, not as many as its rounds.
 */
import { Hash } from '../../base/hash.ts';

/** Most steps in one round of a loop. */
const LONGEST = 16;
/** Steps that are remembered one by one, at least. */
const KEPT = 4096;
/** Steps that must look like a loop before it is worth a closer look. */
const LEAST = 4;

/** One step that is remembered, with all before it. */
export interface Remembered {
  /** `undefined` also where there are more steps before it, of which only the key is known. */
  before: Remembered | undefined;
  /** Steps up to this one. */
  readonly length: number;
  readonly learnt: number;
  /** The hash of it and of all before it. */
  readonly key: number;
  /** The same without addresses in the kmap pool. */
  readonly placelessKey: number;
  /** Its number, counted with steps that were forgotten since. */
  readonly number: number;
  /** By period: how many steps up to this one are equal to the one a period before. */
  readonly runs: readonly number[];
}

const NO_RUNS: readonly number[] = [];
const hash = new Hash();

function chained(before: number, learnt: number): number {
  return hash.reset().add(before).add(learnt).value;
}

/** The steps of one actor in one schedule, without rounds that changed nothing. */
export class History {
  /** The last step that is remembered. Setting it goes back, or forward, to how a history was. */
  last: Remembered | undefined = undefined;

  /** Steps that are remembered. */
  get length(): number {
    return this.last?.length ?? 0;
  }

  /** The hash of all that is remembered. */
  get key(): number {
    return this.last?.key ?? 0;
  }

  /** The same without addresses in the kmap pool. */
  get placelessKey(): number {
    return this.last?.placelessKey ?? 0;
  }

  /** Adds what a step has learnt, and the same without addresses in the kmap pool; `number` counts the actor's steps. */
  add(learnt: number, number: number, placeless: number = learnt): void {
    const before = this.last;
    const key = chained(this.key, learnt);
    const isSame = placeless === learnt && this.key === this.placelessKey;
    const placelessKey = isSame ? key : chained(this.placelessKey, placeless);
    const length = this.length + 1;
    this.last = { before, length, learnt, key, placelessKey, number, runs: runsOf(learnt, before) };
    if (length % KEPT === 0) {
      const old = ago(before, KEPT);
      if (old !== undefined) old.before = undefined;
    }
  }

  /** The number of the step that is `back` steps before the last one. */
  numberOf(back: number): number {
    return ago(this.last, back)?.number ?? 0;
  }

  /** Steps up to the last that are equal to the one a period before. */
  run(period: number): number {
    return this.last?.runs[period] ?? 0;
  }

  /** How many equal rounds the last steps are, and how long one is. */
  get repeated(): { readonly times: number; readonly period: number } {
    const { runs } = this.last ?? { runs: NO_RUNS };
    let [times, period] = [1, 1];
    for (const [length, run] of runs.entries())
      if (length > 0 && run / length + 1 > times) [times, period] = [run / length + 1, length];
    return { times, period };
  }

  /**
   * Lengths of rounds that the last steps may be made of. If it was no loop, the next look is at four times as many steps.
   */
  periods(): readonly number[] {
    const { runs } = this.last ?? { runs: NO_RUNS };
    if (runs === NO_RUNS) return NO_RUNS;
    const most = runs.map((run, period) => (run + period) / Math.max(LEAST, 2 * period));
    const times = Math.log2(most.find((many, period) => period > 0 && many >= 1) ?? 0);
    if (times < 0 || !Number.isInteger(times / 2)) return NO_RUNS;
    return runs.flatMap((run, period) => (period > 0 && run >= period ? period : []));
  }

  /** Forgets the last steps: a round after which the local variables are as before. */
  forget(period: number): void {
    // What is not remembered step by step cannot be forgotten.
    const entry = ago(this.last, period);
    if (entry !== undefined || this.length <= period) this.last = entry;
  }
}

/** By period: how many steps up to one that has learnt this are equal to the one a period before. */
function runsOf(learnt: number, before: Remembered | undefined): readonly number[] {
  let runs: number[] | undefined;
  let earlier = before;
  for (let period = 1; period <= LONGEST && earlier !== undefined; period += 1) {
    if (earlier.learnt === learnt) {
      runs ??= Array<number>(LONGEST + 1).fill(0);
      runs[period] = (before?.runs[period] ?? 0) + 1;
    }
    earlier = earlier.before;
  }
  return runs ?? NO_RUNS;
}

function ago(last: Remembered | undefined, steps: number): Remembered | undefined {
  let entry = last;
  for (let i = 0; i < steps; i += 1) entry = entry?.before;
  return entry;
}
