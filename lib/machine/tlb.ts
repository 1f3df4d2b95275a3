/**
 * The kernel page table and each CPU's TLB, over the areas whose translation changes at run time.
 *
 * A TLB keeps its entries until it is told to drop them. A translation through an entry that the
 * page table no longer holds is the stale access that real hardware makes silently.
 */
import type { AddressMap } from './address-map.ts';

/** The page-table entries of one area: frame number + 1, or 0 if no frame is mapped. */
export class PageTableArea {
  /** Frame number + 1 by page of the area. */
  readonly entries: Int32Array;

  constructor(pages: number) {
    this.entries = new Int32Array(pages);
  }

  get pages(): number {
    return this.entries.length;
  }

  /** The frame at a page of the area, or -1. */
  get(index: number): number {
    return (this.entries[index] ?? 0) - 1;
  }

  set(index: number, pfn: number): void {
    this.entries[index] = pfn + 1;
  }

  clear(index: number): void {
    this.entries[index] = 0;
  }
}

/** The areas with entries of their own. */
export type AreaName = 'local' | 'pkmap' | 'vmalloc';

/** A page of an area. */
export interface AreaPage {
  readonly area: AreaName;
  readonly index: number;
}

/** The page table of the kernel's own address space. */
export class KernelPageTable {
  readonly map: AddressMap;
  readonly local: PageTableArea;
  readonly pkmap: PageTableArea;
  #vmalloc: PageTableArea | undefined = undefined;

  constructor(map: AddressMap) {
    this.map = map;
    this.local = new PageTableArea(map.localSlots);
    this.pkmap = new PageTableArea(map.pkmapSlots);
  }

  get vmalloc(): PageTableArea {
    return (this.#vmalloc ??= new PageTableArea(this.map.vmallocPages));
  }

  /** The area and page of an address, if the area has entries. */
  locate(vaddr: number): AreaPage | undefined {
    const { map } = this;
    const page = map.pageBase(vaddr);
    const local = (map.fixmapTop - page) / map.pageSize;
    if (local >= 0 && local < map.localSlots) return { area: 'local', index: local };
    const pkmap = (page - map.pkmapBase) / map.pageSize;
    if (pkmap >= 0 && pkmap < map.pkmapSlots) return { area: 'pkmap', index: pkmap };
    const vmalloc = (page - map.vmallocStart) / map.pageSize;
    if (vmalloc >= 0 && vmalloc < map.vmallocPages) return { area: 'vmalloc', index: vmalloc };
    return undefined;
  }

  /** The area pages that map a frame. */
  mapsOf(pfn: number): readonly AreaPage[] {
    const found: AreaPage[] = [];
    for (const area of ['local', 'pkmap', 'vmalloc'] as const) {
      if (area === 'vmalloc' && this.#vmalloc === undefined) continue;
      const { entries } = this[area];
      for (let index = entries.indexOf(pfn + 1); index >= 0; index = entries.indexOf(pfn + 1, index + 1))
        found.push({ area, index });
    }
    return found;
  }

  /** The pages of an area that map a frame, in order. A read: it makes no table that has not been needed yet. */
  *mappedIn(area: AreaName): Generator<readonly [index: number, pfn: number]> {
    if (area === 'vmalloc' && this.#vmalloc === undefined) return;
    for (const [index, entry] of this[area].entries.entries()) if (entry !== 0) yield [index, entry - 1];
  }

  /** The address of an area page. */
  addressOf({ area, index }: AreaPage): number {
    return this.map[area](index);
  }

  /** The frame an area page maps, or -1. */
  entry(at: AreaPage): number {
    return this[at.area].get(at.index);
  }
}

/** The translations one CPU has cached. */
export class Tlb {
  readonly #entries = new Map<number, number>();

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** The cached frame of a page, or `undefined`. */
  lookup(pageAddr: number): number | undefined {
    return this.#entries.get(pageAddr);
  }

  fill(pageAddr: number, pfn: number): void {
    this.#entries.set(pageAddr, pfn);
  }

  /** INVLPG: drops one page. */
  flushPage(pageAddr: number): void {
    this.#entries.delete(pageAddr);
  }

  /** Drops every page of a range. */
  flushRange(from: number, to: number): void {
    for (const page of this.#entries.keys()) if (page >= from && page < to) this.#entries.delete(page);
  }

  /** The pages cached, for dumps and state keys. */
  entries(): readonly (readonly [pageAddr: number, pfn: number])[] {
    return [...this.#entries].sort((a, b) => a[0] - b[0]);
  }
}
