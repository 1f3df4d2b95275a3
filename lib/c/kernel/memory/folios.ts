/**
 * Folios, bio vectors and fragments of socket buffers: linux/highmem.h, linux/mm.h, linux/bvec.h and linux/skbuff.h.
 */
import { virtAddr } from '../../../base/units.ts';
import {
  folioReleaseKmap,
  folioTestPartialKmap,
  kmapLocalFolio,
} from '../../../kernel/highmem/kmap-local-folio.ts';
import {
  bvecKmapLocal,
  bvecVirt,
  memcpyFromBvec,
  memcpyToBvec,
  memzeroBvec,
} from '../../../kernel/page/bvec.ts';
import type { BioVec } from '../../../kernel/page/bvec.ts';
import { closeDirect } from '../../../kernel/highmem/page-address.ts';
import { flushDcacheFolio } from '../../../kernel/page/flush-dcache.ts';
import {
  memcpyFolio,
  memcpyFromFileFolio,
  memcpyFromFolio,
  memcpyToFolio,
} from '../../../kernel/page/folio-copy.ts';
import { folioFillTail, folioZeroTail } from '../../../kernel/page/folio-tail.ts';
import { skbFragMustLoop } from '../../../kernel/page/skb-frag.ts';
import { folioZeroRange, folioZeroSegment, folioZeroSegments } from '../../../kernel/page/zero-user.ts';
import { RamWindow } from '../../../kernel/window/ram-window.ts';
import { readBytes, readWord, writeBytes } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import { folioOf } from './folio-pointer.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { mappingAt } from './mapping-at.ts';
import { pageOf, pointerOf } from './page-pointer.ts';

/** A `struct bio_vec`. */
function vectorAt(c: Runner, address: number): BioVec {
  return {
    page: pageOf(c, readWord(c, address)),
    length: readWord(c, address + 4),
    offset: readWord(c, address + 8),
  };
}

/** Functions on folios and vectors. */
export const FOLIOS: KernelFunctions = {
  page_folio: (c, page) => pointerOf(c, folioOf(c, page).head),
  folio_nr_pages: (c, folio) => folioOf(c, folio).pages,
  kmap_local_folio: (c, folio, offset) => kmapLocalFolio(c.context, folioOf(c, folio), offset).vaddr,
  folio_test_partial_kmap: (c, folio) => folioTestPartialKmap(c.context.machine, folioOf(c, folio)),
  folio_release_kmap: (c, _folio, address) => {
    folioReleaseKmap(c.context, mappingAt(c, 'folio_release_kmap', address));
  },
  flush_dcache_folio: (c, folio) => {
    flushDcacheFolio(c.context, folioOf(c, folio));
  },
  memcpy_from_folio: (c, to, folio, offset, length) => {
    const bytes = new Uint8Array(length);
    memcpyFromFolio(c.context, bytes, folioOf(c, folio), offset);
    writeBytes(c, to, bytes);
  },
  memcpy_to_folio: (c, folio, offset, from, length) => {
    memcpyToFolio(c.context, folioOf(c, folio), offset, readBytes(c, from, length));
  },
  memcpy_folio: (c, to, toOffset, from, fromOffset, length) => {
    memcpyFolio(c.context, folioOf(c, to), toOffset, folioOf(c, from), fromOffset, length);
  },
  memcpy_from_file_folio: (c, to, folio, position, length) => {
    const bytes = new Uint8Array(length);
    const done = memcpyFromFileFolio(c.context, bytes, folioOf(c, folio), position);
    writeBytes(c, to, bytes.subarray(0, done));
    return done;
  },
  folio_zero_segments: (c, folio, start1, end1, start2, end2) => {
    folioZeroSegments(c.context, folioOf(c, folio), start1, end1, start2, end2);
  },
  folio_zero_segment: (c, folio, start, end) => {
    folioZeroSegment(c.context, folioOf(c, folio), start, end);
  },
  folio_zero_range: (c, folio, start, length) => {
    folioZeroRange(c.context, folioOf(c, folio), start, length);
  },
  folio_zero_tail: (c, folio, offset, address) => {
    const window = mappingAt(c, 'folio_zero_tail', address);
    if (!(window instanceof RamWindow)) return address;
    const at = address - window.vaddr;
    const last = folioZeroTail(c.context, folioOf(c, folio), offset, window, at);
    return last === window ? address : virtAddr(last.vaddr);
  },
  folio_fill_tail: (c, folio, offset, from, length) => {
    folioFillTail(c.context, folioOf(c, folio), offset, readBytes(c, from, length));
  },
  bvec_kmap_local: (c, vector) => bvecKmapLocal(c.context, vectorAt(c, vector)).vaddr,
  // The address stays valid; in C nothing closes it.
  bvec_virt: (c, vector) => {
    const window = bvecVirt(c.context, vectorAt(c, vector));
    if (window === undefined) return 0;
    const { vaddr } = window;
    closeDirect(c.context, window);
    return vaddr;
  },
  memcpy_from_bvec: (c, to, vector) => {
    const from = vectorAt(c, vector);
    const bytes = new Uint8Array(from.length);
    memcpyFromBvec(c.context, bytes, from);
    writeBytes(c, to, bytes);
  },
  memcpy_to_bvec: (c, vector, from) => {
    const to = vectorAt(c, vector);
    memcpyToBvec(c.context, to, readBytes(c, from, to.length));
  },
  memzero_bvec: (c, vector) => {
    memzeroBvec(c.context, vectorAt(c, vector));
  },
  skb_frag_must_loop: (c, page) => skbFragMustLoop(c.context.machine, pageOf(c, page)),
};
