/**
 * No map at all: callers only copy, with the copy helpers of the scatterlist.
 */
import { ioAccess } from '../../../backends/io-access.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { sgCopyList } from '../../scatterlist/copy/list-to-list.ts';
import { sgPcopyFromBuffer, sgPcopyToBuffer } from '../../scatterlist/copy/sg-copy.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';

/** The copy helpers. None of them fails; a short list gives a short count. */
export interface CopyOnly {
  /** `sg_pcopy_from_buffer`: copies a buffer into a list, from a byte of the list on; returns the bytes copied. */
  sgPcopyFromBuffer(list: SgTable<CopyKind>, buffer: Uint8Array, skip?: number): number;
  /** `sg_pcopy_to_buffer`: copies a list into a buffer. */
  sgPcopyToBuffer(list: SgTable<CopyKind>, buffer: Uint8Array, skip?: number): number;
  /** `sgl_copy_sgl`: copies one list into another. */
  sglCopySgl(to: SgTable<CopyKind>, from: SgTable<CopyKind>, lengthBytes: number): number;
}

/** Memory that the helpers reach. */
type CopyKind = Exclude<MemoryKind, 'unmappable'>;

/** Copying instead of mapping. */
export const copyOnly: Facade<CopyOnly> = defineFacade({
  name: 'copy-only',
  title: 'copy only, no map',
  source:
    'lib/scatterlist.c of Linux 7.2, and the sgl_copy_sgl that Douglas Gilbert proposed in 2020; proposed in place of sg_map by Jason Gunthorpe in 2017',
  simplifies: 'The helpers also copy device memory, with the accessors for it; those of Linux do not.',
  open: ({ context }) => {
    const io = ioAccess(context);
    return {
      sgPcopyFromBuffer: (list, buffer, skip = 0) => sgPcopyFromBuffer(list, buffer, io, skip).value,
      sgPcopyToBuffer: (list, buffer, skip = 0) => sgPcopyToBuffer(list, buffer, io, skip).value,
      sglCopySgl: (to, from, lengthBytes) => sgCopyList(to, from, { lengthBytes }, io).value,
    };
  },
});
