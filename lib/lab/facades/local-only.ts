/**
 * Local maps only, and no global `kmap`: what Linus Torvalds asked for in 2020. An address that others use, too, comes
 * from `vmap`, as Matthew Wilcox answered.
 */
import { hex, virtAddr } from '../../base/units.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import { vmap, vunmap } from '../../kernel/highmem/vmap.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { Page } from '../../machine/memory.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { NULL } from '../err-ptr.ts';

/** The functions. An address is a number. */
export interface LocalOnly {
  /** `kmap_local_page`: does not sleep or fail; the address is valid in this context only. */
  kmapLocal(page: Page): number;
  /** `kunmap_local`: takes any address in the page; the newest map first. */
  kunmapLocal(address: number): void;
  /** `vmap`: maps pages one after the other, at an address that is valid everywhere, or returns `NULL`. */
  vmap(pages: readonly Page[]): number;
  /** `vunmap`: takes the address that `vmap` returned. */
  vunmap(address: number): void;
}

/** Local maps, and `vmap` for the rest. */
export const localOnly: Facade<LocalOnly> = defineFacade({
  name: 'local-only',
  title: 'local maps, no global kmap',
  source:
    'Linus Torvalds in answer to "mm/highmem: Provide a preemptible variant of kmap_atomic & friends" by Thomas Gleixner, 19 September 2020, and the answer of Matthew Wilcox; kmap_local_page is in Linux since 5.11, and kmap has not gone',
  simplifies: 'No kmap_atomic, which Linus wanted to keep for code that depends on what it disables.',
  shared: () => new Map<number, RamWindow>(),
  open: ({ context, shared: areas, fails, refuse }) => ({
    kmapLocal: (page) => kmapLocalPage(context, page).vaddr,
    kunmapLocal: (address) => {
      kunmapLocal(context, virtAddr(address));
    },
    vmap: (pages) => {
      const mapped = fails('vmap') ? undefined : vmap(context, pages);
      if (mapped?.ok !== true) return NULL;
      areas.set(mapped.value.vaddr, mapped.value);
      return mapped.value.vaddr;
    },
    vunmap: (address) => {
      const area = areas.get(address);
      if (area === undefined)
        return refuse(`WARNING: vunmap of ${hex(address)}, where no area of vmap begins`);
      areas.delete(address);
      vunmap(context, area);
    },
  }),
});
