/**
 * States from which everything was explored, with what they lead to: a hash table in shared memory.
 *
 * That a state has ended is a fact that depends on nothing else: all that can be reached from it was reached, by whichever
 * threads. So a thread may rely on it at once, a thread that is lost takes nothing with it, and a state that finds no room
 * is explored again.
 */
import { configWhole } from '../../base/whole.ts';
import { Footprint } from '../footprint.ts';
import type { PackedFootprint } from '../footprint.ts';
import type { Resources } from '../observer.ts';
import { add } from '../strategies/races.ts';
import type { Future, Races } from '../strategies/races.ts';
import { SharedLog, sharedLogMemory } from './shared-log.ts';

/** States that share one lock, and among which a key is looked for. */
const SLOTS = 256;
/** More than this make looking for a key slow. */
const MOST_IN_SEGMENT = 224;
/** Words of a slot: the key, whether there is one, and where in the list of futures its future is. */
const WORDS = 3;
const USED = 2 ** 30;
/** A segment: its lock, the number of slots in use, the slots. */
const SEGMENT_WORDS = 2 + SLOTS * WORDS;

/** How many states there is room for unless said otherwise; memory is used as they come. */
const DEFAULT_STATES = 2 ** 22;
const WORDS_OF_FUTURE = 8;
const LOG_CHARACTERS = 2 ** 23;

/** The memory of the states, to be sent to other threads. */
export interface EndedStatesMemory {
  readonly states: SharedArrayBuffer;
  readonly futures: SharedArrayBuffer;
  readonly events: SharedArrayBuffer;
}

/** Makes the memory for about so many states. */
export function endedStatesMemory(states: number = DEFAULT_STATES): EndedStatesMemory {
  configWhole('states', states, 1, 2 ** 26);
  const segments = 2 ** Math.ceil(Math.log2(Math.max(1, states / SLOTS)));
  return {
    states: new SharedArrayBuffer(4 * segments * SEGMENT_WORDS),
    futures: new SharedArrayBuffer(4 * (1 + segments * SLOTS * WORDS_OF_FUTURE)),
    events: sharedLogMemory(LOG_CHARACTERS),
  };
}

/** The states, as one thread uses them. */
export class EndedStates {
  private readonly races: Races;
  private readonly resources: Resources;
  private readonly words: Int32Array;
  private readonly segments: number;
  private readonly futures: Int32Array;
  private readonly log: SharedLog;
  /** What this thread knows already. */
  readonly #known = new Map<number, Future>();
  /** The numbers of events: of this thread's here, those of all there. The first stands for what is not known. */
  readonly #shared: (number | undefined)[] = [0];
  readonly #own: number[] = [0];

  constructor(memory: EndedStatesMemory, races: Races, resources: Resources) {
    this.races = races;
    this.resources = resources;
    this.words = new Int32Array(memory.states);
    this.segments = this.words.length / SEGMENT_WORDS;
    this.futures = new Int32Array(memory.futures);
    this.log = new SharedLog(memory.events);
  }

  /** Whether a state was explored to its end. */
  has(state: number): boolean {
    return this.#known.has(state) || this.#locked(state, ({ isThere }) => isThere);
  }

  /** What a state leads to, if it was explored to its end. */
  futureOf(state: number): Future | undefined {
    const known = this.#known.get(state);
    if (known !== undefined) return known;
    const place = this.#locked(state, (at) => (at.isThere ? this.words[at.slot + 2] : undefined));
    if (place === undefined) return undefined;
    const future = this.#read(place);
    this.#known.set(state, future);
    return future;
  }

  /** Notes that a state was explored to its end. Returns whether no other thread has noted it before. */
  end(state: number, future: Future): boolean {
    if (this.#known.has(state)) return false;
    this.#known.set(state, future);
    const place = this.#write(future);
    return this.#locked(state, ({ isThere, slot, segment }) => {
      if (isThere) return false;
      const used = this.words[segment + 1] ?? 0;
      if (used >= MOST_IN_SEGMENT) return true;
      this.words[segment + 1] = used + 1;
      this.words.set([highOf(state) | USED, state | 0, place], slot);
      return true;
    });
  }

  #locked<T>(
    state: number,
    work: (at: { readonly isThere: boolean; readonly slot: number; readonly segment: number }) => T,
  ): T {
    const { words } = this;
    const [low, high] = [state | 0, highOf(state)];
    // One part of the key chooses the segment, another the place in it.
    const segment = (low & (this.segments - 1)) * SEGMENT_WORDS;
    while (Atomics.compareExchange(words, segment, 0, 1) !== 0);
    let index = high & (SLOTS - 1);
    let slot = segment + 2 + index * WORDS;
    for (;;) {
      const tag = words[slot] ?? 0;
      const isThere = tag === (high | USED) && words[slot + 1] === low;
      if (isThere || tag === 0) {
        const result = work({ isThere, slot, segment });
        Atomics.store(words, segment, 0);
        return result;
      }
      index = (index + 1) & (SLOTS - 1);
      slot = segment + 2 + index * WORDS;
    }
  }

  /** Puts a future where others find it. Returns its place, or 0 if they cannot know it. */
  #write(future: Future): number {
    const shared: Future = [];
    for (const event of eventsOf(future)) {
      const number = this.#sharedOf(event);
      if (number === undefined) return 0;
      add(shared, number);
    }
    // The first word is how many are used.
    const length = shared.length + 1;
    if ((this.futures[0] ?? 0) + length >= this.futures.length) return 0;
    const place = Atomics.add(this.futures, 0, length) + 1;
    if (place + length > this.futures.length) return 0;
    this.futures.set([shared.length, ...shared], place);
    return place;
  }

  #read(place: number): Future {
    if (place === 0) return this.races.unknown;
    const length = this.futures[place] ?? 0;
    const future: Future = [];
    for (const event of eventsOf(this.futures.subarray(place + 1, place + 1 + length)))
      add(future, this.#ownOf(event));
    return future;
  }

  #sharedOf(event: number): number | undefined {
    const known = this.#shared[event];
    if (known !== undefined) return known;
    const { actor, footprint } = this.races.of(event);
    if (footprint === undefined) return undefined;
    const packed = footprint.pack((id) => this.resources.name(id));
    const place = this.log.add(JSON.stringify({ actor, footprint: packed } satisfies Event));
    if (place === undefined) return undefined;
    this.#shared[event] = place + 1;
    return place + 1;
  }

  #ownOf(shared: number): number {
    const known = this.#own[shared];
    if (known !== undefined) return known;
    const { actor, footprint } = eventOf(JSON.parse(this.log.at(shared - 1)));
    const event = this.races.event(
      actor,
      Footprint.unpack(footprint, (name) => this.resources.id(name)),
    );
    this.#own[shared] = event;
    this.#shared[event] ??= shared;
    return event;
  }
}

interface Event {
  readonly actor: number;
  readonly footprint: PackedFootprint;
}

// What `#sharedOf` wrote.
function eventOf(written: unknown): Event;
function eventOf(written: unknown): unknown {
  return written;
}

function highOf(state: number): number {
  return Math.floor(state / 2 ** 32);
}

function* eventsOf(future: ArrayLike<number>): Generator<number> {
  for (let word = 0; word < future.length; word += 1)
    for (let bits = future[word] ?? 0; bits !== 0; bits &= bits - 1)
      yield 32 * word + 31 - Math.clz32(bits & -bits);
}
