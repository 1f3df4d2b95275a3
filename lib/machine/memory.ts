/**
 * Sparse physical memory: zones of pages. Each page is an object, as `struct page` is in Linux.
 *
 * A page takes host memory when it is first touched. `Page` objects are unique per frame number, so two pages
 * are the same page exactly when they are the same object.
 */
import { ConfigError, invariant } from '../base/invariant.ts';
import { checkChoice, checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import { configWhole, requireWhole } from '../base/whole.ts';
import { type Pfn, type PhysAddr, hex, pfn as toPfn, physAddr } from '../base/units.ts';
import { Arena, type Chunk } from './arena.ts';
import { FreeFrames } from './free-frames.ts';
import type { IoRegion, IoRegionOptions } from './io-region.ts';
import { ALLOCATED, FREED, PAGE_POISON } from './page-owner.ts';
import type { PageOwner } from './page-owner.ts';
import type { PageStructs } from './page-structs.ts';
import type { RuleId } from './rules.ts';

/**
 * The kind of memory of a page, which decides how it can be accessed: `lowmem` has a permanent kernel address,
 * `highmem` needs a map, `iomem` is device memory, `protected` needs a key, `unmappable` was removed
 * from the linear map, as secret memory is, so that its permanent address leads nowhere.
 */
export type MemoryKind = 'lowmem' | 'highmem' | 'iomem' | 'protected' | 'unmappable';

/** Memory that the kernel may load and store directly once mapped. */
export type SystemRam = 'lowmem' | 'highmem';

/** One range of page frames of one kind. */
export interface Zone<K extends MemoryKind = MemoryKind> {
  readonly kind: K;
  readonly memory: PhysicalMemory;
  readonly firstPfn: number;
  readonly pages: number;
  /** Whether mapped pages can be accessed with plain loads and stores, without a key. */
  readonly isSystemRam: boolean;
  /** The device of an `iomem` zone. */
  readonly region: IoRegion | undefined;
  /** A device page map id: neighbours with different ids are never merged into one list entry. */
  readonly pageMapId: number;
}

/** One physical page. Obtain pages from a machine; compare them with `===`. */
export class Page<K extends MemoryKind = MemoryKind> {
  readonly zone: Zone<K>;
  readonly pfn: Pfn;
  /** The chunk that holds its bytes; `undefined` until it is touched. */
  chunk: Chunk | undefined = undefined;
  chunkOffset = 0;
  /** Its present or last owner; `undefined` for a page that was never allocated. */
  owner: PageOwner | undefined = undefined;

  constructor(zone: Zone<K>, pfn: Pfn) {
    this.zone = zone;
    this.pfn = pfn;
  }

  /** Its kind of memory. */
  get kind(): K {
    return this.zone.kind;
  }

  /** Whether it is allocated; pages of a device always are. */
  get isAllocated(): boolean {
    return this.owner?.isFree === false;
  }

  /** `page_to_phys`: the physical address of its first byte. */
  get phys(): PhysAddr {
    return physAddr(this.pfn * this.zone.memory.pageSize);
  }
}

/** Sizes of the zones, in pages. */
export interface ZoneSizes {
  readonly lowmem: number;
  readonly highmem: number;
  readonly protected: number;
  readonly unmappable: number;
  /** Without `CONFIG_HIGHMEM` the highmem zone has permanent addresses like any other. */
  readonly directMapsHighmem: boolean;
}

const IO_REGION_OPTIONS: Readonly<Record<keyof IoRegionOptions, Accepts>> = {
  name: 'string',
  handlers: 'object',
  widths: 'object',
};
const IO_WIDTHS: readonly unknown[] = [1, 2, 4, 8];
/** The most pages of a device (4 GiB), because each is an object from the start. */
const MOST_IO_PAGES = 2 ** 20;

/** The layout of the pages of one allocation: contiguous, or scattered in mixed order. */
export type PageLayout = 'contiguous' | 'scattered';

/** The most contiguous bytes that are given to a run of pages at once. */
const MOST_RUN_BYTES = 2 ** 28;

/** An open-addressed index from frame number to page; a `Map` would cost more than a page header. */
class PageIndex {
  #slots: (Page | undefined)[] = new Array<Page | undefined>(64).fill(undefined);
  #used = 0;

  find(pfn: number): Page | undefined {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let i = Math.imul(pfn, 0x9e3779b1) & mask; ; i = (i + 1) & mask) {
      const page = slots[i];
      if (page === undefined || page.pfn === pfn) return page;
    }
  }

  add(page: Page): void {
    if ((this.#used + 1) * 4 > this.#slots.length * 3) this.#grow();
    this.#insert(this.#slots, page);
    this.#used += 1;
  }

  #insert(slots: (Page | undefined)[], page: Page): void {
    const mask = slots.length - 1;
    let i = Math.imul(page.pfn, 0x9e3779b1) & mask;
    while (slots[i] !== undefined) i = (i + 1) & mask;
    slots[i] = page;
  }

  #grow(): void {
    const larger = new Array<Page | undefined>(this.#slots.length * 2).fill(undefined);
    for (const page of this.#slots) if (page !== undefined) this.#insert(larger, page);
    this.#slots = larger;
  }
}

/** The physical memory of one machine. */
export class PhysicalMemory {
  readonly pageSize: number;
  /** `PAGE_SHIFT` and `~PAGE_MASK`: the page size is a power of two. */
  readonly pageShift: number;
  readonly pageMask: number;
  /**
   * Frames below this one have a permanent kernel address: lowmem, the protected pages, and the unmappable pages, whose
   * address leads nowhere.
   */
  readonly directEnd: number;
  /** The system RAM whose frames need a map; `undefined` if all RAM has permanent addresses. */
  readonly slotZone: Zone | undefined;
  readonly zones: Zone[] = [];
  /** The frame number after the last frame of RAM, where the regions of devices begin. */
  readonly ramEnd: number;
  /**
   * Reports an invalid list entry for this memory, and throws; `undefined` on machines that do not check, as Linux does
   * not. It is kept here because lists exist without a machine, and only their pages lead to one.
   */
  refuseEntry: ((rule: RuleId, what: string) => never) | undefined = undefined;
  /** Set if the page structs of some sections are not adjacent. */
  pageStructs: PageStructs | undefined = undefined;
  readonly #index = new PageIndex();
  private readonly arena: Arena;
  readonly #free = new Map<Zone, FreeFrames>();
  #frees = 0;
  private end: number;
  #touchedPages = 0;

  constructor(pageSize: number, sizes: ZoneSizes, firstChunkBytes?: number) {
    this.pageSize = pageSize;
    this.pageShift = Math.log2(pageSize);
    this.pageMask = pageSize - 1;
    this.arena = new Arena(pageSize, firstChunkBytes);
    this.end = 0;
    this.#addZone('lowmem', sizes.lowmem, undefined, 0);
    if (sizes.directMapsHighmem) this.#addZone('highmem', sizes.highmem, undefined, 0);
    if (sizes.protected > 0) this.#addZone('protected', sizes.protected, undefined, 1);
    if (sizes.unmappable > 0) this.#addZone('unmappable', sizes.unmappable, undefined, 2);
    this.directEnd = this.end;
    this.slotZone = sizes.directMapsHighmem
      ? undefined
      : this.#addZone('highmem', sizes.highmem, undefined, 0);
    this.ramEnd = this.end;
  }

  #addZone<K extends MemoryKind>(
    kind: K,
    pages: number,
    region: IoRegion | undefined,
    pageMapId: number,
  ): Zone<K> {
    const isSystemRam = kind === 'lowmem' || kind === 'highmem';
    const zone: Zone<K> = { kind, memory: this, firstPfn: this.end, pages, isSystemRam, region, pageMapId };
    this.zones.push(zone);
    this.#free.set(zone, new FreeFrames(zone.firstPfn, region === undefined ? pages : 0));
    this.end += pages;
    return zone;
  }

  /** The number after the highest frame number. */
  get endPfn(): number {
    return this.end;
  }

  /** Number of pages that were touched so far. */
  get touchedPages(): number {
    return this.#touchedPages;
  }

  /** Bytes taken from the host for page contents. */
  get backingBytes(): number {
    return this.arena.totalBytes;
  }

  /** Whether an array is a view of simulated memory. */
  holds(bytes: Uint8Array): boolean {
    return this.arena.holds(bytes);
  }

  /** `PageHighMem`: whether the page has no permanent kernel address and needs a map. Device memory is no highmem. */
  isHighmem(page: Page): boolean {
    return page.zone === this.slotZone;
  }

  /** Whether the linear map leads to the page. */
  isDirect(page: Page): boolean {
    return page.pfn < this.directEnd && page.kind !== 'unmappable';
  }

  /** The zone of a frame; `undefined` past the end of memory. */
  zoneOf(pfn: number): Zone | undefined {
    return this.zones.find((zone) => pfn >= zone.firstPfn && pfn < zone.firstPfn + zone.pages);
  }

  /**
   * The first page of a kind among those of the `endBytes` bytes from the start of a page on. It checks only the first
   * page of each zone, because all pages of a zone have one kind.
   */
  firstOfKind(first: Page, endBytes: number, isMeant: (page: Page) => boolean): Page | undefined {
    const end = first.pfn + Math.ceil(endBytes / this.pageSize);
    let page: Page | undefined = first;
    while (page !== undefined && !isMeant(page)) {
      const next: number = page.zone.firstPfn + page.zone.pages;
      page = next < end ? this.pageAt(next) : undefined;
    }
    return page;
  }

  /** The frame number after the last one that an entry beginning in a page may use: the end of its device or of RAM. */
  endFor({ zone }: Page): number {
    return zone.region === undefined ? this.ramEnd : zone.firstPfn + zone.pages;
  }

  /** `pfn_to_page`: the page of a frame number; `undefined` if there is no memory. */
  pageAt(pfn: number): Page | undefined {
    const known = this.#index.find(pfn);
    if (known !== undefined) return known;
    const zone = this.zoneOf(pfn);
    if (zone === undefined || !Number.isInteger(pfn)) return undefined;
    return this.#newPage(zone, pfn);
  }

  /** `pfn_to_page` for a frame that must exist. */
  page(pfn: number): Page {
    const page = this.pageAt(pfn);
    if (page === undefined)
      throw new ConfigError(`no memory at pfn ${hex(pfn)}: this machine ends at ${hex(this.end)}`);
    return page;
  }

  /** `nth_page`: the page `n` frames on. */
  nthPage(page: Page, n: number): Page {
    return n === 0 ? page : this.page(page.pfn + n);
  }

  #newPage<K extends MemoryKind>(zone: Zone<K>, n: number): Page<K> {
    const page = new Page(zone, toPfn(n));
    if (zone.region !== undefined) page.owner = ALLOCATED;
    this.#index.add(page);
    return page;
  }

  #pageOf<K extends MemoryKind>(zone: Zone<K>, n: number): Page<K> {
    const known = this.#index.find(n);
    // A frame never changes its zone, so a known page of this frame has this zone's kind.
    if (known !== undefined && isPageOf(known, zone)) return known;
    return this.#newPage(zone, n);
  }

  /** Gives the page bytes if it has none: zeroed, as from `__GFP_ZERO`, or poisoned if it was freed. */
  touch(page: Page): Chunk {
    return page.chunk ?? this.#back(page.pfn, 1);
  }

  /** Touches `count` pages; if none has bytes yet, they get one contiguous run. */
  touchRun(first: Page, count: number): Chunk {
    if (count === 1 || first.chunk !== undefined) return this.touch(first);
    requireWhole('count', count, 1);
    const most = Math.min(count, this.end - first.pfn);
    let run = 1;
    while (run < most && this.pageAt(first.pfn + run)?.chunk === undefined) run += 1;
    return this.#back(first.pfn, run);
  }

  #back(pfn: number, count: number): Chunk {
    const { chunk, offset } = this.arena.reserve(count * this.pageSize);
    for (let i = 0; i < count; i += 1) {
      const page = this.page(pfn + i);
      invariant(page.chunk === undefined, `pfn ${hex(pfn + i)} has bytes already`);
      page.chunk = chunk;
      page.chunkOffset = offset + i * this.pageSize;
      if (page.owner?.isFree === true) this.#fill(page, PAGE_POISON);
    }
    this.#touchedPages += count;
    return chunk;
  }

  /** Whether `count` pages from `first` on are contiguous in one buffer, so that one copy can move all. */
  isOneRun(first: Page, count: number): boolean {
    // Finding out would touch all of them.
    if (count * this.pageSize > MOST_RUN_BYTES) return false;
    requireWhole('count', count);
    const chunk = this.touchRun(first, count);
    for (let i = 1; i < count; i += 1) {
      const page = this.page(first.pfn + i);
      if (this.touch(page) !== chunk || page.chunkOffset !== first.chunkOffset + i * this.pageSize)
        return false;
    }
    return true;
  }

  /**
   * The bytes of a page in physical memory, as a device sees them by DMA; tests compare with them. This needs no
   * mapping and makes no check.
   */
  bytesOf(page: Page): Uint8Array {
    const chunk = this.touch(page);
    return chunk.view(page.chunkOffset, this.pageSize);
  }

  /** Adds a device region after all other memory and returns its pages. */
  addIoRegion(pages: number, options: IoRegionOptions): readonly Page<'iomem'>[] {
    checkOptions('ioRegion', options, IO_REGION_OPTIONS);
    configWhole('pages of an ioRegion', pages, 1, MOST_IO_PAGES);
    for (const width of options.widths ?? [])
      if (!IO_WIDTHS.includes(width))
        throw new ConfigError(`a width of an ioRegion is ${String(width)}; it must be 1, 2, 4 or 8`);
    const { handlers } = options;
    // Read by name, because a device may be an object of a class.
    for (const name of handlers === undefined ? [] : (['read', 'write'] as const))
      checkChoice(`handlers.${name} of an ioRegion`, Reflect.get(handlers ?? {}, name), 'function');
    const firstPfn = toPfn(this.end);
    const region: IoRegion = {
      name: options.name ?? `io@${hex(firstPfn * this.pageSize)}`,
      firstPfn,
      pages,
      handlers: options.handlers,
      widths: options.widths ?? [1, 2, 4, 8],
    };
    const zone = this.#addZone('iomem', pages, region, 16 + this.zones.length);
    return Array.from({ length: pages }, (_, i) => this.#newPage(zone, firstPfn + i));
  }

  #fill(page: Page, value: number): void {
    page.chunk?.bytes.fill(value, page.chunkOffset, page.chunkOffset + this.pageSize);
  }

  /** The number of free pages of a kind. */
  freePages(kind: MemoryKind): number {
    return this.zones
      .filter((zone) => zone.kind === kind)
      .reduce((sum, zone) => sum + this.#framesOf(zone).count, 0);
  }

  /** The longest run of free pages of a kind. */
  longestFreeRun(kind: MemoryKind): number {
    return this.zones
      .filter((zone) => zone.kind === kind)
      .reduce((longest, zone) => Math.max(longest, this.#framesOf(zone).longestRun), 0);
  }

  #framesOf(zone: Zone): FreeFrames {
    const frames = this.#free.get(zone);
    invariant(frames !== undefined, 'each zone has its free frames');
    return frames;
  }

  /**
   * Takes `count` pages of a kind, zeroed as with `init_on_alloc=1`; `undefined` if the zone has too few (or, for
   * contiguous ones, no run). Free pages that were written to are reported to the callback.
   */
  allocate<K extends MemoryKind>(
    kind: K,
    count: number,
    layout: PageLayout,
    owner: PageOwner = ALLOCATED,
    whenDamaged?: (page: Page, offset: number) => void,
  ): readonly Page<K>[] | undefined {
    requireWhole('count', count);
    const zone = this.zones.find((z): z is Zone<K> => z.kind === kind && z.region === undefined);
    if (zone === undefined) return undefined;
    const frames =
      layout === 'contiguous' ? this.#framesOf(zone).takeRun(count) : this.#takeScattered(zone, count);
    return frames?.map((n) => {
      const page = this.#pageOf(zone, n);
      if (page.chunk !== undefined) {
        const at = whenDamaged === undefined ? undefined : this.damageOf(page);
        if (at !== undefined) whenDamaged?.(page, at);
        this.#fill(page, 0);
      }
      page.owner = owner;
      return page;
    });
  }

  /** The first byte of a free page that is no longer the poison, by its offset; `undefined` if all are. */
  damageOf(page: Page): number | undefined {
    if (page.owner?.isPoisoned !== true || page.chunk === undefined) return undefined;
    const at = this.bytesOf(page).findIndex((byte) => byte !== PAGE_POISON);
    return at < 0 ? undefined : at;
  }

  // Every other frame of a run twice as long, visited in steps of 37, as the kernel's own benchmark
  // lays its pages out; from what is left where the zone is too full for that.
  #takeScattered(zone: Zone, count: number): readonly number[] | undefined {
    const free = this.#framesOf(zone);
    const run = free.takeRun(2 * count);
    if (run !== undefined) {
      free.give(run.filter((_, i) => i % 2 === 1));
      const even = run.filter((_, i) => i % 2 === 0);
      const step = count % 37 === 0 ? 1 : 37;
      return even.map((_, i) => even[(i * step) % count] ?? 0);
    }
    if (free.count < count) return undefined;
    const taken: number[] = [];
    while (taken.length < count) taken.push(...(free.takeRun(1) ?? []));
    return taken.reverse();
  }

  /** Frees a page and poisons it; returns whether it was allocated and does not belong to a device. */
  free(page: Page, owner: PageOwner = FREED): boolean {
    if (!page.isAllocated || page.zone.region !== undefined) return false;
    this.#framesOf(page.zone).give([page.pfn]);
    page.owner = owner;
    this.#frees += 1;
    this.#fill(page, PAGE_POISON);
    return true;
  }

  /** Whether a page is free: freed, or never allocated. */
  isFree(page: Page): boolean {
    return !page.isAllocated;
  }

  /** Number of frees. Code that found pages allocated need not check again until this changes. */
  get frees(): number {
    return this.#frees;
  }
}

function isPageOf<K extends MemoryKind>(page: Page, zone: Zone<K>): page is Page<K> {
  return Object.is(page.zone, zone);
}
