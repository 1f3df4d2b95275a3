/**
 * Which steps race with which: what a state leads to, as a set of events, and whether another order can matter.
 *
 * After a step t was explored, everything that can still happen is known: its future. If an actor has no event in it that
 * conflicts with t, then whatever that actor does before t leaves t as it is, so trying t first is enough. If it has one,
 * the actor must be tried before t as well. This is dynamic partial-order reduction (Flanagan and Godefroid, POPL 2005) with
 * the futures of visited states kept, as stateful searches need it (Yang, Chen, Gopalakrishnan and Kirby, SPIN 2008).
 */
import type { Footprint } from '../footprint.ts';

/** A set of events, as bits. */
export type Future = number[];

/** The event of which only its being possible is known: it conflicts with everything. */
const UNKNOWN = 0;

/** All events of a search: an actor and what one of its steps touches. */
export class Races {
  readonly #ids = new Map<string, number>();
  readonly #actors: number[] = [-1];
  readonly #footprints: (Footprint | undefined)[] = [undefined];
  /** For each event those that are known to conflict with it, and up to which event that is known. */
  readonly #rows: Future[] = [[]];
  readonly #known: number[] = [0];

  /** A future in which anything may happen. */
  get unknown(): Future {
    return add([], UNKNOWN);
  }

  /** The number of an event. */
  event(actor: number, footprint: Footprint): number {
    const key = `${String(actor)}:${footprint.text}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#actors.length;
      this.#ids.set(key, id);
      this.#actors.push(actor);
      this.#footprints.push(footprint);
      this.#rows.push([]);
      this.#known.push(0);
    }
    return id;
  }

  /** The actor of an event, and what its step touches; `undefined` if that is not known. */
  of(event: number): { readonly actor: number; readonly footprint: Footprint | undefined } {
    return { actor: this.#actors[event] ?? -1, footprint: this.#footprints[event] };
  }

  /** The actors that have an event in a future that conflicts with one; `undefined` if it may be any. */
  racing(event: number, future: Future): ReadonlySet<number> | undefined {
    if (has(future, UNKNOWN) || this.#footprints[event]?.everything === true) return undefined;
    const row = this.#row(event);
    const found = new Set<number>();
    for (let word = 0; word < future.length; word += 1) {
      let bits = (future[word] ?? 0) & (row[word] ?? 0);
      for (; bits !== 0; bits &= bits - 1) {
        const actor = this.#actors[32 * word + 31 - Math.clz32(bits & -bits)];
        if (actor !== undefined) found.add(actor);
      }
    }
    return found;
  }

  #row(event: number): Future {
    const row = this.#rows[event] ?? [];
    const mine = this.#footprints[event];
    for (let other = this.#known[event] ?? 0; other < this.#actors.length; other += 1) {
      const theirs = this.#footprints[other];
      if (mine === undefined || theirs === undefined || mine.conflicts(theirs)) add(row, other);
    }
    this.#known[event] = this.#actors.length;
    return row;
  }
}

/** Adds an event to a future. */
export function add(future: Future, event: number): Future {
  const word = event >>> 5;
  while (future.length <= word) future.push(0);
  future[word] = (future[word] ?? 0) | (1 << (event & 31));
  return future;
}

/** Adds all events of a future to another. */
export function addAll(future: Future, other: Future): Future {
  for (let word = 0; word < other.length; word += 1) future[word] = (future[word] ?? 0) | (other[word] ?? 0);
  return future;
}

function has(future: Future, event: number): boolean {
  return ((future[event >>> 5] ?? 0) & (1 << (event & 31))) !== 0;
}
