/**
 * `sg_kmap` and `sg_kmap_atomic`: two functions in place of the flags of `sg_map`, which keep the contracts of `kmap` and
 * `kmap_atomic`, as Christoph Hellwig asked for in 2017.
 */
import { kmapAtomic, kunmapAtomic } from '../../kernel/highmem/kmap-atomic.ts';
import { kmap, kunmap } from '../../kernel/highmem/kmap.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Page } from '../../machine/memory.ts';
import type { SgEntry } from '../../scatterlist/list/sg-array.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';

/** The functions. An address is a number, and never an error. */
export interface HellwigKmap {
  /** `sg_kmap`: sleeps until there is a slot; the address is valid everywhere. */
  sgKmap(sg: SgEntry, offset: number): Sleeping<number>;
  /** `sg_kunmap`: takes what `sg_kmap` took, because `kunmap` needs the page. */
  sgKunmap(sg: SgEntry, offset: number): void;
  /** `sg_kmap_atomic`: does not sleep, and the caller must not sleep until the release. */
  sgKmapAtomic(sg: SgEntry, offset: number): number;
  /** `sg_kunmap_atomic`: takes the address that `sg_kmap_atomic` returned. */
  sgKunmapAtomic(address: number): void;
}

/** The separate `sg_kmap` and `sg_kmap_atomic`. */
export const hellwigKmap: Facade<HellwigKmap> = defineFacade({
  name: 'hellwig-kmap',
  title: 'sg_kmap and sg_kmap_atomic',
  source:
    'Christoph Hellwig and Logan Gunthorpe in the discussion of sg_map, April 2017; Hellwig proposed sg_kmap_atomic again for MMC in February 2019. Neither was merged',
  simplifies:
    'The discussion says what the functions promise and not what they take; here they take an entry and an offset, as sg_map does.',
  open: ({ context, machine, refuse }) => {
    const { memory, addresses } = machine.hardware;
    const pageAt = (sg: SgEntry, offset: number): Page => {
      if (sg.page === null) return refuse('sg_page of an entry without a page');
      return memory.nthPage(sg.page, Math.floor((sg.offset + offset) / memory.pageSize));
    };
    const inPage = (sg: SgEntry, offset: number): number => (sg.offset + offset) % memory.pageSize;
    return {
      *sgKmap(sg, offset) {
        return (yield* kmap(context, pageAt(sg, offset))).vaddr + inPage(sg, offset);
      },
      sgKunmap: (sg, offset) => {
        kunmap(context, pageAt(sg, offset));
      },
      sgKmapAtomic: (sg, offset) => kmapAtomic(context, pageAt(sg, offset)).vaddr + inPage(sg, offset),
      sgKunmapAtomic: (address) => {
        kunmapAtomic(context, addresses.pageBase(address));
      },
    };
  },
});
