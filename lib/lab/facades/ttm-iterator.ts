/**
 * The iterator of the TTM memory manager: setting it up can fail, and mapping a page afterwards cannot.
 */
import { virtAddr } from '../../base/units.ts';
import { AddressSpace } from '../../kernel/address/address-space.ts';
import { ioremap, iounmap } from '../../kernel/device/ioremap.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Window } from '../../kernel/window/window.ts';
import type { Page } from '../../machine/memory.ts';
import type { SgEntry } from '../../scatterlist/list/sg-array.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { EINVAL, ENOMEM, NULL } from '../err-ptr.ts';
import { iosysMapFunctions } from '../parts/iosys-map.ts';
import type { IosysMap, IosysMapFunctions } from '../parts/iosys-map.ts';

/** `struct ttm_kmap_iter`, or an error pointer in place of it. */
export interface TtmKmapIter {
  /** 0, or the negative error number of an error pointer. */
  readonly errno: number;
  readonly ops: TtmKmapIterOps;
  /** The pages of the entry, from that of `sg_page` on. */
  readonly pages: readonly Page[];
}

/** `struct ttm_kmap_iter_ops`. */
export interface TtmKmapIterOps {
  /** `map_local`: maps a page by its number, as `kmap_local_page` does. Cannot fail. */
  readonly mapLocal: (iter: TtmKmapIter, map: IosysMap, i: number) => void;
  /** `unmap_local`: `null` if there is nothing to release. */
  readonly unmapLocal: ((iter: TtmKmapIter, map: IosysMap) => void) | null;
  /** `maps_tt`: whether it maps system memory. */
  readonly mapsTt: boolean;
}

/** The functions of the iterator, and those of the `iosys_map` that it fills. */
export interface TtmIterator extends IosysMapFunctions {
  /** `ttm_kmap_iter_tt_init`: an iterator over an entry of system memory. Cannot fail. */
  ttmKmapIterTtInit(sg: SgEntry): TtmKmapIter;
  /** `ttm_kmap_iter_linear_io_init`: maps an entry of device memory as a whole; `-EINVAL` for system memory. */
  ttmKmapIterLinearIoInit(sg: SgEntry): Sleeping<TtmKmapIter>;
  /** `ttm_kmap_iter_linear_io_fini`: releases what `ttm_kmap_iter_linear_io_init` mapped. */
  ttmKmapIterLinearIoFini(iter: TtmKmapIter): void;
  /** `drm_memcpy_from_wc`: copies between maps of any kind. */
  drmMemcpyFromWc(to: IosysMap, from: IosysMap, lengthBytes: number): void;
  /** `ttm_move_memcpy`: copies whole pages, or clears them. Does nothing if both iterators map system memory. */
  ttmMoveMemcpy(isClear: boolean, pages: number, to: TtmKmapIter, from: TtmKmapIter): void;
}

/** The iterator of TTM. */
export const ttmIterator: Facade<TtmIterator> = defineFacade({
  name: 'ttm-iterator',
  title: 'ttm_kmap_iter, in two phases',
  source:
    'drivers/gpu/drm/ttm/ttm_resource.c, ttm_tt.c and ttm_bo_util.c of Linux 6.1, by Thomas Hellström, 2021',
  simplifies:
    'An entry of a list is a resource, and an iterator belongs to the context that made it. The third iterator, over an io_mapping, is left out; so are cache attributes and memory that the driver has mapped before. drm_memcpy_from_wc is its fallback. A page number past the end finds NULL in the array of pages.',
  shared: (): Map<TtmKmapIter, Window> => new Map(),
  open: ({ context, machine, shared, fails }) => {
    const { memory } = machine.hardware;
    const mem = new AddressSpace(context);
    const functions = iosysMapFunctions(mem);
    const pagesOf = ({ page, offset, length }: SgEntry): readonly Page[] =>
      page === null
        ? []
        : Array.from({ length: Math.ceil((offset + length) / memory.pageSize) }, (_, i) =>
            memory.nthPage(page, i),
          );
    const tt: TtmKmapIterOps = {
      mapLocal({ pages }, map, i) {
        const page = pages[i];
        if (page === undefined) mem.load8(NULL);
        else functions.iosysMapSetVaddr(map, kmapLocalPage(context, page).vaddr);
      },
      unmapLocal(_iter, { vaddr }) {
        kunmapLocal(context, virtAddr(vaddr));
      },
      mapsTt: true,
    };
    const linearIo = (base: number): TtmKmapIterOps => ({
      mapLocal(_iter, map, i) {
        functions.iosysMapSetVaddrIomem(map, base + i * memory.pageSize);
      },
      unmapLocal: null,
      mapsTt: false,
    });
    const errorPointer = (errno: number): TtmKmapIter => ({
      errno,
      pages: [],
      // A caller that does not look at the error follows the pointer.
      get ops() {
        mem.load8(errno);
        return tt;
      },
    });
    const copy = (to: IosysMap, from: IosysMap, lengthBytes: number): void => {
      const bytes = new Uint8Array(lengthBytes);
      functions.iosysMapMemcpyFrom(bytes, from, 0);
      functions.iosysMapMemcpyTo(to, 0, bytes);
    };
    return {
      ...functions,
      ttmKmapIterTtInit: (sg) => ({ errno: 0, ops: tt, pages: pagesOf(sg) }),
      *ttmKmapIterLinearIoInit(sg) {
        const pages = pagesOf(sg);
        const [first] = pages;
        if (first?.kind !== 'iomem') return errorPointer(-EINVAL);
        if (fails('ttm_kmap_iter_linear_io_init')) return errorPointer(-ENOMEM);
        const mapped = ioremap(context, first.phys, pages.length * memory.pageSize);
        if (!mapped.ok) return errorPointer(-ENOMEM);
        const iter = { errno: 0, ops: linearIo(mapped.value.vaddr), pages };
        shared.set(iter, mapped.value);
        return iter;
      },
      ttmKmapIterLinearIoFini(iter) {
        const mapped = shared.get(iter);
        if (mapped !== undefined) iounmap(context, mapped);
        shared.delete(iter);
      },
      drmMemcpyFromWc: copy,
      ttmMoveMemcpy(isClear, pages, to, from) {
        if (to.ops.mapsTt && from.ops.mapsTt) return;
        const [dst, src] = [functions.iosysMapInitVaddr(NULL), functions.iosysMapInitVaddr(NULL)];
        for (let i = 0; i < pages; i += 1) {
          to.ops.mapLocal(to, dst, i);
          if (isClear) functions.iosysMapMemset(dst, 0, 0, memory.pageSize);
          else {
            from.ops.mapLocal(from, src, i);
            copy(dst, src, memory.pageSize);
            from.ops.unmapLocal?.(from, src);
          }
          to.ops.unmapLocal?.(to, dst);
        }
      },
    };
  },
});
