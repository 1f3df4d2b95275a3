/**
 * The requests and the card of a usdhi6rol0 host: the input is read from a card, and then written to an empty one.
 */
import { describeError, sgAllocTable, sgNext, sgSetPage } from 'scatterlist';
import type { Machine, MemoryKind, Page, SgTable } from 'scatterlist';
import { allBytes, sameBytes, takePages } from 'scatterlist/ports';
import type { Moved } from 'scatterlist/ports';

export const BLOCK_BYTES = 512;
/** The first entry begins at this offset of its page, so that its eighth block crosses into the next page. */
const ODD_OFFSET = 256;
const FIRST_BLOCKS = 9;
const SECOND_BLOCKS = 8;
const JUNK = 0xa5;

/** A request that the host works on. */
export interface Request {
  readonly reads: boolean;
  readonly table: SgTable;
  readonly blocks: number;
  /** Where its bytes are on the card. */
  readonly at: number;
}

/** What is to be moved, and how much of it was right. */
export interface Usdhi6Queue {
  readonly content: Uint8Array;
  readonly pages: readonly Page[];
  /** The blocks on the card. */
  readonly card: Uint8Array;
  /** Blocks of all requests. */
  readonly blocks: number;
  /** The data of the current block, in the FIFO of the controller. */
  readonly fifo: Uint8Array;
  request: Request | undefined;
  /** Bytes that all requests up to now have asked for. */
  askedBytes: number;
  verifiedBytes: number;
}

/** Takes two pages for a list, one after the other, and a third. */
export function usdhi6Queue(machine: Machine, memory: MemoryKind, content: Uint8Array): Usdhi6Queue {
  const cardBlocks = Math.ceil(content.length / BLOCK_BYTES);
  const card = new Uint8Array(cardBlocks * BLOCK_BYTES);
  card.set(content);
  return {
    content,
    pages: takePages(machine, memory, 3, 'contiguous'),
    card,
    blocks: 2 * cardBlocks,
    fifo: new Uint8Array(BLOCK_BYTES),
    request: undefined,
    askedBytes: 0,
    verifiedBytes: 0,
  };
}

/** Checks the last request and makes the next: all reads, and then all writes. */
export function nextRequest(machine: Machine, queue: Usdhi6Queue): Request | undefined {
  const { content, pages, card, request: last, askedBytes } = queue;
  if (last !== undefined) checkRequest(machine, queue, last);
  queue.request = undefined;
  if (askedBytes === 2 * card.length) return undefined;
  const reads = askedBytes < card.length;
  const at = askedBytes % card.length;
  if (!reads && at === 0) card.fill(JUNK);
  const table = oddTable(pages, (card.length - at) / BLOCK_BYTES);
  for (const page of pages) machine.physical(page).fill(JUNK);
  if (!reads) {
    for (const { ram, from } of pieces(machine, table, at))
      ram.set(content.subarray(from, from + ram.length));
  }
  queue.askedBytes += table.totalBytes;
  queue.request = { reads, table, blocks: table.totalBytes / BLOCK_BYTES, at };
  return queue.request;
}

/** The controller moves the next block between its FIFO and the card. */
export function moveOnCard({ card, fifo, request }: Usdhi6Queue, block: number): void {
  if (request === undefined) return;
  const at = request.at + block * BLOCK_BYTES;
  if (request.reads) fifo.set(card.subarray(at, at + BLOCK_BYTES));
  else card.set(fifo, at);
}

/** The check of the end: the input was read and written. */
export function allBlocks({ content, verifiedBytes }: Usdhi6Queue): Moved {
  return allBytes(2 * content.length, verifiedBytes);
}

function checkRequest(machine: Machine, queue: Usdhi6Queue, { reads, table, at }: Request): void {
  const { content, card } = queue;
  const wanted = content.subarray(at, at + table.totalBytes);
  if (!reads) sameBytes(wanted, card.subarray(at), 'the card');
  for (const { ram, from } of pieces(machine, table, at))
    sameBytes(content.subarray(from, from + ram.length), ram, 'an entry');
  queue.verifiedBytes += wanted.length;
}

/** At most 17 blocks in two entries, the first of which covers two pages. */
function oddTable(pages: readonly Page[], wantedBlocks: number): SgTable {
  const first = Math.min(FIRST_BLOCKS, wantedBlocks);
  const second = Math.min(SECOND_BLOCKS, wantedBlocks - first);
  const made = sgAllocTable(second > 0 ? 2 : 1);
  if (!made.ok) throw new RangeError(describeError(made.error));
  const [page, , other] = pages;
  const { sgl } = made.value;
  if (sgl === null || page === undefined || other === undefined) return made.value;
  sgSetPage(sgl, page, first * BLOCK_BYTES, ODD_OFFSET);
  const next = sgNext(sgl);
  if (next !== null) sgSetPage(next, other, second * BLOCK_BYTES, 0);
  return made.value;
}

/** The memory of a list, page by page, and where its bytes are on the card. */
function* pieces(
  machine: Machine,
  table: SgTable,
  start: number,
): Generator<{ readonly ram: Uint8Array; readonly from: number }> {
  const { pageSize } = machine;
  let from = start;
  for (const { page, offset, length } of table) {
    for (let at = offset; page !== null && at < offset + length;) {
      const frame = machine.hardware.memory.page(page.pfn + Math.floor(at / pageSize));
      const bytes = Math.min(pageSize - (at % pageSize), offset + length - at);
      yield { ram: machine.physical(frame).subarray(at % pageSize, (at % pageSize) + bytes), from };
      at += bytes;
      from += bytes;
    }
  }
}
