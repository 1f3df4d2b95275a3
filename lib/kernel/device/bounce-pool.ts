/**
 * A pool of bounce slots in lowmem, in the manner of kernel/dma/swiotlb.c: 2 KiB slots, found by a
 * search that continues where the last one ended. A buffer lies within one set of 128 slots.
 */
import { MOST_32, requireWhole } from '../../base/whole.ts';
import { ConfigError, invariant } from '../../base/invariant.ts';
import type { Chunk } from '../../machine/arena.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { Page } from '../../machine/memory.ts';
import { crosses, eachPageOf } from '../parts/dma-mapping.ts';
import type { Machine } from '../core/machine.ts';
import { checkTouch } from '../core/page-lifetime.ts';

const SLOT_SHIFT = Math.log2(LIMITS.bounceSlotBytes);
const SET_SLOTS: number = LIMITS.bounceSetSlots;
const SET_SHIFT = Math.log2(SET_SLOTS);

/** A run of slots. */
export interface BounceRun {
  readonly firstSlot: number;
  readonly slots: number;
  /** The lowmem page in which the run begins, and the offset in it. */
  readonly page: Page;
  readonly pageOffset: number;
  /** All bytes of the slots. */
  readonly bytes: Uint8Array;
}

/** The requirements of a device on a buffer, in addition to its length. */
export interface BounceNeeds {
  /** The bits in which the buffer's address must equal `address`. */
  readonly keepMask: number;
  readonly address: number;
  /** Offset of the buffer in its first slot. */
  readonly slotOffset: number;
  /** The highest address that a byte of the buffer may have. */
  readonly mask: number;
  /** The buffer must not cross a multiple of this number of bytes. */
  readonly boundaryBytes: number;
}

function slotsFor(bytes: number): number {
  // A division, because a shift would cut numbers of 4 GiB or more to 32 bits.
  if (bytes > 0) return Math.ceil(bytes / LIMITS.bounceSlotBytes);
  requireWhole('bytes', bytes);
  return 1;
}

function checkNeeds({ keepMask, address, slotOffset, mask, boundaryBytes }: BounceNeeds): void {
  requireWhole('keepMask', keepMask, 0, MOST_32);
  requireWhole('address', address);
  requireWhole('slotOffset', slotOffset, 0, MOST_32);
  if (mask !== Infinity) requireWhole('mask', mask, 0, Infinity);
  if (boundaryBytes !== Infinity) requireWhole('boundaryBytes', boundaryBytes, 1, Infinity);
}

function notOfPool({ firstSlot, slots }: BounceRun): string {
  return `a run of ${String(slots)} bounce slots from ${String(firstSlot)} on that this pool has not given out`;
}

/** The bounce pool of one machine. */
export class BouncePool {
  readonly machine: Machine;
  readonly slots: number;
  readonly pages: readonly Page[];
  private readonly chunk: Chunk;
  private readonly pageSize: number;
  /** By slot: the length of the allocated run that begins there, -1 inside a run, 0 if free. */
  private readonly runs: Int32Array;
  /** The number of free slots of each set. */
  private readonly freeInSet: Int32Array;
  /** The last run that began at each slot; its object is used again for the same length. */
  readonly #made: (BounceRun | undefined)[] = [];
  /** Serial number of the allocation of its pages; on checked machines. */
  #since = 0;
  #next = 0;
  #slotsInUse = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    this.slots = machine.config.bounceSlots;
    this.pageSize = machine.pageSize;
    this.runs = new Int32Array(this.slots);
    this.freeInSet = Int32Array.from({ length: Math.ceil(this.slots / SET_SLOTS) }, (_, set) =>
      Math.min(SET_SLOTS, this.slots - set * SET_SLOTS),
    );
    const bytes = this.slots * LIMITS.bounceSlotBytes;
    this.pages = machine.allocPages(Math.ceil(bytes / machine.pageSize), { zone: 'lowmem' });
    const [first] = this.pages;
    if (first === undefined || !machine.hardware.memory.isOneRun(first, this.pages.length)) {
      throw new ConfigError(`the bounce pool of ${String(bytes)} bytes found no run of lowmem`);
    }
    this.chunk = machine.hardware.memory.touch(first);
    if (machine.guard === undefined) return;
    machine.deviceOwned.addPool(this);
    this.#since = machine.stamp();
  }

  /** Bytes in all free slots, contiguous or not. */
  get freeBytes(): number {
    return (this.slots - this.#slotsInUse) * LIMITS.bounceSlotBytes;
  }

  /** The number of slots in use. */
  get slotsInUse(): number {
    return this.#slotsInUse;
  }

  /** The runs of slots that are in use, the lowest slot first. */
  get runsInUse(): readonly { readonly firstSlot: number; readonly slots: number }[] {
    return [...this.runs].flatMap((slots, firstSlot) => (slots > 0 ? [{ firstSlot, slots }] : []));
  }

  /** The largest buffer that can ever be bounced. */
  get mostBytes(): number {
    return Math.min(LIMITS.bounceSetSlots, this.slots) * LIMITS.bounceSlotBytes;
  }

  /** The physical address of the first slot. */
  get firstAddress(): number {
    return this.pages[0]?.phys ?? 0;
  }

  /** Allocates a run for a buffer; `undefined` if no set has a free one. Buffers of a page or more are page-aligned. */
  take(bytes: number, needs?: BounceNeeds): BounceRun | undefined {
    requireWhole('bytes', bytes);
    const slot = needs === undefined ? this.pass(bytes) : this.#passFor(bytes, needs);
    if (slot < 0) return undefined;
    const run = this.runAt(slot, bytes);
    if (this.machine.guard !== undefined) this.#checkPages(run, bytes);
    this.#mark(run, run.slots);
    return run;
  }

  // A driver may have freed the pages, which is allowed while no slot is in use.
  #checkPages({ page, pageOffset }: BounceRun, bytes: number): void {
    const { machine } = this;
    const verb = `a bounce buffer of ${String(bytes)} bytes`;
    eachPageOf({ page, offset: pageOffset, length: bytes }, 0, bytes, (each) => {
      checkTouch(machine, each, {
        verb,
        since: this.#since,
        write: true,
        context: machine.executing.state(),
      });
    });
  }

  /** `take` and `give` in one step: returns the first slot of the run that `take` would return, or -1. */
  pass(bytes: number): number {
    const need = slotsFor(bytes);
    const unaligned = this.alignMask(bytes);
    const slot = this.#slotsInUse === 0 ? this.#first(need, unaligned) : this.#search(need, unaligned);
    return this.#goOn(slot, need);
  }

  /** The longest buffer that could be had where one of so many bytes found no run; 0 if no slot is free. */
  longestBelow(bytes: number, needs?: BounceNeeds): number {
    requireWhole('bytes', bytes);
    if (needs !== undefined) checkNeeds(needs);
    for (let slots = Math.min(slotsFor(bytes) - 1, this.slots - this.#slotsInUse); slots > 0; slots -= 1) {
      const fewer = slots * LIMITS.bounceSlotBytes;
      const slot =
        needs === undefined
          ? this.#search(slots, this.alignMask(fewer))
          : this.#searchFor(slots, fewer, needs);
      if (slot >= 0) return fewer;
    }
    return 0;
  }

  #passFor(bytes: number, needs: BounceNeeds): number {
    checkNeeds(needs);
    const need = slotsFor(bytes);
    return this.#goOn(this.#searchFor(need, bytes, needs), need);
  }

  #searchFor(
    need: number,
    bytes: number,
    { keepMask, address, slotOffset, mask, boundaryBytes }: BounceNeeds,
  ): number {
    const length = bytes - slotOffset;
    // Counts whole slots. If a buffer must keep bits of an address, these decide its start, and it is not page-aligned.
    const kept = keepMask & ~(LIMITS.bounceSlotBytes - 1);
    const unaligned = kept === 0 ? this.alignMask(bytes) : 0;
    return this.#search(need, unaligned, (candidate) => {
      const first = this.firstAddress + candidate * LIMITS.bounceSlotBytes;
      const at = first + slotOffset;
      return (
        ((first ^ address) & kept) === 0 && at + length - 1 <= mask && !crosses(at, length, boundaryBytes)
      );
    });
  }

  #goOn(slot: number, need: number): number {
    if (slot >= 0) this.#next = slot + need === this.slots ? 0 : slot + need;
    return slot;
  }

  // The search goes on from the last run, once around; only some slots can begin a page. What cannot begin a run
  // is left out by the run, or by the set, so that a full pool costs no more than it has of them.
  #search(need: number, unaligned: number, suits?: (slot: number) => boolean): number {
    if (need > this.slots - this.#slotsInUse) return -1;
    let slot = this.#next;
    for (let tried = 0; tried < this.slots;) {
      const past = this.#pastTaken(slot, need);
      if (past === 0 && (slot & unaligned) === 0 && suits?.(slot) !== false) return slot;
      const step = Math.min(Math.max(1, past), this.slots - slot);
      tried += step;
      slot = slot + step === this.slots ? 0 : slot + step;
    }
    return -1;
  }

  // The result of the search if no slot is in use.
  #first(need: number, unaligned: number): number {
    if (need > SET_SLOTS || need > this.slots) return -1;
    const aligned = (this.#next + unaligned) & ~unaligned;
    const fits = (aligned & (SET_SLOTS - 1)) + need <= SET_SLOTS;
    const slot = fits ? aligned : (aligned | (SET_SLOTS - 1)) + 1;
    return slot + need > this.slots ? 0 : slot;
  }

  /** The bits that must be 0 in the number of the first slot: buffers of a page or more are page-aligned. */
  protected alignMask(bytes: number): number {
    return bytes >= this.pageSize ? (this.pageSize - 1) >>> SLOT_SHIFT : 0;
  }

  #mark({ firstSlot }: BounceRun, need: number): void {
    for (let i = 0; i < need; i += 1) this.runs[firstSlot + i] = -1;
    this.runs[firstSlot] = need;
    this.#use(firstSlot, need);
  }

  #use(firstSlot: number, slots: number): void {
    const set = firstSlot >>> SET_SHIFT;
    this.freeInSet[set] = (this.freeInSet[set] ?? 0) - slots;
    this.#slotsInUse += slots;
  }

  /** The run for `lengthBytes` that begins at a slot. */
  runAt(slot: number, bytes: number): BounceRun {
    const need = slotsFor(bytes);
    const made = this.#made[slot];
    return made?.slots === need ? made : (this.#made[slot] = this.#makeRun(slot, need));
  }

  #makeRun(slot: number, need: number): BounceRun {
    requireWhole('slot', slot, 0, this.slots - 1);
    requireWhole('slots', need, 1, this.slots - slot);
    const byte = slot * LIMITS.bounceSlotBytes;
    const page = this.pages[Math.floor(byte / this.pageSize)];
    invariant(page !== undefined, 'each slot lies in a page of the pool');
    const pageOffset = byte % this.pageSize;
    const bytes = this.chunk.view(page.chunkOffset + pageOffset, need * LIMITS.bounceSlotBytes);
    return { firstSlot: slot, slots: need, page, pageOffset, bytes };
  }

  /** Frees a run of this pool. */
  give(run: BounceRun): void {
    const { firstSlot, slots } = run;
    if (this.#made[firstSlot] !== run) throw new ConfigError(notOfPool(run));
    for (let i = firstSlot; i < firstSlot + slots; i += 1) {
      if (this.runs[i] !== 0) this.#use(i, -1);
      this.runs[i] = 0;
    }
  }

  // Returns 0 if a run may begin at a slot; else the distance to the next slot that may be free.
  #pastTaken(slot: number, need: number): number {
    const set = slot >>> SET_SHIFT;
    const toNextSet = (set + 1) * SET_SLOTS - slot;
    if (need > toNextSet || slot + need > this.slots || need > (this.freeInSet[set] ?? 0)) return toNextSet;
    for (let i = 0; i < need; i += 1) {
      const run = this.runs[slot + i] ?? 0;
      if (run !== 0) return i + Math.max(1, run);
    }
    return 0;
  }
}
