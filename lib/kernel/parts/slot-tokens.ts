/**
 * Tokens that stay with their slot: the part of a task's stack that the quick ways touch.
 *
 * A local map on a direct machine always finds the same slot at the same depth, so its window can wait
 * there with everything filled in but the page. A token that lies on top of a task's stack proves owner,
 * CPU and order by being there, which is what makes map and unmap cost nanoseconds.
 *
 * What bounds a pair is how many loads lie between one change of the index and the next, because each needs the
 * result of the one before. So index, tokens and counts are fields of one object, which is also what a token
 * names as its releaser; and tokens wait as the successes that a map returns.
 */
import type { Ok } from '../../base/result.ts';
import type { SlotTally } from '../../machine/ledger.ts';
import type { Page, Zone } from '../../machine/memory.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Releaser, Window } from '../window/window.ts';

/** What the slots of a machine are like. */
export interface SlotLayout {
  /** Indexes a map takes: 2 with guard slots. */
  readonly increment: number;
  /** Page-table entries of the slots of all CPUs. */
  readonly ptes: Int32Array;
  /** Whether kmap's pool is asked first. */
  readonly asksPool: boolean;
  readonly pageSize: number;
}

/** A context, as far as tokens need to know. */
interface TokenUser {
  readonly kind: string;
  readonly task: { readonly localMaps: SlotTokens };
}

/** The tokens of a task: `mapLocal` and `unmapLocal` use them first. */
export class SlotTokens implements Releaser, SlotTally {
  /** `kmap_ctrl.idx`: indexes in use. */
  idx = 0;
  slotMaps = 0;
  slotUnmaps = 0;
  slotRemaps = 0;
  /** The zone whose frames need a map, while its task executes on a machine that is not watched; `undefined` otherwise. */
  tokenZone: Zone | undefined = undefined;
  /** Indexes a map takes. */
  readonly increment: number;
  /** Page-table entries of the slots of all CPUs. */
  readonly ptes: Int32Array;
  /** Windows that wait, by the index below them. */
  protected readonly waiting: (Ok<RamWindow> | undefined)[] = [];
  private readonly pageSize: number;
  private readonly asksPool: boolean;
  /** Releases what is no token, or not on top. */
  private otherwise: Releaser | undefined = undefined;

  constructor({ increment, ptes, asksPool, pageSize }: SlotLayout) {
    this.increment = increment;
    this.ptes = ptes;
    this.pageSize = pageSize;
    this.asksPool = asksPool;
  }

  /** @deprecated Read `tokenZone`. */
  get quietZone(): Zone | undefined {
    return this.tokenZone;
  }

  /** Those of a context, where it is a task: interrupts come and go with what they interrupt. */
  static of({ task, kind }: TokenUser): SlotTokens | undefined {
    return kind === 'task' ? task.localMaps : undefined;
  }

  /** Lets the window of a first map at some depth wait there for the next one. */
  keep(window: RamWindow): void {
    if (this.tokenZone === undefined || window.area !== 'local') return;
    // A protected page, in a slot where maps are forced, has a key to give back.
    if (window.page.zone !== this.tokenZone) return;
    // Where the pool is asked first, the next map may be elsewhere.
    if (this.asksPool) return;
    this.otherwise = window.releaser;
    window.stackTop = this.idx;
    window.stackBelow = this.idx - this.increment;
    const before = this.waiting[window.stackBelow];
    if (before !== undefined) before.value.waitsAt = undefined;
    window.waitsAt = this;
    this.waiting[window.stackBelow] = window.asOk;
  }

  /** Maps with the token that waits at this depth; nothing where there is none or anything is unusual. */
  map(page: Page, pageOffset: number, lengthBytes: number): Ok<RamWindow> | undefined {
    const waiting = this.waiting[this.idx];
    const { chunk } = page;
    if (waiting === undefined || chunk === undefined || page.zone !== this.tokenZone) return undefined;
    if (pageOffset + lengthBytes > this.pageSize) return undefined;
    const token = waiting.value;
    if (token.releaser !== this) token.releaser = this;
    this.idx = token.stackTop;
    this.ptes[token.slot] = page.pfn + 1;
    this.slotMaps += 1;
    token.retarget(page, chunk, pageOffset, lengthBytes);
    return waiting;
  }

  /** Releases the token on top of the stack and maps with it again, in one go; false where either is not as usual. */
  remap(token: RamWindow, page: Page, pageOffset: number, lengthBytes: number): boolean {
    const { chunk } = page;
    if (!this.isTop(token) || chunk === undefined || page.zone !== this.tokenZone) return false;
    // No code sees the slot empty in between, so it is written once.
    this.ptes[token.slot] = page.pfn + 1;
    this.slotRemaps += 1;
    token.retarget(page, chunk, pageOffset, lengthBytes);
    return true;
  }

  /** Releases a token, on top or not. */
  release(window: Window): void {
    if (!this.unmap(window)) this.otherwise?.release(window);
  }

  /** Releases the token on top of the stack; false where this is not it or anything is unusual. */
  unmap(window: Window): boolean {
    if (!this.isTop(window) || this.tokenZone === undefined) return false;
    this.idx = window.stackBelow;
    this.ptes[window.slot] = 0;
    this.slotUnmaps += 1;
    window.end();
    return true;
  }

  private isTop(window: Window): boolean {
    return window.stackTop === this.idx && window.plainBytes >= 0 && window.waitsAt === this;
  }
}
