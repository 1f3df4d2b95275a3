/**
 * The fast way between a list and a buffer: whole pieces in runs, through the backend's `transfer`;
 * the rest (edges, and whatever the backend leaves) mapped piece by piece.
 *
 * Only where nobody could tell the difference, and only on strict machines: a compatible one reproduces
 * what Linux does with empty entries, which is the walk's business.
 */
import type { ScatterlistError } from '../base/errors.ts';
import { done, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { MapBackend } from '../mapping/backend.ts';
import { checkSkip } from './check-skip.ts';
import { listSegments } from './list-segments.ts';
import { partly } from './partly-done.ts';
import type { Walked } from './partly-done.ts';
import { SgCursor } from './sg-cursor.ts';
import type { SgList } from './sg-list.ts';

/** Whether the fast way is open. */
export function canBulkCopy(backend: MapBackend): boolean {
  const { machine } = backend.context;
  return machine.isUnseen && machine.config.semantics === 'strict';
}

/** Copies between a list, from `skipBytes` on, and a buffer. */
export function bulkCopy(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  how: { readonly skipBytes: number; readonly toBuffer: boolean },
): Walked<number> {
  const { skipBytes, toBuffer } = how;
  checkSkip(backend, skipBytes);
  const kept = listSegments(list, backend.contract.contiguous);
  if (kept === undefined) return ok(0);
  const end = Math.min(skipBytes + buffer.length, kept.reach(skipBytes + buffer.length));
  const { segments } = kept;
  const endPiece = end === segments.bytes ? segments.count : segments.indexAt(end - 1) + 1;
  const cutBytes = endPiece === 0 ? 0 : segments.endOf(endPiece - 1) - end;
  let piece = skipBytes === 0 ? 0 : segments.indexAt(skipBytes);
  let at = skipBytes;
  while (at < end) {
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
      at = piece < endPiece ? (segments.starts[piece] ?? end) : end;
      continue;
    }
    const next = Math.min(end, segments.endOf(piece));
    const first = segments.pages[piece] ?? missingPage(list, backend, at);
    const start = segments.pageOffsetOf(piece) + skipped;
    const bytes = buffer.subarray(bufferOffset, bufferOffset + next - at);
    const mapped = copyPiece(first, start, bytes, backend, toBuffer);
    if (!mapped.ok) return partly(mapped.error, bufferOffset);
    at = next;
    piece += 1;
  }
  return ok(Math.max(0, end - skipBytes));
}

// A skip may lead into a later page of a whole entry, which is where its mapping begins then.
function copyPiece(
  first: Page,
  start: number,
  bytes: Uint8Array,
  backend: MapBackend,
  toBuffer: boolean,
): Result<undefined, ScatterlistError> {
  const { machine } = backend.context;
  return machine.helper(() => {
    const { pageSize } = machine;
    const page = first.zone.memory.nthPage(first, Math.floor(start / pageSize));
    const mapped = backend.map(page, start % pageSize, bytes.length);
    if (!mapped.ok) return mapped;
    if (toBuffer) mapped.value.copyTo(bytes);
    else mapped.value.copyFrom(bytes);
    backend.unmap(mapped.value);
    return done;
  });
}

// The walk finds the same byte, and says what is wrong with it.
function missingPage(list: SgList<MemoryKind>, { context, contract }: MapBackend, atByte: number): Page {
  const { pageSize } = context.machine;
  const options = { pageSize, strict: true, wholeEntries: contract.contiguous };
  const cursor = new SgCursor(list.sgl, list.origNents, options);
  if (cursor.skip(atByte)) cursor.load();
  return cursor.page;
}
