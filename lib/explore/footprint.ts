/**
 * What one step touched: two steps whose footprints do not conflict can change places, and no program
 * can tell.
 *
 * A resource is a numbered thing (a lock, a queue, a CPU, the kmap pool); a range is bytes of physical
 * memory.
 */

/** A footprint as plain data, with the names of resources. */
export interface PackedFootprint {
  readonly everything: boolean;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly ranges: readonly number[];
}

/** Reads and writes of one step. The lists are short, so that looking through them is faster than sets would be. */
export class Footprint {
  /** It did something that is not tracked: it conflicts with everything. */
  everything = false;
  readonly #reads: number[] = [];
  readonly #writes: number[] = [];
  /** From, to, and 1 for a write; three numbers a range. */
  readonly #ranges: number[] = [];

  read(resource: number): void {
    if (!this.#reads.includes(resource)) this.#reads.push(resource);
  }

  write(resource: number): void {
    if (!this.#writes.includes(resource)) this.#writes.push(resource);
  }

  /** Bytes of physical memory from `from` up to `to`. */
  range(from: number, to: number, isWrite: boolean): void {
    const ranges = this.#ranges;
    const write = isWrite ? 1 : 0;
    for (let i = 0; i < ranges.length; i += 3)
      if (ranges[i] === from && ranges[i + 1] === to && ranges[i + 2] === write) return;
    ranges.push(from, to, write);
  }

  /** Adds all that another touched. */
  merge(other: Footprint): void {
    this.everything ||= other.everything;
    for (const resource of other.#reads) this.read(resource);
    for (const resource of other.#writes) this.write(resource);
    const ranges = other.#ranges;
    for (let i = 0; i < ranges.length; i += 3)
      this.range(at(ranges, i), at(ranges, i + 1), ranges[i + 2] === 1);
  }

  /** The footprint as plain data. */
  pack(name: (resource: number) => string): PackedFootprint {
    return {
      everything: this.everything,
      reads: this.#reads.map(name),
      writes: this.#writes.map(name),
      ranges: [...this.#ranges],
    };
  }

  /** The footprint that plain data describes. */
  static unpack(
    { everything, reads, writes, ranges }: PackedFootprint,
    id: (name: string) => number,
  ): Footprint {
    const footprint = new Footprint();
    footprint.everything = everything;
    for (const name of reads) footprint.read(id(name));
    for (const name of writes) footprint.write(id(name));
    footprint.#ranges.push(...ranges);
    return footprint;
  }

  /** The same text for the same reads and writes, in whatever order they came. */
  get text(): string {
    if (this.everything) return '*';
    const numbers = (list: readonly number[]): string => [...list].sort((a, b) => a - b).join(',');
    const ranges: string[] = [];
    for (let i = 0; i < this.#ranges.length; i += 3) ranges.push(this.#ranges.slice(i, i + 3).join('-'));
    return [numbers(this.#reads), numbers(this.#writes), ranges.sort().join(',')].join(';');
  }

  /** Whether it reads or writes what another wrote, apart from resources that are left out. */
  touches(written: Footprint, isLeftOut: (resource: number) => boolean): boolean {
    for (const resource of written.#writes) if (!isLeftOut(resource) && this.#has(resource)) return true;
    const mine = this.#ranges;
    const theirs = written.#ranges;
    for (let j = 0; j < theirs.length; j += 3) {
      if (theirs[j + 2] !== 1) continue;
      for (let i = 0; i < mine.length; i += 3)
        if (at(mine, i) < at(theirs, j + 1) && at(theirs, j) < at(mine, i + 1)) return true;
    }
    return false;
  }

  /** Whether the order of two steps may matter. */
  conflicts(other: Footprint): boolean {
    if (this.everything || other.everything) return true;
    return this.#writesMeet(other) || other.#writesMeet(this) || this.#rangesMeet(other);
  }

  #has(resource: number): boolean {
    return this.#reads.includes(resource) || this.#writes.includes(resource);
  }

  #writesMeet(other: Footprint): boolean {
    for (const resource of this.#writes) if (other.#has(resource)) return true;
    return false;
  }

  #rangesMeet(other: Footprint): boolean {
    const mine = this.#ranges;
    const theirs = other.#ranges;
    for (let i = 0; i < mine.length; i += 3) {
      for (let j = 0; j < theirs.length; j += 3) {
        const write = mine[i + 2] === 1 || theirs[j + 2] === 1;
        if (write && at(mine, i) < at(theirs, j + 1) && at(theirs, j) < at(mine, i + 1)) return true;
      }
    }
    return false;
  }
}

function at(list: readonly number[], index: number): number {
  return list[index] ?? 0;
}
