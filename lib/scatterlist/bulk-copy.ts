/**
 * The fast way between a list and a buffer, or one value: pieces in runs, through the backend's `transfer` and
 * `transferFill`; whatever the backend leaves, mapped piece by piece.
 *
 * Only where nobody could tell the difference, and only on strict machines: a compatible one reproduces
 * what Linux does with empty entries, which is the walk's business.
 */
import type { ScatterlistError } from '../base/errors.ts';
import { done, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { MapBackend, Segments } from '../mapping/backend.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { exists } from './check-place.ts';
import { checkListRange } from './check-skip.ts';
import { isCut, isForeign, listSegments } from './list-segments.ts';
import { partly } from './partly-done.ts';
import type { Walked } from './partly-done.ts';
import { SgCursor } from './sg-cursor.ts';
import type { SgList } from './sg-list.ts';

const FEW_PAGES = 8;

/** Whether the fast way is open to a backend. */
export function canBulkCopy(backend: MapBackend): boolean {
  const { machine } = backend.context;
  return machine.isUnseen && machine.config.semantics === 'strict';
}

/** Whether it is open with a buffer: offsets into that are numbers of 32 bits. */
export function canBulkCopyWith(buffer: Uint8Array, backend: MapBackend): boolean {
  return canBulkCopy(backend) && buffer.length <= 0xffff_ffff;
}

/**
 * Whether cutting a list into pieces is worth it for `bytes` from its start: not for a few pages of a list that was not
 * copied before, as of a request that names a part of a larger list. Mapping each costs less where nobody watches.
 */
export function isWorthCutting(list: SgList<MemoryKind>, bytes: number, backend: MapBackend): boolean {
  const { machine } = backend.context;
  const { sgl } = list;
  if (bytes > FEW_PAGES * machine.pageSize || sgl === null || !machine.isUnwatched) return true;
  const { array, slot } = sgl;
  if (array.walkedSlot === slot || isCut(list, backend.contract.contiguous)) return true;
  array.walkedSlot = slot;
  return false;
}

/** Copies between a list, from `skipBytes` on, and a buffer; returns undefined where only the walk can. */
export function bulkCopy(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  { skipBytes, toBuffer }: { readonly skipBytes: number; readonly toBuffer: boolean },
): Walked<number> | undefined {
  const range = rangeOf(list, backend, skipBytes, buffer.length);
  if (range === 'none') return ok(0);
  if (range === 'walk') return undefined;
  const { segments, endPiece, cutBytes, endByte } = range;
  let { piece } = range;
  let at = skipBytes;
  while (at < endByte) {
    const skipped = at - (segments.starts[piece] ?? 0);
    const bufferOffset = at - skipBytes;
    const moved = backend.transfer({
      segments,
      first: piece,
      end: endPiece,
      skipBytes: skipped,
      cutBytes,
      buffer,
      bufferOffset,
      toBuffer,
    });
    if (moved > 0) {
      piece += moved;
      at = piece < endPiece ? (segments.starts[piece] ?? endByte) : endByte;
      continue;
    }
    const next = Math.min(endByte, segments.endOf(piece));
    const bytes = buffer.subarray(bufferOffset, next - skipBytes);
    const mapped = throughMapping(list, backend, range, piece, at, bytes.length, (mapping) => {
      if (toBuffer) mapping.copyTo(bytes);
      else mapping.copyFrom(bytes);
    });
    if (!mapped.ok) return partly(mapped.error, bufferOffset);
    at = next;
    piece += 1;
  }
  return ok(endByte - skipBytes);
}

/** Sets bytes of a list to one value; returns undefined where only the walk can. */
export function bulkFill(
  list: SgList<MemoryKind>,
  value: number,
  backend: MapBackend,
  { skipBytes, lengthBytes }: { readonly skipBytes: number; readonly lengthBytes: number },
): Walked<number> | undefined {
  const range = rangeOf(list, backend, skipBytes, lengthBytes);
  if (range === 'none') return ok(0);
  if (range === 'walk') return undefined;
  const { segments, endPiece, cutBytes, endByte } = range;
  let { piece } = range;
  let at = skipBytes;
  while (at < endByte) {
    const skipped = at - (segments.starts[piece] ?? 0);
    const filled = backend.transferFill({
      segments,
      first: piece,
      end: endPiece,
      skipBytes: skipped,
      cutBytes,
      value,
    });
    if (filled > 0) {
      piece += filled;
      at = piece < endPiece ? (segments.starts[piece] ?? endByte) : endByte;
      continue;
    }
    const length = Math.min(endByte, segments.endOf(piece)) - at;
    const mapped = throughMapping(list, backend, range, piece, at, length, (mapping) => {
      mapping.fill(value, 0, length);
    });
    if (!mapped.ok) return partly(mapped.error, at - skipBytes);
    at += length;
    piece += 1;
  }
  return ok(endByte - skipBytes);
}

/** Where bytes of a list lie in its pieces. */
interface BulkRange {
  readonly segments: Segments;
  readonly piece: number;
  /** One past the last piece, and how much of that is behind the range. */
  readonly endPiece: number;
  readonly cutBytes: number;
  /** Offset in the list of the first byte behind the range. */
  readonly endByte: number;
}

/** The range as far as the list reaches, or that it has no byte, or that the list is for the walk. */
function rangeOf(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  skipBytes: number,
  lengthBytes: number,
): BulkRange | 'none' | 'walk' {
  checkListRange(list, backend, skipBytes, lengthBytes);
  const kept = listSegments(list, backend.contract.contiguous);
  if (kept === undefined || !(lengthBytes > 0)) return 'none';
  const wanted = skipBytes + lengthBytes;
  const endByte = Math.min(wanted, kept.reach(wanted, skipBytes));
  if (isForeign(kept, backend)) return 'walk';
  if (endByte < wanted && !kept.isWhole) return 'walk';
  if (endByte <= skipBytes) return 'none';
  const { segments } = kept;
  const isToEnd = endByte === segments.bytes;
  const endPiece = isToEnd ? segments.count : segments.indexAt(endByte - 1) + 1;
  const piece = skipBytes === 0 ? 0 : segments.indexAt(skipBytes);
  const cutBytes = isToEnd ? 0 : segments.endOf(endPiece - 1) - endByte;
  if (segments.hasUnseen)
    segments.look({
      first: piece,
      end: endPiece,
      skipBytes: skipBytes - (segments.starts[piece] ?? 0),
      cutBytes,
    });
  return { segments, piece, endPiece, cutBytes, endByte };
}

// A skip may lead into a later page of a whole entry, which is where its mapping begins then.
function throughMapping(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  { segments }: BulkRange,
  piece: number,
  atByte: number,
  lengthBytes: number,
  use: (mapping: Mapping) => void,
): Result<undefined, ScatterlistError> {
  const { machine } = backend.context;
  const known = segments.pages[piece];
  const start = segments.pageOffsetOf(piece) + atByte - (segments.starts[piece] ?? 0);
  const first =
    known !== undefined && exists(known, start, lengthBytes)
      ? known
      : refuseAt(list, backend, atByte, lengthBytes);
  return machine.helper(() => {
    const { pageSize } = machine;
    const page = first.zone.memory.nthPage(first, Math.floor(start / pageSize));
    const mapped = backend.map(page, start % pageSize, lengthBytes);
    if (!mapped.ok) return mapped;
    use(mapped.value);
    backend.unmap(mapped.value);
    return done;
  });
}

// The walk finds the same byte, and says what is wrong with it.
function refuseAt(
  list: SgList<MemoryKind>,
  { context, contract }: MapBackend,
  atByte: number,
  lengthBytes: number,
): Page {
  const { pageSize } = context.machine;
  const asker = { name: 'list copy', context };
  const options = { pageSize, strict: true, wholeEntries: contract.contiguous, asker };
  const cursor = new SgCursor(list.sgl, list.origNents, options);
  if (cursor.skip(atByte)) cursor.load();
  return cursor.pageFor(lengthBytes);
}
