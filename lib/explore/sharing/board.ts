/**
 * Memory by which the threads of one search tell one another where they are, how much they did, and what came of it.
 *
 * Who is where is only a hint, so two places may share a counter.
 */
import { Hash } from '../../base/hash.ts';
import type { Choice } from '../choice.ts';
import { readText, writeText } from './shared-text.ts';

/** A thread each, and some that came later. */
const MOST_MEMBERS = 1024;
const PLACES = 2 ** 16;
const STARTS = 2 ** 18;
const ACTORS = 2 ** 10;
const TAGS = 2 ** 20;
const TEXT_UNITS = 2 ** 19;

/** Words: for each of two texts whether it is there and its length; how many members there are. */
const VERDICT = 0;
const GAP = 2;
const MEMBERS = 4;
const HEADER = 6;
const WRITING = 1;
const WRITTEN = 2;
const NUMBERS = 4;

/** Where in the memory what begins. */
const NUMBERS_AT = 4 * HEADER;
const PLACES_AT = NUMBERS_AT + 8 * NUMBERS * MOST_MEMBERS;
const TEXTS_AT = PLACES_AT + 4 * PLACES;
const STARTS_AT = TEXTS_AT + 2 * 2 * TEXT_UNITS;

/** What the members did in all. */
export interface Work {
  readonly schedules: number;
  readonly steps: number;
  readonly states: number;
  readonly pruned: number;
}

/** Makes the memory of a board. */
export function boardMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(STARTS_AT + 4 * STARTS);
}

/** The board, as one thread uses it. */
export class Board {
  private readonly header: Int32Array;
  private readonly numbers: Float64Array;
  private readonly places: Int32Array;
  private readonly texts: Uint16Array;
  private readonly starts: Int32Array;
  readonly #hash = new Hash();
  #member: number | undefined = undefined;

  constructor(memory: SharedArrayBuffer = boardMemory()) {
    this.header = new Int32Array(memory, 0, HEADER);
    this.numbers = new Float64Array(memory, NUMBERS_AT, NUMBERS * MOST_MEMBERS);
    this.places = new Int32Array(memory, PLACES_AT, PLACES);
    this.texts = new Uint16Array(memory, TEXTS_AT, 2 * TEXT_UNITS);
    this.starts = new Int32Array(memory, STARTS_AT, STARTS);
  }

  /** What came of the search, once one member knows it. */
  get verdict(): string | undefined {
    return this.#text(VERDICT);
  }

  /** Ends the search for all; only the first verdict counts. */
  decide(verdict: string): void {
    this.#write(VERDICT, verdict);
  }

  /** Whether the search is over for all. */
  get isDecided(): boolean {
    return Atomics.load(this.header, VERDICT) !== 0;
  }

  /** Why some schedule could not be explored to its end. */
  get gap(): string | undefined {
    return this.#text(GAP);
  }

  set gap(why: string) {
    this.#write(GAP, why);
  }

  #text(cell: number): string | undefined {
    if (Atomics.load(this.header, cell) !== WRITTEN) return undefined;
    return readText(this.texts, (cell / GAP) * TEXT_UNITS, this.header[cell + 1] ?? 0);
  }

  #write(cell: number, text: string): void {
    if (Atomics.compareExchange(this.header, cell, 0, WRITING) !== 0) return;
    const from = (cell / GAP) * TEXT_UNITS;
    this.header[cell + 1] = writeText(this.texts.subarray(from, from + TEXT_UNITS), 0, text);
    Atomics.store(this.header, cell, WRITTEN);
  }

  /** Says what this member did so far. */
  did({ schedules, steps, states, pruned }: Work): void {
    this.#member ??= Atomics.add(this.header, MEMBERS, 1) % MOST_MEMBERS;
    this.numbers.set([schedules, steps, states, pruned], NUMBERS * this.#member);
  }

  /** What all members did. */
  get work(): Work {
    const sum = [0, 0, 0, 0];
    const members = Math.min(MOST_MEMBERS, Atomics.load(this.header, MEMBERS));
    for (let i = 0; i < NUMBERS * members; i += 1)
      sum[i % NUMBERS] = (sum[i % NUMBERS] ?? 0) + (this.numbers[i] ?? 0);
    const [schedules = 0, steps = 0, states = 0, pruned = 0] = sum;
    return { schedules, steps, states, pruned };
  }

  /** This member is at a place now: where something was chosen. */
  enter(place: number, choice: Choice): void {
    Atomics.add(this.places, this.#at(place, choice), 1);
  }

  /** It is no longer there. */
  leave(place: number, choice: Choice): void {
    Atomics.sub(this.places, this.#at(place, choice), 1);
  }

  /** How many members are there. */
  at(place: number, choice: Choice): number {
    return Atomics.load(this.places, this.#at(place, choice));
  }

  /** Notes which actor a member tries first in a state. */
  begins(state: number, actor: number): void {
    this.starts[state % STARTS] = this.#tagOf(state) * ACTORS + (actor % ACTORS) + 1;
  }

  /** The actor that a member tried first in a state, as far as that is still noted. */
  firstIn(state: number): number | undefined {
    const actor = (this.starts[state % STARTS] ?? 0) - 1 - this.#tagOf(state) * ACTORS;
    return actor >= 0 && actor < ACTORS ? actor : undefined;
  }

  #tagOf(state: number): number {
    return Math.floor(state / STARTS) % TAGS;
  }

  #at(place: number, choice: Choice): number {
    return this.#hash.reset().add(place).add(choice).value % PLACES;
  }
}
