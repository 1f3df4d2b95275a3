/**
 * Defines the meaning of every copy helper: it maps one piece of the list at a time, works on the bytes through the
 * mapping, and unmaps the piece.
 */
import { ok } from '../../base/result.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import type { MapBackend } from '../../mapping/backend.ts';
import type { Mapping } from '../../mapping/mapping.ts';
import { checkListRange } from '../list/check-skip.ts';
import { SgCursor } from '../list/sg-cursor.ts';
import type { SgList } from '../list/sg-list.ts';
import { partly } from './partly-done.ts';
import type { Walked } from './partly-done.ts';

/** A range of bytes of a list, and whether they are written. */
export interface WalkRange {
  readonly lengthBytes: number;
  readonly skipBytes: number;
  readonly writes: boolean;
}

/** Works on the mapping of a piece, which begins `doneBytes` after the first byte of the range. */
export type Work = (mapping: Mapping, lengthBytes: number, doneBytes: number) => void;

/** A cursor at byte `skipBytes` of the list; `undefined` if the list ends before. */
export function cursorAt(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  skipBytes: number,
): SgCursor | undefined {
  const { machine } = backend.context;
  const cursor = new SgCursor(list.sgl, list.origNents, {
    machine,
    pageSize: machine.pageSize,
    strict: machine.config.semantics === 'strict',
    wholeEntries: backend.contract.contiguous,
    asker: { name: 'list copy', context: backend.context },
  });
  return cursor.skip(skipBytes) ? cursor : undefined;
}

/** Works on the bytes of a range, up to the end of the list, and returns their number. */
export function walk(
  list: SgList<MemoryKind>,
  backend: MapBackend,
  range: WalkRange,
  work: Work,
): Walked<number> {
  const { machine } = backend.context;
  return machine.helper(() => {
    checkListRange(list, backend, range.skipBytes, range.lengthBytes);
    const cursor = cursorAt(list, backend, range.skipBytes);
    let done = 0;
    while (done < range.lengthBytes && cursor?.load() === true) {
      const part = Math.min(cursor.remaining, range.lengthBytes - done);
      const page = cursor.pageFor(part);
      const mapped = backend.map(page, cursor.offset, part);
      if (!mapped.ok) return partly(mapped.error, done);
      work(mapped.value, part, done);
      if (range.writes) machine.flushDcachePage(page);
      backend.unmap(mapped.value);
      cursor.consume(part);
      done += part;
    }
    return ok(done);
  });
}
