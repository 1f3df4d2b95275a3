/**
 * linux/highmem.h.
 */
import type { MemoryFailure } from '../../../base/errors.ts';
import type { Result } from '../../../base/result.ts';
import { pfn, virtAddr } from '../../../base/units.ts';
import { kmapAtomic, kmapAtomicPfn, kunmapAtomic } from '../../../kernel/highmem/kmap-atomic.ts';
import {
  kmapLocalPage,
  kmapLocalPageTryFromPanic,
  kmapLocalPfn,
  kunmapLocal,
} from '../../../kernel/highmem/kmap-local.ts';
import { kmapToPage } from '../../../kernel/highmem/kmap-to-page.ts';
import { isKmapAddr } from '../../../kernel/highmem/is-kmap-addr.ts';
import { kmapAssertNomap } from '../../../kernel/highmem/kmap-assert-nomap.ts';
import { kmap, kmapFlushUnused, kmapHighGet, kunmap, kunmapHigh } from '../../../kernel/highmem/kmap.ts';
import { pgmapSetNoaccess, pgmapSetReadwrite } from '../../../kernel/highmem/protection.ts';
import { pageAddressOf } from '../../../kernel/address/linear-address.ts';
import { vmap, vunmap } from '../../../kernel/highmem/vmap.ts';
import { vunmapPfn } from '../../../kernel/device/vmap-pfn.ts';
import { flushDcacheArea, flushDcachePage } from '../../../kernel/page/flush-dcache.ts';
import {
  clearHighpage,
  clearUserHighpages,
  copyHighpage,
  copyMcHighpage,
  copyMcUserHighpage,
  copyUserHighpage,
} from '../../../kernel/page/highpage.ts';
import { memcpyFromPage, memcpyPage, memcpyToPage, memsetPage } from '../../../kernel/page/page-copy.ts';
import { zeroUserSegments } from '../../../kernel/page/zero-user.ts';
import { readBytes, readWord, writeBytes } from '../../runtime/memory.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { mappingAt } from './mapping-at.ts';
import { pageOf, pointerOf } from './page-pointer.ts';

/** Functions of linux/highmem.h and what belongs to it. */
export const HIGHMEM: KernelFunctions = {
  *kmap(c, page) {
    const window = yield* kmap(c.context, pageOf(c, page));
    return window.vaddr;
  },
  kunmap: (c, page) => {
    kunmap(c.context, pageOf(c, page));
  },
  kmap_atomic: (c, page) => kmapAtomic(c.context, pageOf(c, page)).vaddr,
  kmap_atomic_pfn: (c, frame) => kmapAtomicPfn(c.context, pfn(frame)).vaddr,
  kunmap_atomic: (c, address) => {
    kunmapAtomic(c.context, virtAddr(address));
  },
  kmap_local_page: (c, page) => kmapLocalPage(c.context, pageOf(c, page)).vaddr,
  kmap_local_pfn: (c, frame) => kmapLocalPfn(c.context, pfn(frame)).vaddr,
  kunmap_local: (c, address) => {
    kunmapLocal(c.context, virtAddr(address));
  },
  kmap_flush_unused: (c) => {
    kmapFlushUnused(c.context);
  },
  kmap_high_get: (c, page) => kmapHighGet(c.context, pageOf(c, page))?.vaddr ?? 0,
  kunmap_high: (c, page) => {
    kunmapHigh(c.context, pageOf(c, page));
  },
  kmap_local_page_try_from_panic: (c, page) =>
    kmapLocalPageTryFromPanic(c.context, pageOf(c, page))?.vaddr ?? 0,
  kmap_assert_nomap: (c) => {
    kmapAssertNomap(c.context);
  },
  pgmap_set_readwrite: (c, page) => {
    pgmapSetReadwrite(c.context, pageOf(c, page));
  },
  pgmap_set_noaccess: (c, page) => {
    pgmapSetNoaccess(c.context, pageOf(c, page));
  },
  kmap_to_page: (c, address) => pointerOf(c, kmapToPage(c.context, virtAddr(address))),
  is_kmap_addr: (c, address) => isKmapAddr(c.context.machine, address),
  page_address: (c, page) => pageAddressOf(c.context, pageOf(c, page)),
  PageHighMem: (c, pointer) => c.context.machine.hardware.memory.isHighmem(pageOf(c, pointer)),
  copy_highpage: (c, to, from) => {
    copyHighpage(c.context, pageOf(c, to), pageOf(c, from));
  },
  clear_highpage: (c, page) => {
    clearHighpage(c.context, pageOf(c, page));
  },
  copy_user_highpage: (c, to, from) => {
    copyUserHighpage(c.context, pageOf(c, to), pageOf(c, from));
  },
  clear_user_highpages: (c, page, _address, count) => {
    clearUserHighpages(c.context, pageOf(c, page), count);
  },
  copy_mc_highpage: (c, to, from) => leftOf(copyMcHighpage(c.context, pageOf(c, to), pageOf(c, from))),
  copy_mc_user_highpage: (c, to, from) =>
    leftOf(copyMcUserHighpage(c.context, pageOf(c, to), pageOf(c, from))),
  memcpy_from_page: (c, to, page, offset, length) => {
    const bytes = new Uint8Array(length);
    memcpyFromPage(c.context, bytes, pageOf(c, page), offset);
    writeBytes(c, to, bytes);
  },
  memcpy_to_page: (c, page, offset, from, length) => {
    memcpyToPage(c.context, pageOf(c, page), offset, readBytes(c, from, length));
  },
  memcpy_page: (c, to, toOffset, from, fromOffset, length) => {
    memcpyPage(c.context, pageOf(c, to), toOffset, pageOf(c, from), fromOffset, length);
  },
  memset_page: (c, page, offset, value, length) => {
    memsetPage(c.context, pageOf(c, page), offset, value & 0xff, length);
  },
  zero_user_segments: (c, page, start1, end1, start2, end2) => {
    zeroUserSegments(c.context, pageOf(c, page), start1, end1, start2, end2);
  },
  flush_dcache_page: (c, page) => {
    flushDcachePage(c.context, pageOf(c, page));
  },
  vmap: (c, pages, count) => {
    const list = Array.from({ length: count }, (_, i) => pageOf(c, readWord(c, pages + 4 * i)));
    const made = vmap(c.context, list);
    return made.ok ? made.value.vaddr : 0;
  },
  vunmap: (c, address) => {
    const window = mappingAt(c, 'vunmap', address);
    if (window.how.name === 'vmap_pfn') vunmapPfn(c.context, window);
    else vunmap(c.context, window);
  },
  __cpuc_flush_dcache_area: (c, address, length) => {
    flushDcacheArea(c.context, virtAddr(address), length);
  },
};

/** How many bytes a copy has left. */
function leftOf(copied: Result<undefined, MemoryFailure>): number {
  return copied.ok ? 0 : copied.error.bytesNotCopied;
}
