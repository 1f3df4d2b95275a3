/**
 * `sg_map` as the second version of its series proposed it in 2017, with the defect of its `sg_unmap`.
 */
import { virtAddr } from '../../base/units.ts';
import { kmapAtomic, kunmapAtomic } from '../../kernel/highmem/kmap-atomic.ts';
import { kmap, kunmap } from '../../kernel/highmem/kmap.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Page } from '../../machine/memory.ts';
import type { SgEntry } from '../../scatterlist/list/sg-array.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { EINVAL, ENOMEM, EREMOTEIO, errPtr, isErr } from '../err-ptr.ts';

/** Map with `kmap`. */
const SG_KMAP = 1;
/** Map with `kmap_atomic`. */
const SG_KMAP_ATOMIC = 2;
/** Stop the machine instead of failing. */
const SG_MAP_MUST_NOT_FAIL = 4;

/** The functions of `sg_map`. An address is a number, and may be an error pointer. */
export interface SgMap2017 {
  readonly SG_KMAP: number;
  readonly SG_KMAP_ATOMIC: number;
  readonly SG_MAP_MUST_NOT_FAIL: number;
  /** `sg_map`: sleeps or not, as the flags say. */
  sgMap(sg: SgEntry, offset: number, flags: number): Sleeping<number>;
  /** `sg_unmap`: takes what `sg_map` took, and the address. */
  sgUnmap(sg: SgEntry, address: number, offset: number, flags: number): void;
}

/** `sg_map` of 2017. */
export const sgMap2017: Facade<SgMap2017> = defineFacade({
  name: 'sg-map-2017',
  title: 'sg_map of 2017, v2',
  source: 'Logan Gunthorpe, "scatterlist: Introduce sg_map helper functions", v2, 25 April 2017; not merged',
  simplifies:
    'It refuses device memory with -EREMOTEIO, which the series announces and does not contain. A failure that is injected is -ENOMEM.',
  open: ({ context, machine, fails, refuse }) => {
    const { memory, addresses } = machine.hardware;
    const pageAt = (sg: SgEntry, offset: number): Page => {
      if (sg.page === null) return refuse('sg_page of an entry without a page');
      return memory.nthPage(sg.page, Math.floor(offset / memory.pageSize));
    };
    function* map(page: Page, flags: number): Sleeping<number> {
      if (page.kind === 'iomem') return errPtr(-EREMOTEIO);
      if ((flags & SG_KMAP_ATOMIC) !== 0) return kmapAtomic(context, page).vaddr;
      if ((flags & SG_KMAP) !== 0) return (yield* kmap(context, page)).vaddr;
      return errPtr(-EINVAL);
    }
    return {
      SG_KMAP,
      SG_KMAP_ATOMIC,
      SG_MAP_MUST_NOT_FAIL,
      *sgMap(sg, offset, flags) {
        const at = sg.offset + offset;
        const base = fails('sg_map') ? errPtr(-ENOMEM) : yield* map(pageAt(sg, at), flags);
        if (!isErr(base)) return base + (at % memory.pageSize);
        if ((flags & SG_MAP_MUST_NOT_FAIL) !== 0) refuse(`BUG: sg_map failed with ${String(base)}`);
        return base;
      },
      // The page is that of the caller's offset, without the offset of the entry. This is the defect.
      sgUnmap(sg, address, offset, flags) {
        const base = address - sg.offset - (offset % memory.pageSize);
        if ((flags & SG_KMAP_ATOMIC) !== 0) kunmapAtomic(context, virtAddr(addresses.inWord(base)));
        else if ((flags & SG_KMAP) !== 0) kunmap(context, pageAt(sg, offset));
      },
    };
  },
});
