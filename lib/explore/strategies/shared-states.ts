/**
 * Visited states that several threads share: a hash table in shared memory.
 *
 * Threads reach a state in any order, also while another still explores what follows from it. One thread may have left
 * out step x there, because x was asleep, and tried y; another may have left out y and tried x. Each relied on what the
 * other does elsewhere, so together they need not have tried what comes after x and y. A state therefore keeps the steps
 * that were asleep in single visits, never what several visits left out together: a step is left out only if one visit
 * has tried, or was told that one visit before it has tried, everything that is awake now.
 *
 * Where a state cannot be kept, because its place is full or there are too many different steps, it is explored again.
 */
import { configWhole } from '../../base/whole.ts';
import type { Choice } from '../choice.ts';
import type { Visited } from './visited.ts';

/** States that share one lock, and among which a key is looked for. */
const SLOTS = 256;
/** More than this make looking for a key slow. */
const MOST_IN_SEGMENT = 224;
/** Different steps that a mask can tell apart; its last bit stands for all others. */
const STEPS = 63;
const OTHERS = 2 ** 31;

/** Words of a slot: the key and whether there is one, then the masks of up to two visits. */
const WORDS = 6;
const USED = 2 ** 30;
const TWO = 2 ** 29;
/** A segment: its lock, the number of slots in use, the slots. */
const SEGMENT_WORDS = 2 + SLOTS * WORDS;

/** How many states are shared unless said otherwise; memory is used as they come. */
const DEFAULT_STATES = 2 ** 22;

/** The memory of a table, to be sent to other threads. */
export type SharedStatesMemory = SharedArrayBuffer;

/** Makes the memory for about so many states. */
export function sharedStatesMemory(states: number = DEFAULT_STATES): SharedStatesMemory {
  configWhole('states', states, 1, 2 ** 26);
  const segments = 2 ** Math.ceil(Math.log2(Math.max(1, states / SLOTS)));
  return new SharedArrayBuffer(4 * (STEPS + segments * SEGMENT_WORDS));
}

/** A set of steps as two words. */
type Mask = readonly [low: number, high: number];

/** The table, as one thread uses it. */
export class SharedStates implements Visited {
  private readonly words: Int32Array;
  private readonly segments: number;
  readonly #bits = new Map<Choice, number>();
  #added = 0;

  constructor(memory: SharedStatesMemory) {
    this.words = new Int32Array(memory);
    this.segments = (this.words.length - STEPS) / SEGMENT_WORDS;
  }

  /** States that were new to all threads when this one met them. */
  get size(): number {
    return this.#added;
  }

  enter(state: number, open: readonly Choice[], asleep: readonly Choice[]): readonly Choice[] {
    const low = state | 0;
    const high = Math.floor(state / 2 ** 32);
    const now = this.#maskOf(asleep);
    // One part of the key chooses the segment, another the place in it.
    const lock = STEPS + (low & (this.segments - 1)) * SEGMENT_WORDS;
    while (Atomics.compareExchange(this.words, lock, 0, 1) !== 0);
    const before = this.#enter(lock, low, high, now);
    Atomics.store(this.words, lock, 0);
    return before === undefined ? open : open.filter((choice) => this.#isIn(choice, before));
  }

  /** The mask of the visit that leaves the least to be tried now. */
  #enter(lock: number, low: number, high: number, now: Mask): Mask | undefined {
    const { words } = this;
    const first = lock + 2;
    let slot = high & (SLOTS - 1);
    for (;;) {
      const at = first + slot * WORDS;
      const tag = words[at] ?? 0;
      if (tag === 0) break;
      if ((tag & ~TWO) === (high | USED) && words[at + 1] === low) return this.#again(at, tag, now);
      slot = (slot + 1) & (SLOTS - 1);
    }
    this.#added += 1;
    const used = words[lock + 1] ?? 0;
    if (used < MOST_IN_SEGMENT) {
      words[lock + 1] = used + 1;
      words.set([high | USED, low, ...now], first + slot * WORDS);
    }
    return undefined;
  }

  #again(at: number, tag: number, now: Mask): Mask {
    const { words } = this;
    const one: Mask = [words[at + 2] ?? 0, words[at + 3] ?? 0];
    const hasTwo = (tag & TWO) !== 0;
    const two: Mask = hasTwo ? [words[at + 4] ?? 0, words[at + 5] ?? 0] : one;
    const best = countOf(without(one, now)) <= countOf(without(two, now)) ? one : two;
    if (isEmpty(without(best, now))) return best;
    // This visit tries what that one left, so now everything but its own sleeping steps is tried.
    if (isEmpty(without(now, one))) {
      words.set(now, at + 2);
      if (hasTwo && isEmpty(without(now, two))) words[at] = tag & ~TWO;
    } else if (!hasTwo || isEmpty(without(now, two)) || countOf(now) < countOf(two)) {
      words.set(now, at + 4);
      words[at] = tag | TWO;
    }
    return best;
  }

  #maskOf(steps: readonly Choice[]): Mask {
    let low = 0;
    let high = 0;
    for (const choice of steps) {
      const bit = this.#bitOf(choice);
      if (bit === undefined) high |= OTHERS;
      else if (bit < 32) low |= 1 << bit;
      else high |= 1 << (bit - 32);
    }
    return [low, high | 0];
  }

  #isIn(choice: Choice, [low, high]: Mask): boolean {
    const bit = this.#bitOf(choice);
    if (bit === undefined) return (high & OTHERS) !== 0;
    return (bit < 32 ? (low >>> bit) & 1 : (high >>> (bit - 32)) & 1) === 1;
  }

  /** The bit of a step, the same in all threads; `undefined` when there are none left. */
  #bitOf(choice: Choice): number | undefined {
    const known = this.#bits.get(choice);
    if (known !== undefined) return known;
    for (let bit = 0; bit < STEPS; bit += 1) {
      const there = Atomics.compareExchange(this.words, bit, 0, choice + 1);
      if (there !== 0 && there !== choice + 1) continue;
      this.#bits.set(choice, bit);
      return bit;
    }
    return undefined;
  }
}

function without([low, high]: Mask, other: Mask): Mask {
  // An unnamed step may be another one than those of the other mask.
  return [low & ~other[0], high & ~(other[1] & ~OTHERS)];
}

function isEmpty([low, high]: Mask): boolean {
  return low === 0 && high === 0;
}

function countOf(mask: Mask): number {
  let count = 0;
  for (let word of mask) for (; word !== 0; word &= word - 1) count += 1;
  return count;
}
