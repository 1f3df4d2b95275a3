/**
 * The disk: a scatterlist over sparse pages, in the shape of the kernel's ramdisk backend
 * (drivers/target/target_core_rd.c).
 *
 * The list is built once, from tables of a fixed size chained together; the table of a page is found by
 * division. Entries that were never written share one page of zeros, so an unwritten disk costs one
 * page and reading needs no special case.
 */
import { sgAssignPage, sgChain, sgInitTable, sgNext, sgSetPage } from 'scatterlist';
import type { Page, SgEntry } from 'scatterlist';
import { listFrom } from './page-list.ts';
import type { PageList } from './page-list.ts';
import type { PagePool } from './page-pool.ts';
import { pageParts, PAGE_BYTES, Provisioning } from './provisioning.ts';
import type { PagePart } from './provisioning.ts';
import type { Failure } from './store.ts';

/** Entries of one table: RD_MAX_ALLOCATION_SIZE over the size of an entry. */
const TABLE_ENTRIES = 65536 / 32;
const FULL: Failure = { why: 'no page is free', full: true };

/** Pages of the disk, shared by all sessions. */
export class SgDisk {
  readonly sizeBytes: number;
  readonly pages: number;
  readonly #tables: SgEntry[] = [];
  readonly #pool: PagePool;
  readonly #zero: Page;
  readonly #provisioning: Provisioning;

  constructor(sizeBytes: number, pool: PagePool) {
    this.sizeBytes = sizeBytes;
    this.pages = Math.ceil(sizeBytes / PAGE_BYTES);
    this.#pool = pool;
    this.#provisioning = new Provisioning(this.pages);
    const zero = pool.take();
    if (zero === undefined) throw new RangeError('no page for zeros');
    this.#zero = zero.page;
    this.#buildTables();
  }

  #buildTables(): void {
    let previous: SgEntry | undefined;
    for (let built = 0; built < this.pages;) {
      const entries = Math.min(TABLE_ENTRIES, this.pages - built);
      const more = built + entries < this.pages;
      const table = sgInitTable(entries + (more ? 1 : 0));
      const first = table.entry(0);
      for (let i = 0; i < entries; i += 1) sgSetPage(table.entry(i), this.#zero, PAGE_BYTES);
      if (previous !== undefined) sgChain(previous.array, TABLE_ENTRIES + 1, first);
      this.#tables.push(first);
      previous = first;
      built += entries;
    }
  }

  /** `rd_get_sg_table`: the entry of a page. */
  entry(page: number): SgEntry {
    const table = this.#tables[Math.floor(page / TABLE_ENTRIES)];
    if (table === undefined)
      throw new RangeError(`no page ${String(page)} on a disk of ${String(this.pages)}`);
    return table.array.entry(page % TABLE_ENTRIES);
  }

  /** The list that holds a range. */
  list(offset: number, lengthBytes: number): PageList {
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + Math.max(lengthBytes, 1) - 1) / PAGE_BYTES);
    return listFrom(this.entry(first), last - first + 1);
  }

  /** Whether a block has contents. */
  isMapped(block: number): boolean {
    return this.#provisioning.hasBlock(block);
  }

  /** Gives each entry of a range that shares the page of zeros a page of its own. */
  provision(offset: number, lengthBytes: number, zero: (entry: SgEntry, part: PagePart) => Failure): Failure {
    const last = Math.floor((offset + lengthBytes - 1) / PAGE_BYTES);
    let first = Math.floor(offset / PAGE_BYTES);
    while (first <= last && this.#provisioning.isFull(first)) first += 1;
    if (first > last) return undefined;
    for (const part of pageParts(offset, lengthBytes)) {
      const entry = this.entry(part.page);
      if (entry.page === this.#zero) {
        const taken = this.#pool.take();
        if (taken === undefined) return FULL;
        sgAssignPage(entry, taken.page);
        // clear_highpage, unless the whole page is about to be written.
        const wrong =
          taken.used && part.bytes < PAGE_BYTES
            ? zero(entry, { ...part, from: 0, bytes: PAGE_BYTES })
            : undefined;
        if (wrong !== undefined) {
          this.#dropPage(entry);
          return wrong;
        }
      }
      this.#provisioning.write(part);
    }
    return undefined;
  }

  /**
   * Takes a page of data in exchange for the page of the disk whose contents it replaces: what
   * `fuse_try_move_page` does in the page cache. Both pages are whole and of one zone.
   */
  exchange(page: number, data: SgEntry): void {
    const entry = this.entry(page);
    const { page: before } = entry;
    if (before === null || data.page === null) throw new RangeError('an entry without a page');
    sgAssignPage(entry, data.page);
    sgAssignPage(data, before);
  }

  /** Unmaps the blocks of a range, and gives back each page of which no block is left. */
  unmap(offset: number, lengthBytes: number, zero: (entry: SgEntry, part: PagePart) => Failure): Failure {
    for (const part of pageParts(offset, lengthBytes)) {
      if (!this.#provisioning.hasPage(part.page)) continue;
      const entry = this.entry(part.page);
      if (!this.#provisioning.unmap(part)) this.#dropPage(entry);
      else {
        const wrong = zero(entry, part);
        if (wrong !== undefined) return wrong;
      }
    }
    return undefined;
  }

  #dropPage(entry: SgEntry): void {
    const { page } = entry;
    if (page === null || page === this.#zero) return;
    sgAssignPage(entry, this.#zero);
    this.#pool.give(page);
  }

  /** Gives every page back. */
  destroy(): void {
    for (let sg: SgEntry | null = this.entry(0); sg !== null; sg = sgNext(sg)) this.#dropPage(sg);
    this.#pool.give(this.#zero);
  }
}
