/**
 * Detects a list whose links lead back, so that a walk over it ends.
 */
import type { MemoryKind } from '../../machine/memory.ts';
import { sgNext } from './entry.ts';
import type { SgArray, SgEntry } from './sg-array.ts';
import { report } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';

/**
 * The greatest number of entries that a walk by a count may still visit after a link that leads back. Linux uses rings
 * and walks them by a count, but a greater count cannot be a count of real entries.
 */
export const MOST_AROUND: number = 2 ** 20;

/** The greatest count of entries. */
const MOST_COUNTED = 2 ** 32;

/** The slots of one array that a walk has visited: from the first one up to the link. */
interface Passed {
  readonly from: number;
  readonly link: number;
  /** The number of entries that the walk visited before them. */
  readonly before: number;
}

/**
 * The links that one walk follows. This costs no time for an entry, and none for a link if a count of usual size ends
 * the walk.
 */
export class LinkWatch {
  /** Whether the walk was stopped because the list has no end. */
  isEndless = false;
  /** For a list that has no end: the number of entries up to the link that leads back. */
  entries = 0;
  private readonly how: SgOptions;
  private readonly without: 'throw' | 'end';
  private array: SgArray | undefined;
  private from: number;
  private passed: Map<SgArray, Passed[]> | undefined = undefined;

  /** `without`: what happens to a walk over an endless list if there is no machine to report to. */
  constructor(sgl: SgEntry | null, how: SgOptions, without: 'throw' | 'end' = 'throw') {
    this.array = sgl?.array;
    this.from = sgl?.slot ?? 0;
    this.how = how;
    this.without = without;
  }

  /**
   * The next entry, as `sgNext`, for a walk that ends after `left` more entries. If the links lead back and the count
   * would not end the walk, that is reported and `undefined` is returned.
   */
  next<K extends MemoryKind>(sg: SgEntry<K>, left: number): SgEntry<K> | null {
    const next = sgNext(sg);
    if (next === null || (next.array === sg.array && next.slot === sg.slot + 1)) return next;
    return this.mayFollow(sg.slot + 1, next, left) ? next : null;
  }

  /** Whether a walk may follow the link at a slot of the array that it is in. */
  mayFollow(link: number, to: SgEntry, left: number): boolean {
    const { array, from } = this;
    // If the count ends the walk soon, links need not be checked, now or later.
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
