/**
 * The bounce pages of `bus_dma` in FreeBSD, for the memory that a device does not reach, and the maps that wait for some.
 */
import { InvariantError } from '../../base/invariant.ts';
import { DmaDevice } from '../../kernel/dma/dma-device.ts';
import type { Context, Machine } from '../../kernel/core/machine.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { Page } from '../../machine/memory.ts';
import { ENOMEM } from '../err-ptr.ts';

/** `bus_dma_segment_t`: bytes at an address of the device, or physical memory in a list to be loaded. */
export interface BusDmaSegment {
  readonly dsAddr: number;
  readonly dsLen: number;
}

/** What a tag says about a device. */
export interface BusDmaLimits {
  /** The highest address that the device reaches. */
  readonly lowaddr: number;
  /** The most bytes of one map. */
  readonly maxsize: number;
  readonly nsegments: number;
  readonly maxsegsz: number;
}

/** `bus_dma_tag_t`. */
export interface BusDmaTag extends BusDmaLimits {
  /** The number of maps that were made and not destroyed. */
  mapCount: number;
  /** Whether the first pages for the tag have been added to the pool. */
  hasPages: boolean;
}

/** Called with the segments of a load, or with none and an error. The list is valid during the call only. */
export type BusDmaCallback = (segs: readonly BusDmaSegment[], error: number) => void;

/** `struct bounce_page`, while it stands for memory of a map. */
interface BouncePage {
  readonly page: Page;
  readonly data: Page;
  readonly offset: number;
  readonly count: number;
}

/** A load that can be done again. */
export interface BusDmaLoad {
  readonly tag: BusDmaTag;
  readonly plist: readonly BusDmaSegment[];
  readonly callback: BusDmaCallback;
}

/** `bus_dmamap_t`. */
export class BusDmamap {
  /** The bounce pages that a load needs and has not reserved or taken yet. */
  pagesNeeded = 0;
  pagesReserved = 0;
  bounced: BouncePage[] = [];
  /** What is mapped for the device, piece by piece. */
  mapped: BusDmaSegment[] = [];
  load: BusDmaLoad | undefined = undefined;
}

/** The bounce pages of one machine, with the maps that wait for some. */
export class BounceZone {
  readonly machine: Machine;
  readonly device: DmaDevice;
  readonly most: number;
  /** All pages, and those that stand for no memory now; some of these are reserved. */
  readonly pages: Page[] = [];
  readonly unused: Page[] = [];
  reserved = 0;
  mapCount = 0;
  readonly waiting: BusDmamap[] = [];
  /** The maps whose load is to be done again by the software interrupt. */
  readonly ready: BusDmamap[] = [];
  /** The software interrupt, while it runs. */
  swi: Context | undefined = undefined;
  deferred = 0;
  readonly tag: BusDmaTag;

  constructor(machine: Machine) {
    const { pageSize, config } = machine;
    this.machine = machine;
    this.device = new DmaDevice(machine, { name: 'controller' });
    this.most = Math.max(1, Math.floor((config.bounceSlots * LIMITS.bounceSlotBytes) / pageSize));
    this.tag = newTag({
      lowaddr: config.lowmemPages * pageSize - 1,
      maxsize: Math.min(2, this.most) * pageSize,
      nsegments: 16,
      maxsegsz: 16 * pageSize,
    });
    this.setUp(this.tag);
  }

  get free(): number {
    return this.unused.length - this.reserved;
  }

  /** `bounce_bus_dma_zone_setup`: as many pages as one map of the tag may need; `ENOMEM` if there are too few. */
  setUp(tag: BusDmaTag): number {
    const wanted = this.pagesFor(tag) - this.pages.length;
    if (this.add(wanted) < wanted) return ENOMEM;
    tag.hasPages = true;
    return 0;
  }

  /** The pages that are added for a map: its own at first, and for each further map while there are less than `most`. */
  addFor(tag: BusDmaTag): number {
    if (tag.hasPages && (this.mapCount === 0 || this.pages.length >= this.most)) return 0;
    const wanted = Math.max(1, Math.min(this.most - this.pages.length, this.pagesFor(tag)));
    const added = this.add(wanted);
    if (tag.hasPages) return 0;
    if (added < wanted) return ENOMEM;
    tag.hasPages = true;
    return 0;
  }

  private pagesFor({ maxsize }: BusDmaTag): number {
    return Math.max(1, Math.floor(maxsize / this.machine.pageSize));
  }

  private add(count: number): number {
    for (let added = 0; added < count; added += 1) {
      const made = this.machine.tryAllocPage('lowmem');
      if (!made.ok) return added;
      this.pages.push(made.value);
      this.unused.push(made.value);
    }
    return Math.max(0, count);
  }

  /** `reserve_bounce_pages`: returns how many are still missing. A load that may be deferred keeps what it got. */
  reserve(map: BusDmamap, mayKeep: boolean): number {
    const wanted = map.pagesNeeded - map.pagesReserved;
    const got = Math.min(this.free, wanted);
    if (!mayKeep && got < wanted) return wanted - got;
    this.reserved += got;
    map.pagesReserved += got;
    return wanted - got;
  }

  /** Takes a reserved page for memory of a map. */
  take(map: BusDmamap, data: Page, offset: number, count: number): Page {
    const page = this.unused.shift();
    if (page === undefined || map.pagesReserved === 0)
      throw new InvariantError('a bounce page was not reserved');
    map.pagesNeeded -= 1;
    map.pagesReserved -= 1;
    this.reserved -= 1;
    map.bounced.push({ page, data, offset, count });
    return page;
  }

  /** Frees the pages of a map, and reserves them for the maps that wait, the longest waiting one first. */
  give(map: BusDmamap): void {
    for (const { page } of map.bounced.splice(0)) this.unused.push(page);
    for (;;) {
      const [next] = this.waiting;
      if (next === undefined || this.reserve(next, true) > 0) return;
      this.waiting.shift();
      this.ready.push(next);
      this.deferred += 1;
    }
  }
}

/** A tag without maps. */
export function newTag(limits: BusDmaLimits): BusDmaTag {
  return { ...limits, mapCount: 0, hasPages: false };
}
