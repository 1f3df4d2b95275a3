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

/** One step that is remembered. */
interface Entry {
  readonly learnt: number;
  /** The hash of it and of all before it. */
  readonly key: number;
  /** Its number, counted with steps that were forgotten since. */
  readonly number: number;
  /** By period: how many steps up to this one are equal to the one a period before. */
  readonly runs: readonly number[];
}

const NO_RUNS: readonly number[] = [];
const hash = new Hash();

/** The steps of one actor in one schedule, without rounds that changed nothing. */
export class History {
  readonly #entries: Entry[] = [];
  /** Steps before them, of which only the hash is known. */
  #before = 0;
  #keyBefore = 0;

  /** Steps that are remembered. */
  get length(): number {
    return this.#before + this.#entries.length;
  }

  /** The hash of all that is remembered. */
  get key(): number {
    return this.#entries.at(-1)?.key ?? this.#keyBefore;
  }

  /** Adds what a step has learnt; `number` counts the actor's steps. */
  add(learnt: number, number: number): void {
    const entries = this.#entries;
    const before = entries.at(-1);
    const key = hash.reset().add(this.key).add(learnt).value;
    entries.push({ learnt, key, number, runs: this.#runs(learnt, before) });
    if (entries.length < 2 * KEPT) return;
    this.#keyBefore = entries.splice(0, KEPT).at(-1)?.key ?? 0;
    this.#before += KEPT;
  }

  #runs(learnt: number, before: Entry | undefined): readonly number[] {
    let runs: number[] | undefined;
    const entries = this.#entries;
    const most = Math.min(LONGEST, entries.length);
    for (let period = 1; period <= most; period += 1) {
      if (entries[entries.length - period]?.learnt !== learnt) continue;
      runs ??= Array<number>(LONGEST + 1).fill(0);
      runs[period] = (before?.runs[period] ?? 0) + 1;
    }
    return runs ?? NO_RUNS;
  }

  /** The number of the step that is `back` steps before the last one. */
  numberOf(back: number): number {
    return this.#entries.at(-1 - back)?.number ?? 0;
  }

  /** Steps up to the last that are equal to the one a period before. */
  run(period: number): number {
    return this.#entries.at(-1)?.runs[period] ?? 0;
  }

  /**
   * Lengths of rounds that the last steps may be made of. If it was no loop, the next look is at four times as many steps.
   */
  periods(): readonly number[] {
    const { runs } = this.#entries.at(-1) ?? { runs: NO_RUNS };
    const most = runs.map((run, period) => (run + period) / Math.max(LEAST, 2 * period));
    const times = Math.log2(most.find((many, period) => period > 0 && many >= 1) ?? 0);
    if (times < 0 || !Number.isInteger(times / 2)) return NO_RUNS;
    return runs.flatMap((run, period) => (period > 0 && run >= period ? period : []));
  }

  /** Forgets the last steps: a round after which the local variables are as before. */
  forget(period: number): void {
    // What is not remembered step by step cannot be forgotten.
    if (period < this.#entries.length || this.#before === 0) this.#entries.length -= period;
  }
}
