/**
 * A pool of bounce slots in lowmem, in the manner of kernel/dma/swiotlb.c: 2 KiB slots, found by a
 * search from where the last one ended, in sets of 128 that no buffer crosses.
 */
import { ConfigError } from '../base/invariant.ts';
import type { Chunk } from '../machine/arena.ts';
import { LIMITS } from '../machine/limits.ts';
import type { Page } from '../machine/memory.ts';
import type { Machine } from './machine.ts';

const SLOT_SHIFT = Math.log2(LIMITS.bounceSlotBytes);
const SET_SLOTS: number = LIMITS.bounceSetSlots;
const SET_SHIFT = Math.log2(SET_SLOTS);

/** A run of slots. */
export interface BounceRun {
  readonly firstSlot: number;
  readonly slots: number;
  /** The lowmem page in which the run begins, and where in it. */
  readonly page: Page;
  readonly pageOffset: number;
  /** All bytes of the slots. */
  readonly bytes: Uint8Array;
}

function slotsFor(bytes: number): number {
  return bytes > 0 ? (bytes + LIMITS.bounceSlotBytes - 1) >>> SLOT_SHIFT : 1;
}

/** The bounce pool of one machine. */
export class BouncePool {
  readonly slots: number;
  private readonly pages: readonly Page[];
  private readonly chunk: Chunk;
  private readonly pageSize: number;
  /** Length of the live run that a slot begins, -1 inside one, 0 where free. */
  private readonly runs: Int32Array;
  /** The last run that began at each slot, for the next of the same length. */
  readonly #made: (BounceRun | undefined)[] = [];
  #next = 0;
  #slotsInUse = 0;

  constructor(machine: Machine) {
    this.slots = machine.config.bounceSlots;
    this.pageSize = machine.pageSize;
    this.runs = new Int32Array(this.slots);
    const bytes = this.slots * LIMITS.bounceSlotBytes;
    this.pages = machine.allocPages(Math.ceil(bytes / machine.pageSize), { zone: 'lowmem' });
    const [first] = this.pages;
    if (first === undefined || !machine.hardware.memory.isOneRun(first, this.pages.length)) {
      throw new ConfigError(`the bounce pool of ${String(bytes)} bytes found no run of lowmem`);
    }
    this.chunk = machine.hardware.memory.touch(first);
  }

  /** Bytes in free slots, wherever they lie. */
  get freeBytes(): number {
    return (this.slots - this.#slotsInUse) * LIMITS.bounceSlotBytes;
  }

  /** Slots in use. */
  get slotsInUse(): number {
    return this.#slotsInUse;
  }

  /** The largest buffer that can ever be bounced. */
  get mostBytes(): number {
    return Math.min(LIMITS.bounceSetSlots, this.slots) * LIMITS.bounceSlotBytes;
  }

  /** A run for so many bytes, or nothing where no set has one free. Buffers of a page or more begin on a page. */
  take(bytes: number): BounceRun | undefined {
    const slot = this.pass(bytes);
    if (slot < 0) return undefined;
    const run = this.runAt(slot, bytes);
    this.#mark(run, run.slots);
    return run;
  }

  /** `take` and `give` in one: the first slot of the run that a buffer had for a moment, or -1. */
  pass(bytes: number): number {
    const need = slotsFor(bytes);
    const unaligned = this.alignMask(bytes);
    const slot = this.#slotsInUse === 0 ? this.#first(need, unaligned) : this.#search(need, unaligned);
    if (slot >= 0) this.#next = slot + need === this.slots ? 0 : slot + need;
    return slot;
  }

  // The search goes on from the last run, once around; only some slots can begin a page.
  #search(need: number, unaligned: number): number {
    let slot = this.#next;
    for (let tried = 0; tried < this.slots; tried += 1) {
      if ((slot & unaligned) === 0 && this.#isFree(slot, need)) return slot;
      slot = slot + 1 === this.slots ? 0 : slot + 1;
    }
    return -1;
  }

  // What the search finds where nothing is in use.
  #first(need: number, unaligned: number): number {
    if (need > SET_SLOTS || need > this.slots) return -1;
    const aligned = (this.#next + unaligned) & ~unaligned;
    const fits = (aligned & (SET_SLOTS - 1)) + need <= SET_SLOTS;
    const slot = fits ? aligned : (aligned | (SET_SLOTS - 1)) + 1;
    return slot + need > this.slots ? 0 : slot;
  }

  /** Bits that the number of the first slot must not have: buffers of a page or more begin on a page. */
  protected alignMask(bytes: number): number {
    return bytes >= this.pageSize ? (this.pageSize - 1) >>> SLOT_SHIFT : 0;
  }

  #mark({ firstSlot }: BounceRun, need: number): void {
    for (let i = 0; i < need; i += 1) this.runs[firstSlot + i] = -1;
    this.runs[firstSlot] = need;
    this.#slotsInUse += need;
  }

  /** The run of so many bytes that begins at a slot. */
  runAt(slot: number, bytes: number): BounceRun {
    const need = slotsFor(bytes);
    const made = this.#made[slot];
    return made?.slots === need ? made : (this.#made[slot] = this.#makeRun(slot, need));
  }

  #makeRun(slot: number, need: number): BounceRun {
    const byte = slot * LIMITS.bounceSlotBytes;
    const page = this.pages[Math.floor(byte / this.pageSize)];
    if (page === undefined) throw new ConfigError('bounce slot outside its pool');
    const pageOffset = byte % this.pageSize;
    const bytes = this.chunk.view(page.chunkOffset + pageOffset, need * LIMITS.bounceSlotBytes);
    return { firstSlot: slot, slots: need, page, pageOffset, bytes };
  }

  /** Gives a run back. */
  give({ firstSlot, slots }: BounceRun): void {
    for (let i = firstSlot; i < firstSlot + slots; i += 1) {
      if (this.runs[i] !== 0) this.#slotsInUse -= 1;
      this.runs[i] = 0;
    }
  }

  #isFree(slot: number, need: number): boolean {
    if (slot + need > this.slots || slot >>> SET_SHIFT !== (slot + need - 1) >>> SET_SHIFT) return false;
    for (let i = 0; i < need; i += 1) if (this.runs[slot + i] !== 0) return false;
    return true;
  }
}
