/**
 * Tokens: windows that stay at their slot between two maps. They are the fast path of `mapLocal` and `unmapLocal`.
 *
 * On a direct machine a local map at a given depth always gets the same slot. So its window can wait there with
 * everything set except the page. If a token is on top of a task's stack, then owner, CPU and order are right, and
 * no other check is needed. That is why a map and its unmap take only nanoseconds.
 *
 * Their time depends on the number of dependent loads between two changes of the index. So index, tokens and counts
 * are fields of one object, which is also the token's releaser, and tokens wait as the `Ok` results that a map returns.
 */
import type { Ok } from '../../base/result.ts';
import type { SlotTally } from '../../machine/ledger.ts';
import type { Page, Zone } from '../../machine/memory.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Releaser, Window } from '../window/window.ts';

/** The properties of a machine's slots. */
export interface SlotLayout {
  /** Number of indexes that a map takes: 2 with guard slots, else 1. */
  readonly increment: number;
  /** Page-table entries of the slots of all CPUs. */
  readonly ptes: Int32Array;
  /** Whether a slot that the page has in kmap's pool is used first. */
  readonly asksPool: boolean;
  readonly pageSize: number;
}

/** The part of a context that tokens use. */
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
  /** The zone whose frames need a map, if its task executes and the machine is not watched; else `undefined`. */
  tokenZone: Zone | undefined = undefined;
  /** Number of indexes that a map takes. */
  readonly increment: number;
  /** Page-table entries of the slots of all CPUs. */
  readonly ptes: Int32Array;
  /** The windows that wait, by the index below them. */
  protected readonly waiting: (Ok<RamWindow> | undefined)[] = [];
  private readonly pageSize: number;
  private readonly asksPool: boolean;
  /** Releases windows that are no token, or not on top. */
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

  /** The tokens of a task; `undefined` for an interrupt, which pushes on top of any task's stack. */
  static of({ task, kind }: TokenUser): SlotTokens | undefined {
    return kind === 'task' ? task.localMaps : undefined;
  }

  /** Makes the window of the first map at a depth wait there for the next map. */
  keep(window: RamWindow): void {
    if (this.tokenZone === undefined || window.area !== 'local') return;
    // A page of another zone must not wait: a protected page has a key to give back.
    if (window.page.zone !== this.tokenZone) return;
    // The next map may use kmap's pool instead of the slot.
    if (this.asksPool) return;
    this.otherwise = window.releaser;
    window.stackTop = this.idx;
    window.stackBelow = this.idx - this.increment;
    const before = this.waiting[window.stackBelow];
    if (before !== undefined) before.value.waitsAt = undefined;
    window.waitsAt = this;
    this.waiting[window.stackBelow] = window.asOk;
  }

  /** Maps with the token that waits at this depth; `undefined` if there is none or it cannot be used. */
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

  /** Releases the token on top of the stack and maps with it again in one step; false if that is not possible. */
  remap(token: RamWindow, page: Page, pageOffset: number, lengthBytes: number): boolean {
    const { chunk } = page;
    if (!this.isTop(token) || chunk === undefined || page.zone !== this.tokenZone) return false;
    // No code can see the empty slot between the two, so the entry is written once.
    this.ptes[token.slot] = page.pfn + 1;
    this.slotRemaps += 1;
    token.retarget(page, chunk, pageOffset, lengthBytes);
    return true;
  }

  /** Releases a token, on top of the stack or not. */
  release(window: Window): void {
    if (!this.unmap(window)) this.otherwise?.release(window);
  }

  /** Releases the window if it is the token on top of the stack; else returns false. */
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
