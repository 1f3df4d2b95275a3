/**
 * Shared objects that no property tells about: arrays of numbers, maps, sets, dates. What changed in a step is found by
 * comparing.
 */
import { Hash } from '../base/hash.ts';
import type { Write } from './memory-writes.ts';
import { isNumbers } from './mismatch.ts';
import { addStructure, isPlain } from './structure.ts';
import { valueText } from './value-text.ts';

interface Known {
  readonly place: string;
  hash: number;
  /** Of an array of numbers: its elements, and the last writer of each. */
  elements: ArrayLike<number> | undefined;
  readonly writers: Map<number, Write>;
  last: Write | undefined;
}

/** Values looked at in search of such objects; what lies behind is not told by name. */
const MOST_VALUES = 10_000;

function isFollowed(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof Date ||
    value instanceof ArrayBuffer
  );
}

/** The objects of one execution. */
export class SharedObjects {
  private readonly root: object;
  readonly #known = new Map<object, Known>();
  readonly #hash = new Hash();
  #searches = true;

  constructor(root: object) {
    this.root = root;
  }

  /** A property was written, so there may be a new object. */
  mayHaveNew(): void {
    this.#searches = true;
  }

  /** Who changed an object last. */
  writerOf(value: object): Write | undefined {
    return this.#known.get(value)?.last;
  }

  /** Who changed an element of an array of numbers last. */
  writerIn(array: object, index: number): Write | undefined {
    return this.#known.get(array)?.writers.get(index);
  }

  /** The elements of an array of numbers that were changed, in order. */
  writtenIn(array: object): readonly number[] {
    return [...(this.#known.get(array)?.writers.keys() ?? [])].sort((a, b) => a - b);
  }

  /** Finds what has changed since the last time. */
  settle(write: Write, changed: (place: string, value: string) => void): void {
    if (this.#searches) this.#search();
    for (const [value, known] of this.#known) {
      const hash = addStructure(this.#hash.reset(), value).value;
      if (hash === known.hash) continue;
      known.hash = hash;
      known.last = write;
      const at = this.#elements(value, known, write);
      changed(at === undefined ? known.place : `${known.place}[${String(at)}]`, valueAt(value, at));
    }
  }

  /** Notes the elements that changed; returns the index of the one that did, if there is one only. */
  #elements(value: object, known: Known, write: Write): number | undefined {
    if (!isNumbers(value) || known.elements === undefined) return undefined;
    let only: number | undefined;
    let count = 0;
    for (let i = 0; i < value.length; i += 1) {
      if (value[i] === known.elements[i]) continue;
      known.writers.set(i, write);
      count += 1;
      only = i;
    }
    known.elements = value.slice();
    return count === 1 ? only : undefined;
  }

  #search(): void {
    this.#searches = false;
    const open: (readonly [value: unknown, place: string])[] = [[this.root, '']];
    const met = new Set<object>();
    while (met.size < MOST_VALUES) {
      const [value, place] = open.pop() ?? [undefined, undefined];
      if (place === undefined) return;
      if (typeof value !== 'object' || value === null || met.has(value)) continue;
      met.add(value);
      if (isPlain(value)) {
        for (const key of Object.keys(value).slice(0, MOST_VALUES)) {
          const held: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
          if (typeof held === 'object') open.push([held, `${place}.${key}`]);
        }
      } else if (isFollowed(value) && !this.#known.has(value)) this.#add(value, place);
    }
  }

  #add(value: object, place: string): void {
    this.#known.set(value, {
      place,
      hash: addStructure(this.#hash.reset(), value).value,
      elements: isNumbers(value) ? value.slice() : undefined,
      writers: new Map(),
      last: undefined,
    });
  }
}

function valueAt(value: object, at: number | undefined): string {
  return valueText(at !== undefined && isNumbers(value) ? value[at] : value);
}
