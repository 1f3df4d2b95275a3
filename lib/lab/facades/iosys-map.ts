/**
 * `struct iosys_map`, and `dma_buf_vmap`, which fills it with a map of a whole buffer.
 */
import { physAddr } from '../../base/units.ts';
import { AddressSpace } from '../../kernel/address/address-space.ts';
import type { Context } from '../../kernel/core/machine.ts';
import { ioremap, iounmap } from '../../kernel/device/ioremap.ts';
import { vmap, vunmap } from '../../kernel/highmem/vmap.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Page } from '../../machine/memory.ts';
import type { Window } from '../../kernel/window/window.ts';
import { SgEntry } from '../../scatterlist/list/sg-array.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { EINVAL, ENOMEM } from '../err-ptr.ts';
import { clear, iosysMapFunctions, isEqual } from '../parts/iosys-map.ts';
import type { IosysMap, IosysMapFunctions } from '../parts/iosys-map.ts';

/** A buffer, `struct dma_buf`: one entry, or a list whose entries join at the borders of pages. */
export type DmaBuf = SgEntry | SgTable;

/** The functions of `iosys_map` and those that fill one. */
export interface IosysMapApi extends IosysMapFunctions {
  /** `dma_buf_vmap`: maps a whole buffer for all contexts. Returns 0, or a negative error number and a `NULL` map. */
  dmaBufVmap(buffer: DmaBuf, map: IosysMap): Sleeping<number>;
  /** `dma_buf_vunmap`: the last of several releases the map. The map must be the one that `dma_buf_vmap` returned. */
  dmaBufVunmap(buffer: DmaBuf, map: IosysMap): Sleeping<void>;
}

/** A buffer that is mapped: `vmap_ptr` and `vmapping_counter`. */
interface Mapped {
  readonly map: IosysMap;
  readonly window: Window;
  users: number;
}

/** `iosys_map`. */
export const iosysMap: Facade<IosysMapApi> = defineFacade({
  name: 'iosys-map',
  title: 'iosys_map, filled by dma_buf_vmap',
  source: 'include/linux/iosys-map.h and drivers/dma-buf/dma-buf.c of Linux 6.1; the system heap as exporter',
  simplifies:
    'An entry, or a list whose entries join at the borders of pages, is a buffer. The lock of a buffer is left out, because no call stops in the middle. A buffer of device memory is mapped with ioremap. There is no rd and wr of 8 bytes.',
  shared: (): Map<DmaBuf, Mapped> => new Map(),
  open: ({ context, shared, fails, refuse }) => ({
    ...iosysMapFunctions(new AddressSpace(context)),
    *dmaBufVmap(buffer, map) {
      clear(map);
      const mapped = shared.get(buffer) ?? (fails('dma_buf_vmap') ? -ENOMEM : mapBuffer(context, buffer));
      if (typeof mapped === 'number') return mapped;
      mapped.users += 1;
      shared.set(buffer, mapped);
      Object.assign(map, mapped.map);
      return 0;
    },
    *dmaBufVunmap(buffer, map) {
      const mapped = shared.get(buffer);
      if (mapped === undefined) return refuse('BUG: dma_buf_vunmap of a buffer that is not mapped');
      if (!isEqual(mapped.map, map)) refuse('BUG: dma_buf_vunmap with another map than that of the buffer');
      mapped.users -= 1;
      if (mapped.users > 0) return;
      shared.delete(buffer);
      if (mapped.map.isIomem) iounmap(context, mapped.window);
      else vunmap(context, mapped.window);
      clear(map);
    },
  }),
});

/** Maps a buffer; returns a negative error number if it is no run of pages, or if there is no room. */
function mapBuffer(context: Context, buffer: DmaBuf): Mapped | number {
  const { memory } = context.machine.hardware;
  const entries = buffer instanceof SgEntry ? [buffer] : [...buffer];
  const pages: Page[] = [];
  for (const [i, { page, offset, length }] of entries.entries()) {
    const joins = i === 0 || offset % memory.pageSize === 0;
    const goesOn = i === entries.length - 1 || (offset + length) % memory.pageSize === 0;
    if (page === null || !joins || !goesOn) return -EINVAL;
    for (let at = offset - (offset % memory.pageSize); at < offset + length; at += memory.pageSize)
      pages.push(memory.nthPage(page, at / memory.pageSize));
  }
  const [first] = pages;
  const [entry] = entries;
  if (first === undefined || entry === undefined) return -EINVAL;
  const isIomem = first.kind === 'iomem';
  if (pages.some(({ kind }) => (kind === 'iomem') !== isIomem)) return -EINVAL;
  if (isIomem && entries.length > 1) return -EINVAL;
  const inPage = entry.offset % memory.pageSize;
  const got = isIomem ? ioremap(context, physAddr(first.phys + inPage), entry.length) : vmap(context, pages);
  if (!got.ok) return -ENOMEM;
  const vaddr = got.value.vaddr + (isIomem ? 0 : inPage);
  return { map: { vaddr, isIomem }, window: got.value, users: 0 };
}
