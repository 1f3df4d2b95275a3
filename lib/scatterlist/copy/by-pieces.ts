/**
 * The fast path for one list: the backend counts as many pieces as it can, and their bytes are copied together. A piece
 * that it does not count is mapped.
 *
 * Only for speed; `walk.ts` defines the meaning, and the property test `test/scatterlist/copy/by-pieces.spec.ts`
 * compares the two. The fast path is taken if no difference can be observed: the machine is not watched, and the
 * caller's buffer does not overlap simulated memory. Compatible machines always use the walk, because it reproduces
 * what Linux does with empty entries.
 */
import type { ScatterlistError } from '../../base/errors.ts';
import { ok } from '../../base/result.ts';
import { isWhole } from '../../base/whole.ts';
import type { PieceRange } from '../../kernel/parts/piece-range.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import type { MapBackend } from '../../mapping/backend.ts';
import { exists } from '../list/check-place.ts';
import { checkListRange } from '../list/check-skip.ts';
import { SgCursor } from '../list/sg-cursor.ts';
import type { SgList } from '../list/sg-list.ts';
import { copiesOf, isCut, isForeign, piecesOf } from './list-pieces.ts';
import type { PieceSpan } from './move.ts';
import { partly } from './partly-done.ts';
import type { Walked } from './partly-done.ts';
import { walk } from './walk.ts';
import type { WalkRange, Work } from './walk.ts';

const FEW_PAGES = 8;

/** Works on the bytes of counted pieces, which begin `doneBytes` after the first byte of the range. */
export type SpanWork = (span: PieceSpan, doneBytes: number) => void;

/** Whether a backend may count pieces without mapping them, because no difference can be observed. */
export function mayPass(backend: MapBackend): boolean {
  const { machine } = backend.context;
  return backend.pass !== undefined && machine.watch.isIdle && machine.config.semantics === 'strict';
}

/** Whether the fast path may be used with this buffer, which must not overlap simulated memory. */
export function copiesByPieces(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  skipBytes: number,
): boolean {
  if (!mayPass(backend) || !isWorthCutting(list, skipBytes + buffer.length, backend)) return false;
  // Offsets into the buffer are kept as 32-bit numbers.
  return buffer.length <= 0xffff_ffff && !backend.context.machine.hardware.memory.holds(buffer);
}

/**
 * Whether cutting a list into pieces pays for `bytes` from its start. It does not for a few pages of a list that was
 * not copied before, for example one request for a part of a larger list: mapping each page costs less there.
 */
function isWorthCutting(list: SgList<MemoryKind>, bytes: number, backend: MapBackend): boolean {
  const { machine } = backend.context;
  const { sgl } = list;
  if (bytes > FEW_PAGES * machine.pageSize || sgl === null || !machine.watch.isOff) return true;
  if (isCut(list, backend.contract.contiguous)) return true;
  const copies = copiesOf(sgl.array);
  if (copies.walkedSlot === sgl.slot) return true;
  copies.walkedSlot = sgl.slot;
  return false;
}

/** Works on the bytes of a range, on the fast path if it is allowed and the list is suitable, else by the walk. */
export function workOn(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  range: WalkRange,
  mayGoByPieces: boolean,
  work: Work,
  onSpan: SpanWork,
): Walked<number> {
  const worked = mayGoByPieces ? byPieces(list, backend, range, work, onSpan) : undefined;
  return worked ?? walk(list, backend, range, work);
}

/** Works on the bytes of a range and returns their number; `undefined` if the list needs the walk. */
function byPieces(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  { skipBytes, lengthBytes }: WalkRange,
  work: Work,
  onSpan: SpanWork,
): Walked<number> | undefined {
  const range = rangeOf(list, backend, skipBytes, lengthBytes);
  if (range === 'none') return ok(0);
  if (range === 'walk') return undefined;
  const { pieces, end, cutBytes, endByte } = range;
  let { first } = range;
  let at = skipBytes;
  while (at < endByte) {
    const inFirst = at - (pieces.starts[first] ?? 0);
    const span = { pieces, first, end, skipBytes: inFirst, cutBytes };
    const passed = range.mayPass ? passOf(backend, span) : 0;
    const stop = first + Math.max(passed, 1);
    const next = stop < end ? (pieces.starts[stop] ?? endByte) : endByte;
    if (passed === 0) {
      const failed = throughMapping(list, backend, span, { at, next, skipBytes }, work);
      if (failed !== undefined) return partly(failed, at - skipBytes);
    } else {
      const isRest = stop === end;
      onSpan(isRest ? span : { pieces, first, end: stop, skipBytes: inFirst, cutBytes: 0 }, at - skipBytes);
    }
    first = stop;
    at = next;
  }
  return ok(endByte - skipBytes);
}

/** The number of pieces that a backend counts; 0 if it returns an impossible number. */
export function passOf(backend: MapBackend, range: PieceRange, inner?: PieceRange): number {
  const passed = backend.pass?.(range, inner) ?? 0;
  return isWhole(passed, range.end - range.first) ? passed : 0;
}

/** A range of a list's bytes, in terms of its pieces. */
interface BytesOfList extends PieceSpan {
  /** Offset in the list of the end of the range. */
  readonly endByte: number;
  /** Whether all their pages are allocated. If not, they must be mapped, because only a mapping reports that. */
  readonly mayPass: boolean;
}

/** The part of the range that the list has; or a value that says that it is empty or that the list needs the walk. */
function rangeOf(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  skipBytes: number,
  lengthBytes: number,
): BytesOfList | 'none' | 'walk' {
  checkListRange(list, backend, skipBytes, lengthBytes);
  const kept = piecesOf(list, backend.contract.contiguous);
  if (kept === undefined || !(lengthBytes > 0)) return 'none';
  const wanted = skipBytes + lengthBytes;
  const endByte = Math.min(wanted, kept.cutUpTo(wanted, skipBytes));
  if (isForeign(kept, backend)) return 'walk';
  if (endByte < wanted && !kept.isWhole) return 'walk';
  if (endByte <= skipBytes) return 'none';
  const { pieces } = kept;
  const isToEnd = endByte === pieces.bytes;
  const end = isToEnd ? pieces.count : pieces.indexAt(endByte - 1) + 1;
  const first = skipBytes === 0 ? 0 : pieces.indexAt(skipBytes);
  const cutBytes = isToEnd ? 0 : pieces.endOf(end - 1) - endByte;
  const inFirst = skipBytes - (pieces.starts[first] ?? 0);
  if (pieces.hasUnseen) pieces.look({ first, end, skipBytes: inFirst, cutBytes });
  const mayPass = backend.context.machine.watch.isOff || pieces.areAllocated(end);
  return { pieces, first, end, skipBytes: inFirst, cutBytes, endByte, mayPass };
}

/** Maps the first piece of a span for the work; returns the error of the map, if any. */
function throughMapping(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  { pieces, first: piece, skipBytes: inPiece }: PieceSpan,
  { at, next, skipBytes }: { readonly at: number; readonly next: number; readonly skipBytes: number },
  work: Work,
): ScatterlistError | undefined {
  const { machine } = backend.context;
  const known = pieces.pages[piece];
  const start = pieces.pageOffsetOf(piece) + inPiece;
  const lengthBytes = next - at;
  const first =
    known !== undefined && exists(known, start, lengthBytes)
      ? known
      : refuseAt(list, backend, at, lengthBytes);
  return machine.helper(() => {
    const { pageSize } = machine;
    // A skip may lead into a later page of an entry that is one piece; then its mapping begins in that page.
    const page = first.zone.memory.nthPage(first, Math.floor(start / pageSize));
    const mapped = backend.map(page, start % pageSize, lengthBytes);
    if (!mapped.ok) return mapped.error;
    work(mapped.value, lengthBytes, at - skipBytes);
    backend.unmap(mapped.value);
    return undefined;
  });
}

// The walk finds the same byte and reports it.
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
