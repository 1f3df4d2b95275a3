/** A set of blocks of the disk: a bit for each. */

/** Consecutive blocks. */
export interface BlockRun {
  readonly first: number;
  readonly count: number;
}

/** A set of some of the blocks of a disk. */
export class BlockSet {
  readonly #bits: Uint8Array;

  constructor(blocks: number) {
    this.#bits = new Uint8Array(Math.ceil(blocks / 8));
  }

  has(block: number): boolean {
    return ((this.#bits[Math.floor(block / 8)] ?? 0) & (1 << (block % 8))) !== 0;
  }

  add(first: number, count: number): void {
    this.#fill(first, count, 0xff);
  }

  delete(first: number, count: number): void {
    this.#fill(first, count, 0);
  }

  addAll(other: BlockSet): void {
    for (const [i, bits] of other.#bits.entries()) {
      if (bits !== 0) this.#bits[i] = (this.#bits[i] ?? 0) | bits;
    }
  }

  #fill(first: number, count: number, value: 0 | 0xff): void {
    const end = first + count;
    // Single bits up to a whole byte, then whole bytes, then the bits that are left.
    const from = Math.min(Math.ceil(first / 8) * 8, end);
    const to = Math.max(Math.floor(end / 8) * 8, from);
    for (let block = first; block < from; block += 1) this.#set(block, value);
    this.#bits.fill(value, from / 8, to / 8);
    for (let block = to; block < end; block += 1) this.#set(block, value);
  }

  #set(block: number, value: 0 | 0xff): void {
    const i = Math.floor(block / 8);
    const bit = 1 << (block % 8);
    const bits = this.#bits[i] ?? 0;
    this.#bits[i] = value === 0 ? bits & ~bit : bits | bit;
  }

  /** Runs of blocks in their order, each no longer than `most`. */
  *runs(most: number): Generator<BlockRun> {
    const end = this.#bits.length * 8;
    let first = -1;
    for (let block = 0; block < end; block += 1) {
      if (block % 8 === 0 && first < 0 && this.#bits[Math.floor(block / 8)] === 0) {
        block += 7;
        continue;
      }
      if (first >= 0 && (!this.has(block) || block - first === most)) {
        yield { first, count: block - first };
        first = -1;
      }
      if (first < 0 && this.has(block)) first = block;
    }
    if (first >= 0) yield { first, count: end - first };
  }
}
