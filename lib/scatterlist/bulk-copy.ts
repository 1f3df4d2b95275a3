/**
 * The fast way between a list and a buffer: whole entries in runs, through the backend's `transfer`;
 * the rest (edges, and whatever the backend leaves) mapped piece by piece.
 *
 * Only where nobody could tell the difference, and only on strict machines: a compatible one reproduces
 * what Linux does with empty entries, which is the walk's business.
 */
import { ok } from '../base/result.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { MapBackend } from '../mapping/backend.ts';
import { checkSkip } from './check-skip.ts';
import { partly } from './partly-done.ts';
import type { Walked } from './partly-done.ts';
import { SG_CHAIN, SG_END } from './sg-array.ts';
import type { SgArray } from './sg-array.ts';
import type { SgList } from './sg-list.ts';

/** Whether the fast way is open. */
export function canBulkCopy(backend: MapBackend): boolean {
  const { machine } = backend.context;
  return machine.isUnwatched && machine.config.semantics === 'strict';
}

/** A pointer into a list that counts down its entries. */
class EntryPointer {
  array: SgArray | undefined;
  slot = 0;
  #left: number;

  constructor(list: SgList<MemoryKind>) {
    this.array = list.sgl?.array;
    this.slot = list.sgl?.slot ?? 0;
    this.#left = list.origNents;
    if (this.#left === 0) this.array = undefined;
  }

  /** Entries from here on that lie one after the other in this array. */
  get inRow(): number {
    const { array } = this;
    if (array === undefined) return 0;
    const { marks } = array;
    const end = Math.min(array.slots, this.slot + this.#left);
    let slot = this.slot;
    while (slot < end && (marks[slot] ?? 0) === 0) slot += 1;
    return slot - this.slot + (slot < end && (marks[slot] ?? 0) === SG_END ? 1 : 0);
  }

  /** Moves on by entries that are in a row, and over the chain behind them. */
  advance(entries: number): void {
    const { array } = this;
    if (array === undefined) return;
    const last = this.slot + entries - 1;
    this.#left -= entries;
    this.slot += entries;
    if (this.#left <= 0 || this.slot >= array.slots || ((array.marks[last] ?? 0) & SG_END) !== 0) {
      this.array = undefined;
    } else if (((array.marks[this.slot] ?? 0) & SG_CHAIN) !== 0) {
      const to = array.linkAt(this.slot);
      this.array = to?.array;
      this.slot = to?.slot ?? 0;
    }
  }
}

/** Copies between a list, from `skipBytes` on, and a buffer. */
export function bulkCopy(
  list: SgList<MemoryKind>,
  buffer: Uint8Array,
  backend: MapBackend,
  how: { readonly skipBytes: number; readonly toBuffer: boolean },
): Walked<number> {
  const { toBuffer } = how;
  checkSkip(backend, how.skipBytes);
  const at = new EntryPointer(list);
  let skip = how.skipBytes;
  let done = 0;
  let row = at.inRow;
  while (done < buffer.length && at.array !== undefined) {
    const { array, slot } = at;
    const length = array.lengths[slot] ?? 0;
    if (length === 0 || skip >= length) {
      skip -= length;
      at.advance(1);
      row = row > 1 ? row - 1 : at.inRow;
      continue;
    }
    if (skip === 0 && length <= buffer.length - done) {
      const { lengths } = array;
      let endSlot = slot + 1;
      let bytes = length;
      for (const most = slot + row; endSlot < most; endSlot += 1) {
        const next = lengths[endSlot] ?? 0;
        if (bytes + next > buffer.length - done) break;
        bytes += next;
      }
      const moved = backend.transfer({
        list: array,
        firstSlot: slot,
        endSlot,
        buffer,
        bufferOffset: done,
        toBuffer,
      });
      if (moved > 0) {
        for (let i = slot + moved; i < endSlot; i += 1) bytes -= lengths[i] ?? 0;
        done += bytes;
        at.advance(moved);
        row = row > moved ? row - moved : at.inRow;
        continue;
      }
    }
    const part = Math.min(length - skip, buffer.length - done);
    const piece = copyEntryPart(array, slot, backend, {
      offset: skip,
      toBuffer,
      bytes: buffer.subarray(done, done + part),
    });
    if (!piece.ok) return partly(piece.error, done + piece.error.doneBytes);
    done += part;
    skip = 0;
    at.advance(1);
    row = row > 1 ? row - 1 : at.inRow;
  }
  return ok(done);
}

interface EntryPart {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly toBuffer: boolean;
}

function copyEntryPart(array: SgArray, slot: number, backend: MapBackend, part: EntryPart): Walked<number> {
  const first = array.pages[slot];
  if (first === null || first === undefined) throw new RangeError('the scatterlist entry has no page');
  const { memory } = backend.context.machine.hardware;
  const { bytes, toBuffer } = part;
  let start = (array.offsets[slot] ?? 0) + part.offset;
  for (let done = 0; done < bytes.length;) {
    const pageOffset = start & memory.pageMask;
    const left = bytes.length - done;
    const length = backend.contract.contiguous ? left : Math.min(left, memory.pageSize - pageOffset);
    const mapped = backend.map(memory.nthPage(first, start >>> memory.pageShift), pageOffset, length);
    if (!mapped.ok) return partly(mapped.error, done);
    const piece = length === bytes.length ? bytes : bytes.subarray(done, done + length);
    if (toBuffer) mapped.value.copyTo(piece);
    else mapped.value.copyFrom(piece);
    backend.unmap(mapped.value);
    done += length;
    start += length;
  }
  return ok(bytes.length);
}
