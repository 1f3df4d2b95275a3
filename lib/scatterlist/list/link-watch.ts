/**
 * What keeps a walk over a list from going round for ever: a list whose links lead back has no end.
 */
import type { MemoryKind } from '../../machine/memory.ts';
import { sgNext } from './entry.ts';
import type { SgArray, SgEntry } from './sg-array.ts';
import { report } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';

/**
 * Entries that a count may still lead over where the links have led back. Rings are used in Linux, and walked by
 * a count; a count beyond this is none of entries that exist.
 */
export const MOST_AROUND: number = 2 ** 20;

/** No count of entries is greater. */
const MOST_COUNTED = 2 ** 32;

/** Slots of one array that a walk has passed: from the one where it came in, up to the link behind. */
interface Passed {
  readonly from: number;
  readonly link: number;
  /** Entries of the walk before the first of them. */
  readonly before: number;
}

/**
 * The links that one walk follows. It costs nothing for an entry nor, where a count of usual size ends the walk, for a
 * link.
 */
export class LinkWatch {
  /** Whether the walk was ended because the list has no end. */
  isEndless = false;
  /** Entries up to the link that leads back, of a list that has no end. */
  entries = 0;
  private readonly how: SgOptions;
  private readonly without: 'throw' | 'end';
  private array: SgArray | undefined;
  private from: number;
  private passed: Map<SgArray, Passed[]> | undefined = undefined;

  /** `without`: what a list that has no end does to a walk without a machine to tell. */
  constructor(sgl: SgEntry | null, how: SgOptions, without: 'throw' | 'end' = 'throw') {
    this.array = sgl?.array;
    this.from = sgl?.slot ?? 0;
    this.how = how;
    this.without = without;
  }

  /**
   * The next entry, as `sgNext`, for a walk that `left` more entries would end; nothing where the links lead
   * back and nothing would end it, which is reported.
   */
  next<K extends MemoryKind>(sg: SgEntry<K>, left: number): SgEntry<K> | null {
    const next = sgNext(sg);
    if (next === null || (next.array === sg.array && next.slot === sg.slot + 1)) return next;
    return this.mayFollow(sg.slot + 1, next, left) ? next : null;
  }

  /** Whether a walk may follow the link at a slot of the array that it is in. */
  mayFollow(link: number, to: SgEntry, left: number): boolean {
    const { array, from } = this;
    // A count that ends the walk soon needs no watching, nor will it further on.
    if (left <= MOST_AROUND || array === undefined) return true;
    const passed = (this.passed ??= new Map<SgArray, Passed[]>());
    const before = this.entries;
    const here = { from, link, before };
    const known = passed.get(array);
    if (known === undefined) passed.set(array, [here]);
    else known.push(here);
    this.entries = before + link - from;
    const circle = passed.get(to.array)?.find((range) => to.slot >= range.from && to.slot < range.link);
    if (circle !== undefined) {
      this.isEndless = true;
      this.report(circle.before + to.slot - circle.from, left);
      return false;
    }
    this.array = to.array;
    this.from = to.slot;
    return true;
  }

  private report(leadsTo: number, left: number): void {
    const end = left > MOST_COUNTED ? 'no count ends the walk' : `${String(left)} more are asked for`;
    const what = `the link behind entry ${String(this.entries - 1)} leads back to entry ${String(leadsTo)}, and ${end}`;
    if (this.how.machine === undefined && this.without === 'throw')
      throw new RangeError(`a list that does not end: ${what}`);
    report(this.how, 'sg-endless-list', what);
  }
}
