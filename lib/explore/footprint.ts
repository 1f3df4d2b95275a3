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

/** A list up to this length is looked through, which is faster than a set; a longer one has a set beside it. */
const SHORT = 32;
/** From this many ranges on, those that meet are joined. */
const MANY_RANGES = 256;
/** More than so many ranges that do not meet are taken for all the bytes between them. */
const MOST_RANGES = 1024;

/** Different numbers in the order in which they came. */
class Numbers {
  readonly list: number[] = [];
  #set: Set<number> | undefined = undefined;

  has(value: number): boolean {
    return this.#set === undefined ? this.list.includes(value) : this.#set.has(value);
  }

  add(value: number): void {
    if (this.has(value)) return;
    this.list.push(value);
    if (this.#set !== undefined) this.#set.add(value);
    else if (this.list.length > SHORT) this.#set = new Set(this.list);
  }
}

/** Reads and writes of one step. */
export class Footprint {
  /** It did something that is not tracked: it conflicts with everything. */
  everything = false;
  readonly #reads = new Numbers();
  readonly #writes = new Numbers();
  /** From, to, and 1 for a write; three numbers a range. */
  #ranges: number[] = [];
  #joinAt = 3 * MANY_RANGES;

  read(resource: number): void {
    this.#reads.add(resource);
  }

  write(resource: number): void {
    this.#writes.add(resource);
  }

  /** Bytes of physical memory from `from` up to `to`. */
  range(from: number, to: number, isWrite: boolean): void {
    const ranges = this.#ranges;
    const write = isWrite ? 1 : 0;
    for (let i = Math.max(0, ranges.length - 3 * SHORT); i < ranges.length; i += 3)
      if (ranges[i] === from && ranges[i + 1] === to && ranges[i + 2] === write) return;
    ranges.push(from, to, write);
    if (ranges.length >= this.#joinAt) this.#join();
  }

  // A loop over bytes touches as many ranges as bytes, and they are compared pair by pair.
  #join(): void {
    const all = [...joined(this.#ranges, 0), ...joined(this.#ranges, 1)];
    this.#ranges = all;
    this.#joinAt = Math.max(3 * MANY_RANGES, 2 * all.length);
  }

  /** Adds all that another touched. */
  merge(other: Footprint): void {
    this.everything ||= other.everything;
    for (const resource of other.#reads.list) this.read(resource);
    for (const resource of other.#writes.list) this.write(resource);
    const ranges = other.#ranges;
    for (let i = 0; i < ranges.length; i += 3)
      this.range(at(ranges, i), at(ranges, i + 1), ranges[i + 2] === 1);
  }

  /** The footprint as plain data. */
  pack(name: (resource: number) => string): PackedFootprint {
    return {
      everything: this.everything,
      reads: this.#reads.list.map(name),
      writes: this.#writes.list.map(name),
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
    const ranges: string[] = [];
    for (let i = 0; i < this.#ranges.length; i += 3) ranges.push(this.#ranges.slice(i, i + 3).join('-'));
    return [sorted(this.#reads.list), sorted(this.#writes.list), ranges.sort().join(',')].join(';');
  }

  /** Whether it writes nothing but resources that are left out. */
  onlyReads(isLeftOut: (resource: number) => boolean): boolean {
    if (this.everything || !this.#writes.list.every(isLeftOut)) return false;
    for (let i = 2; i < this.#ranges.length; i += 3) if (this.#ranges[i] === 1) return false;
    return true;
  }

  /** Whether it reads or writes a resource. */
  has(resource: number): boolean {
    return this.#reads.has(resource) || this.#writes.has(resource);
  }

  /** Whether it reads or writes what another wrote, apart from resources that are left out. */
  touches(written: Footprint, isLeftOut: (resource: number) => boolean): boolean {
    for (const resource of written.#writes.list) if (!isLeftOut(resource) && this.has(resource)) return true;
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

  #writesMeet(other: Footprint): boolean {
    for (const resource of this.#writes.list) if (other.has(resource)) return true;
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

function sorted(numbers: readonly number[]): string {
  return [...numbers].sort((a, b) => a - b).join(',');
}

/** The reads or the writes among ranges, with those joined that meet. */
function joined(ranges: readonly number[], write: number): readonly number[] {
  const some: (readonly [from: number, to: number])[] = [];
  for (let i = 0; i < ranges.length; i += 3)
    if (ranges[i + 2] === write) some.push([at(ranges, i), at(ranges, i + 1)]);
  some.sort((a, b) => a[0] - b[0]);
  const result: number[] = [];
  const gap = some.length > MOST_RANGES && apart(some) > MOST_RANGES ? Infinity : 0;
  for (const [from, to] of some) {
    const last = result.length - 2;
    if (last >= 0 && from <= at(result, last) + gap) result[last] = Math.max(at(result, last), to);
    else result.push(from, to, write);
  }
  return result;
}

/** How many ranges are left when those that meet are joined. */
function apart(sorted: readonly (readonly [from: number, to: number])[]): number {
  let count = 0;
  let end = -1;
  for (const [from, to] of sorted) {
    if (from > end) count += 1;
    end = Math.max(end, to);
  }
  return count;
}

function at(list: readonly number[], index: number): number {
  return list[index] ?? 0;
}
