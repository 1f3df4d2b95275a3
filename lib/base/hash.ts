/**
 * A running hash of 53 bits, for state keys: two independent 32-bit streams.
 *
 * Two different states meet in one key with a probability of about n² / 2^54; for a million states
 * that is one in ten thousand.
 */

/** A hash that values are added to. */
export class Hash {
  #a = 0x2545f491;
  #b = 0x1b873593;

  /** The hash of all values added so far, as an integer below 2^53. */
  get value(): number {
    const a = this.#a ^ (this.#a >>> 15);
    const b = this.#b ^ (this.#b >>> 13);
    return (a >>> 0) * 2 ** 21 + (b >>> 11);
  }

  /** Resets the hash. */
  reset(): this {
    this.#a = 0x2545f491;
    this.#b = 0x1b873593;
    return this;
  }

  /** Makes it what another hash is. */
  copy(other: Hash): this {
    this.#a = other.#a;
    this.#b = other.#b;
    return this;
  }

  /** Adds a number: an integer below 2^53 exactly, any other by its text. */
  add(n: number): this {
    if (!Number.isSafeInteger(n)) return this.addText(String(n));
    this.#mix(n | 0);
    if (n !== (n | 0)) this.#mix(Math.floor(n / 2 ** 32) | 0);
    return this;
  }

  addText(text: string): this {
    this.#mix(text.length ^ 0x5bd1e995);
    let [a, b] = [this.#a, this.#b];
    for (let i = 0; i < text.length; i += 1) {
      const word = text.charCodeAt(i);
      a = mixedIntoA(a, word);
      b = mixedIntoB(b, word);
    }
    this.#a = a;
    this.#b = b;
    return this;
  }

  /** Adds bytes with their number. */
  addBytes(bytes: Uint8Array): this {
    this.#mix(bytes.length ^ 0x27d4eb2f);
    const words = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0;
    if (words > 0) this.#addList(new Int32Array(bytes.buffer, bytes.byteOffset, words));
    return words * 4 === bytes.length ? this : this.#addList(bytes.subarray(words * 4));
  }

  // Most of a page is zeros; of a run of them only the length is mixed in, behind one zero.
  #addList(list: Int32Array | Uint8Array): this {
    let [a, b] = [this.#a, this.#b];
    for (let i = 0; i < list.length;) {
      const from = i;
      while (i < list.length && list[i] === 0) i += 1;
      if (i > from) {
        a = mixedIntoA(mixedIntoA(a, 0), i - from);
        b = mixedIntoB(mixedIntoB(b, 0), i - from);
      }
      for (; i < list.length; i += 1) {
        const word = list[i] ?? 0;
        if (word === 0) break;
        a = mixedIntoA(a, word);
        b = mixedIntoB(b, word);
      }
    }
    this.#a = a;
    this.#b = b;
    return this;
  }

  #mix(word: number): void {
    this.#a = mixedIntoA(this.#a, word);
    this.#b = mixedIntoB(this.#b, word);
  }
}

function mixedIntoA(before: number, word: number): number {
  const a = (Math.imul((before << 13) | (before >>> 19), 5) + Math.imul(word, 0x85ebca6b)) | 0;
  return a ^ (a >>> 16);
}

function mixedIntoB(before: number, word: number): number {
  return Math.imul(Math.imul(before ^ word, 0x01000193) ^ (before >>> 17), 0x9e3779b1);
}
