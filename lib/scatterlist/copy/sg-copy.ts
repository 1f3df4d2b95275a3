/**
 * Copy helpers on one list: `sg_copy_to_buffer` and its family, and the fill that users asked Linux for in vain.
 *
 * Each works page by page through a backend: map, move the bytes, unmap. A failure names how many bytes
 * were done before it; those are done completely, and no byte behind them was touched.
 */
import type { Result } from '../../base/result.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import type { ErrorsOf, MapBackend } from '../../mapping/backend.ts';
import type { SgList } from '../list/sg-list.ts';
import { copiesByPieces, mayPass, workOn } from './by-pieces.ts';
import { fillSpan, moveSpan } from './move.ts';
import type { PartlyDone, Walked } from './partly-done.ts';

/**
 * Copies a list into a buffer, as far as the shorter reaches.
 *
 * @linux sg_copy_to_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes copied
 */
export function sgCopyToBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  buffer: Uint8Array,
  backend: B,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgCopyToBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
): Walked<number> {
  return copy(list, buffer, backend, 0, true);
}

/**
 * Copies a list into a buffer from `skipBytes` of the list on; 0 where the list ends before.
 *
 * @linux sg_pcopy_to_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes copied
 */
export function sgPcopyToBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  buffer: Uint8Array,
  backend: B,
  skipBytes: number,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgPcopyToBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  skipBytes: number,
): Walked<number> {
  return copy(list, buffer, backend, skipBytes, true);
}

/**
 * Copies a buffer into a list, as far as the shorter reaches.
 *
 * @linux sg_copy_from_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes copied
 */
export function sgCopyFromBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  buffer: Uint8Array,
  backend: B,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgCopyFromBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
): Walked<number> {
  return copy(list, buffer, backend, 0, false);
}

/**
 * Copies a buffer into a list from `skipBytes` of the list on; 0 where the list ends before.
 *
 * @linux sg_pcopy_from_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes copied
 */
export function sgPcopyFromBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  buffer: Uint8Array,
  backend: B,
  skipBytes: number,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgPcopyFromBuffer(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  skipBytes: number,
): Walked<number> {
  return copy(list, buffer, backend, skipBytes, false);
}

function copy(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  skipBytes: number,
  toBuffer: boolean,
): Walked<number> {
  return workOn(
    list,
    backend,
    { lengthBytes: buffer.length, skipBytes, writes: !toBuffer },
    copiesByPieces(list, buffer, backend, skipBytes),
    (mapping, lengthBytes, done) => {
      const part = buffer.subarray(done, done + lengthBytes);
      if (toBuffer) mapping.copyTo(part);
      else mapping.copyFrom(part);
    },
    (span, at) => {
      moveSpan(span, { buffer, at, toBuffer });
    },
  );
}

/**
 * Zeroes `lengthBytes` of a list, Infinity for all, from `skipBytes` on; 0 where the list ends before.
 *
 * @linux sg_zero_buffer (7.2; 6.1 maps with kmap_atomic)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes zeroed
 */
export function sgZeroBuffer<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  lengthBytes: number,
  backend: B,
  skipBytes?: number,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgZeroBuffer(
  list: SgList<MemoryKind>,
  lengthBytes: number,
  backend: MapBackend,
  skipBytes = 0,
): Walked<number> {
  return fill(list, 0, { lengthBytes, skipBytes }, backend);
}

/**
 * Sets `lengthBytes` of a list, Infinity for all, from `skipBytes` on to one value, of which the low 8 bits count.
 *
 * @linux none; asked for as sgl_memset (2020), never merged
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend, with the bytes done before; the value is the bytes set
 */
export function sgFill<B extends MapBackend, K extends MemoryKind>(
  list: SgList<K>,
  value: number,
  range: { readonly lengthBytes: number; readonly skipBytes?: number },
  backend: B,
): Result<number, PartlyDone<ErrorsOf<B, K>>>;
export function sgFill(
  list: SgList<MemoryKind>,
  value: number,
  range: { readonly lengthBytes: number; readonly skipBytes?: number },
  backend: MapBackend,
): Walked<number> {
  return fill(list, value, { lengthBytes: range.lengthBytes, skipBytes: range.skipBytes ?? 0 }, backend);
}

function fill(
  list: SgList<MemoryKind>,
  value: number,
  range: { readonly lengthBytes: number; readonly skipBytes: number },
  backend: MapBackend,
): Walked<number> {
  // Infinity stands for the rest of the list.
  const lengthBytes = range.lengthBytes === Infinity ? Number.MAX_SAFE_INTEGER : range.lengthBytes;
  const { skipBytes } = range;
  return workOn(
    list,
    backend,
    { lengthBytes, skipBytes, writes: true },
    mayPass(backend),
    (mapping, part) => {
      mapping.fill(value, 0, part);
    },
    (span) => {
      fillSpan(span, value);
    },
  );
}
