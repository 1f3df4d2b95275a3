/**
 * The requests for an sdhci host, as the block layer would make them: the input is read from a card into lists of odd
 * entries, and then written to an empty card.
 */
import { describeError, sgAllocTable, sgNext, sgSetPage } from 'scatterlist';
import type { Machine, MemoryKind, Page, Result, ScatterlistError, SgTable, Sleeping } from 'scatterlist';
import { allBytes, sameBytes, takePages } from 'scatterlist/ports';
import type { Moved } from 'scatterlist/ports';
import { SdCard } from './sd-card.ts';
import type { MmcData } from './sdhci.ts';

export const BLOCK_BYTES = 512;
/** A list has two entries for each 14 blocks. */
const PAIR_BYTES = 14 * BLOCK_BYTES;
const JUNK = 0xa5;

/** What is to be moved, and how much of it was right. */
export interface MmcQueue {
  readonly content: Uint8Array;
  readonly pages: readonly Page[];
  readonly card: SdCard;
  /** The request that the host works on. */
  data: MmcData | undefined;
  verifiedBytes: number;
}

/** Takes the pages that the lists of a request need, at most `mostPages`. */
export function mmcQueue(
  machine: Machine,
  memory: MemoryKind,
  content: Uint8Array,
  mostPages = 16,
): MmcQueue {
  const pages = Math.min(mostPages, 2 * Math.ceil(content.length / PAIR_BYTES));
  return {
    content,
    pages: takePages(machine, memory, pages),
    card: new SdCard(new Uint8Array()),
    data: undefined,
    verifiedBytes: 0,
  };
}

/** The most bytes that a request of this queue moves. */
export function mostRequestBytes({ pages }: MmcQueue): number {
  return (pages.length / 2) * PAIR_BYTES;
}

/** Makes one request after another, lets `transfer` move it, and compares the bytes. */
export function* eachRequest(
  machine: Machine,
  queue: MmcQueue,
  transfer: (data: MmcData) => Sleeping<Result<unknown, ScatterlistError>>,
): Sleeping<Result<unknown, ScatterlistError> | undefined> {
  const { content, pages, card } = queue;
  for (const direction of ['read', 'write'] as const) {
    for (let at = 0; at < content.length;) {
      const table = oddTable(pages, content.length - at);
      const { totalBytes } = table;
      const wanted = new Uint8Array(totalBytes);
      wanted.set(content.subarray(at, at + totalBytes));
      card.insert(direction === 'read' ? wanted : new Uint8Array(totalBytes).fill(JUNK));
      for (const page of pages) machine.physical(page).fill(JUNK);
      if (direction === 'write') eachPiece(machine, table, wanted, (ram, part) => ram.set(part));
      const data = { direction, table, blockBytes: BLOCK_BYTES, blocks: totalBytes / BLOCK_BYTES };
      queue.data = data;
      const moved = yield* transfer(data);
      if (!moved.ok) return moved;
      if (direction === 'write') sameBytes(wanted, card.storage, 'the card');
      else eachPiece(machine, table, wanted, (ram, part) => sameBytes(part, ram, 'an entry'));
      queue.verifiedBytes += Math.min(totalBytes, content.length - at);
      at += totalBytes;
    }
  }
  return undefined;
}

/** The check of the end: the input was read and written. */
export function allRequests({ content, verifiedBytes, card }: MmcQueue): Moved {
  return { ...allBytes(2 * content.length, verifiedBytes), ownAccesses: card.accesses };
}

/**
 * A list of whole blocks in entries of 3583 and 3585 bytes at odd offsets: heads of every alignment, and words of the
 * FIFO that end in one entry and go on in the next.
 */
function oddTable(pages: readonly Page[], wantedBytes: number): SgTable {
  const used = pages.slice(0, 2 * Math.ceil(wantedBytes / PAIR_BYTES));
  const table = sgAllocTable(used.length);
  if (!table.ok) throw new RangeError(describeError(table.error));
  let sg = table.value.sgl;
  for (const [i, page] of used.entries()) {
    if (sg === null) break;
    sgSetPage(sg, page, i % 2 === 0 ? 3583 : 3585, (i * 37) % 500);
    sg = sgNext(sg);
  }
  return table.value;
}

function eachPiece(
  machine: Machine,
  table: SgTable,
  content: Uint8Array,
  visit: (ram: Uint8Array, part: Uint8Array) => unknown,
): void {
  let at = 0;
  for (const sg of table) {
    if (sg.page === null) continue;
    visit(
      machine.physical(sg.page).subarray(sg.offset, sg.offset + sg.length),
      content.subarray(at, at + sg.length),
    );
    at += sg.length;
  }
}
