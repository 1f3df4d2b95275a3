/**
 * A pool of bounce slots in lowmem, in the manner of kernel/dma/swiotlb.c: 2 KiB slots, found by a
 * search from where the last one ended, in sets of 128 that no buffer crosses.
 */
import { ConfigError } from '../base/invariant.ts';
import { LIMITS } from '../machine/limits.ts';
import type { Page } from '../machine/memory.ts';
import type { Machine } from './machine.ts';

/** A run of slots. */
export interface BounceRun {
  readonly firstSlot: number;
  readonly slots: number;
  /** The lowmem page in which the run begins, and where in it. */
  readonly page: Page;
  readonly pageOffset: number;
}

/** The bounce pool of one machine. */
export class BouncePool {
  readonly slots: number;
  readonly #pages: readonly Page[];
  readonly #pageSize: number;
  /** Length of the live run that a slot begins, -1 inside one, 0 where free. */
  readonly #runs: Int32Array;
  #next = 0;

  constructor(machine: Machine) {
    this.slots = machine.config.bounceSlots;
    this.#pageSize = machine.pageSize;
    this.#runs = new Int32Array(this.slots);
    const bytes = this.slots * LIMITS.bounceSlotBytes;
    this.#pages = machine.allocPages(Math.ceil(bytes / machine.pageSize), { zone: 'lowmem' });
    const [first] = this.#pages;
    if (first === undefined || !machine.hardware.memory.isOneRun(first, this.#pages.length)) {
      throw new ConfigError(`the bounce pool of ${String(bytes)} bytes found no run of lowmem`);
    }
  }

  /** Bytes in free slots, wherever they lie. */
  get freeBytes(): number {
    return this.#runs.reduce((sum, run) => sum + (run === 0 ? LIMITS.bounceSlotBytes : 0), 0);
  }

  /** Slots in use. */
  get slotsInUse(): number {
    return this.#runs.reduce((sum, run) => sum + (run === 0 ? 0 : 1), 0);
  }

  /** The largest buffer that can ever be bounced. */
  get mostBytes(): number {
    return Math.min(LIMITS.bounceSetSlots, this.slots) * LIMITS.bounceSlotBytes;
  }

  /** A run for so many bytes, or nothing where no set has one free. Buffers of a page or more begin on a page. */
  take(bytes: number): BounceRun | undefined {
    const need = Math.max(1, Math.ceil(bytes / LIMITS.bounceSlotBytes));
    const stride = bytes >= this.#pageSize ? Math.max(1, this.#pageSize / LIMITS.bounceSlotBytes) : 1;
    for (let tried = 0; tried < this.slots; tried += 1) {
      const slot = (this.#next + tried) % this.slots;
      if (slot % stride !== 0 || !this.#isFree(slot, need)) continue;
      this.#runs.fill(-1, slot, slot + need);
      this.#runs[slot] = need;
      this.#next = (slot + need) % this.slots;
      const byte = slot * LIMITS.bounceSlotBytes;
      const page = this.#pages[Math.floor(byte / this.#pageSize)];
      if (page === undefined) throw new ConfigError('bounce slot outside its pool');
      return { firstSlot: slot, slots: need, page, pageOffset: byte % this.#pageSize };
    }
    return undefined;
  }

  /** Gives a run back. */
  give(run: BounceRun): void {
    this.#runs.fill(0, run.firstSlot, run.firstSlot + run.slots);
  }

  #isFree(slot: number, need: number): boolean {
    const set = LIMITS.bounceSetSlots;
    if (slot + need > this.slots || Math.floor(slot / set) !== Math.floor((slot + need - 1) / set))
      return false;
    for (let i = 0; i < need; i += 1) if (this.#runs[slot + i] !== 0) return false;
    return true;
  }
}
