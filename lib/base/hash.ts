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
    for (let i = 0; i < text.length; i += 1) this.#mix(text.charCodeAt(i));
    return this;
  }

  /** Adds bytes with their number. */
  addBytes(bytes: Uint8Array): this {
    this.#mix(bytes.length ^ 0x27d4eb2f);
    const words = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0;
    const view = words > 0 ? new Int32Array(bytes.buffer, bytes.byteOffset, words) : undefined;
    for (let i = 0; view !== undefined && i < words; i += 1) this.#mix(view[i] ?? 0);
    for (let i = words * 4; i < bytes.length; i += 1) this.#mix(bytes[i] ?? 0);
    return this;
  }

  #mix(word: number): void {
    this.#a = Math.imul((this.#a << 13) | (this.#a >>> 19), 5) + Math.imul(word, 0x85ebca6b);
    this.#a ^= this.#a >>> 16;
    this.#b = Math.imul(this.#b ^ word, 0x01000193) ^ (this.#b >>> 17);
    this.#b = Math.imul(this.#b, 0x9e3779b1);
  }
}
