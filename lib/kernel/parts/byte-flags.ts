/**
 * One flag for each byte of a range. It uses memory for each byte only while not all flags are equal.
 */

/** 0 or 1. */
export type Flag = 0 | 1;

/** The flags of a range of bytes. */
export class ByteFlags {
  readonly length: number;
  private all: Flag;
  /** The single flags, while not all are equal. */
  #each: Uint8Array | undefined = undefined;

  constructor(length: number, flag: Flag) {
    this.length = length;
    this.all = flag;
  }

  /** Sets the flag of every byte of a range. */
  fill(flag: Flag, from: number, length: number): void {
    if (from <= 0 && from + length >= this.length) {
      this.all = flag;
      this.#each = undefined;
      return;
    }
    if (this.#each === undefined && this.all === flag) return;
    this.#each ??= new Uint8Array(this.length).fill(this.all);
    this.#each.fill(flag, from, from + length);
  }

  /** Whether any byte of a range has the flag. */
  has(flag: Flag, from: number, length: number): boolean {
    return this.first(flag, from, length) >= 0;
  }

  /** The first byte of a range that has the flag; -1 if none has it. */
  first(flag: Flag, from: number, length: number): number {
    if (this.#each === undefined) return length > 0 && this.all === flag ? from : -1;
    const at = this.#each.subarray(from, from + length).indexOf(flag);
    return at < 0 ? -1 : from + at;
  }
}
