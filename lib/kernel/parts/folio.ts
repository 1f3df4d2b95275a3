/**
 * Folios: one or more physically contiguous pages that are managed as a unit and identified by their first page.
 */
import type { Hash } from '../../base/hash.ts';
import { configWhole, requireWhole } from '../../base/whole.ts';
import { ConfigError } from '../../base/invariant.ts';
import { hex } from '../../base/units.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';

/** No memory has more frames. */
const MOST_FOLIO_PAGES = 2 ** 31;

/** `struct folio`: its head page and its number of pages. */
export class Folio<K extends MemoryKind = MemoryKind> {
  readonly head: Page<K>;
  /** `folio_nr_pages`. */
  readonly pages: number;

  constructor(head: Page<K>, pages: number) {
    configWhole('pages of a folio', pages, 1, MOST_FOLIO_PAGES);
    this.head = head;
    this.pages = pages;
  }

  /** `folio_size`. */
  get sizeBytes(): number {
    return this.pages * this.head.zone.memory.pageSize;
  }

  /** `folio_page`: the page `n` pages after the head. */
  page(n: number): Page {
    requireWhole('n', n, 0, this.head.zone.memory.endPfn);
    return this.head.zone.memory.nthPage(this.head, n);
  }
}

/** The pages of one machine that belong to a folio of several pages. */
export class FolioMap {
  readonly #byPage = new Map<Page, Folio>();
  private readonly checkOwn: (page: Page) => void;

  /** `checkOwn` refuses a page of another machine. */
  constructor(checkOwn: (page: Page) => void) {
    this.checkOwn = checkOwn;
  }

  /** `prep_compound_page`: makes one folio of pages that follow each other. */
  compound<K extends MemoryKind>(head: Page<K>, pages: number): Folio<K> {
    const folio = new Folio(head, pages);
    this.checkOwn(head);
    for (let n = 0; n < pages; n += 1) {
      const page = folio.page(n);
      if (page.zone !== head.zone)
        throw new ConfigError(`pfn ${hex(page.pfn)} is ${page.kind}: a folio lies in one zone`);
      if (this.#byPage.has(page)) throw new ConfigError(`pfn ${hex(page.pfn)} is part of a folio already`);
    }
    for (let n = 0; n < pages; n += 1) this.#byPage.set(folio.page(n), folio);
    return folio;
  }

  /** `page_folio`: the folio that a page belongs to; a single page is a folio of its own. */
  of(page: Page): Folio {
    this.checkOwn(page);
    return this.#byPage.get(page) ?? new Folio(page, 1);
  }

  /** `split_page`: makes the pages of a folio single pages again. */
  split(folio: Folio): void {
    this.checkOwn(folio.head);
    for (let n = 0; n < folio.pages; n += 1) this.#byPage.delete(folio.page(n));
  }

  /** Adds all folios to a state key. */
  addTo(hash: Hash): void {
    for (const [page, { head, pages }] of this.#byPage) hash.add(page.pfn).add(head.pfn).add(pages);
  }
}
