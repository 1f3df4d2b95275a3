/**
 * linux/scatterlist.h: copies between a list and a buffer of C.
 */
import { kmapAtomic } from '../../../../backends/kmap-atomic.ts';
import { kmapLocal } from '../../../../backends/kmap-local.ts';
import { sgPcopyFromBuffer, sgPcopyToBuffer, sgZeroBuffer } from '../../../scatterlist/copy/sg-copy.ts';
import type { SgList } from '../../../scatterlist/list/sg-list.ts';
import type { MapBackend } from '../../../mapping/backend.ts';
import type { MemoryKind } from '../../../machine/memory.ts';
import { readBytes, writeBytes } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { ListView } from './list-view.ts';

function backendOf({ context }: Runner): MapBackend {
  return context.machine.config.linux === '6.1' ? kmapAtomic(context) : kmapLocal(context);
}

function listOf(c: Runner, sgl: number, entries: number): SgList<MemoryKind> {
  return { sgl: new ListView().entryAt(c, sgl, { entries }), origNents: entries };
}

/** The bytes of a list behind a skip, as many as are asked for. */
function bytesOf(list: SgList<MemoryKind>, skip: number, most: number): number {
  let bytes = -skip;
  const { sgl } = list;
  if (sgl === null) return 0;
  const seen = new Set([sgl.array]);
  for (const array of seen)
    for (let slot = array === sgl.array ? sgl.slot : 0; slot < array.slots; slot += 1) {
      const link = array.linkAt(slot);
      if (link !== undefined) seen.add(link.array);
      bytes += array.lengths[slot] ?? 0;
    }
  return Math.max(Math.min(bytes, most), 0);
}

/** `sg_copy_buffer`. */
function copy(
  c: Runner,
  sgl: number,
  entries: number,
  buffer: number,
  length: number,
  skip: number,
  toBuffer: boolean,
): number {
  const list = listOf(c, sgl, entries);
  if (!toBuffer) {
    // Bytes that the list has no room for are not read.
    const from = new Uint8Array(length);
    from.set(readBytes(c, buffer, bytesOf(list, skip, length)));
    const copied = sgPcopyFromBuffer(list, from, backendOf(c), skip);
    return copied.ok ? copied.value : 0;
  }
  const into = new Uint8Array(length);
  const copied = sgPcopyToBuffer(list, into, backendOf(c), skip);
  const done = copied.ok ? copied.value : 0;
  writeBytes(c, buffer, into.subarray(0, done));
  return done;
}

/** The copy helpers. */
export const COPIES: KernelFunctions = {
  sg_copy_buffer: (c, sgl, nents, buffer, length, skip, toBuffer) =>
    copy(c, sgl, nents, buffer, length, skip | 0, toBuffer !== 0),
  sg_copy_from_buffer: (c, sgl, nents, buffer, length) => copy(c, sgl, nents, buffer, length, 0, false),
  sg_copy_to_buffer: (c, sgl, nents, buffer, length) => copy(c, sgl, nents, buffer, length, 0, true),
  sg_pcopy_from_buffer: (c, sgl, nents, buffer, length, skip) =>
    copy(c, sgl, nents, buffer, length, skip | 0, false),
  sg_pcopy_to_buffer: (c, sgl, nents, buffer, length, skip) =>
    copy(c, sgl, nents, buffer, length, skip | 0, true),
  sg_zero_buffer: (c, sgl, nents, length, skip) => {
    const done = sgZeroBuffer(listOf(c, sgl, nents), length, backendOf(c), skip | 0);
    return done.ok ? done.value : 0;
  },
};
