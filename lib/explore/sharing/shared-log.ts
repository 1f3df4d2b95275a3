/**
 * A list of texts in shared memory, to which every thread adds: what one has added, all number in the same way.
 */
import { readText, writeText } from './shared-text.ts';

const LOCK = 0;
const COUNT = 1;
const USED = 2;
const HEADER = 3;
/** Units before each text: its length, in two parts. */
const LENGTH = 2;

/** Makes the memory of a list for texts of so many characters; memory is used as they come. */
export function sharedLogMemory(characters: number): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * HEADER + 2 * characters);
}

/** The list, as one thread uses it. */
export class SharedLog {
  private readonly header: Int32Array;
  private readonly units: Uint16Array;
  readonly #texts: string[] = [];
  readonly #places = new Map<string, number>();
  #read = 0;

  constructor(memory: SharedArrayBuffer) {
    this.header = new Int32Array(memory, 0, HEADER);
    this.units = new Uint16Array(memory, 4 * HEADER);
  }

  /** The place of a text, which is added if it is new; `undefined` if there is no room. */
  add(text: string): number | undefined {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    while (Atomics.compareExchange(this.header, LOCK, 0, 1) !== 0);
    this.#learn();
    const place = this.#places.get(text) ?? this.#write(text);
    Atomics.store(this.header, LOCK, 0);
    return place;
  }

  /** The text of a place that another thread told. */
  at(place: number): string {
    if (place >= this.#texts.length) this.#learn();
    return this.#texts[place] ?? '';
  }

  #write(text: string): number | undefined {
    const used = this.header[USED] ?? 0;
    if (used + LENGTH + text.length > this.units.length) return undefined;
    this.units.set([text.length & 0xffff, text.length >>> 16], used);
    writeText(this.units, used + LENGTH, text);
    this.header[USED] = used + LENGTH + text.length;
    // Others look at the number first.
    const place = Atomics.add(this.header, COUNT, 1);
    this.#learn();
    return place;
  }

  #learn(): void {
    const count = Atomics.load(this.header, COUNT);
    while (this.#texts.length < count) {
      const length = (this.units[this.#read] ?? 0) + 2 ** 16 * (this.units[this.#read + 1] ?? 0);
      const text = readText(this.units, this.#read + LENGTH, length);
      this.#places.set(text, this.#texts.length);
      this.#texts.push(text);
      this.#read += LENGTH + length;
    }
  }
}
