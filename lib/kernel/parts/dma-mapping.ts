/**
 * One range of bus addresses that a device may use, the memory it leads to, and which side owns each byte.
 */
import type { DmaAddr } from '../../base/units.ts';
import type { CallSite } from '../../machine/call-site.ts';
import type { Page } from '../../machine/memory.ts';
import type { MappingState } from '../../machine/violation.ts';
import { ByteFlags } from './byte-flags.ts';

/** `enum dma_data_direction`: whether the device reads the memory, writes it, or both. */
export type DmaDirection = 'bidirectional' | 'toDevice' | 'fromDevice';

/** The side that may access mapped memory. */
export type DmaOwner = 'cpu' | 'device';

/** The function that made a mapping; the unmap function must match it. */
export type DmaCall = 'page' | 'single' | 'sg' | 'coherent';

/** Physically contiguous bytes, in one page or several. */
export interface DmaPiece {
  readonly page: Page;
  /** Offset from the start of the page; may be a page or more. */
  readonly offset: number;
  readonly length: number;
}

/** Called for bytes that lie in one page; `done` is the number of bytes visited before. */
export type PageVisitor = (page: Page, offset: number, done: number, length: number) => void;

/** Visits `length` bytes of a piece from `from` on, page by page. */
export function eachPageOf(piece: DmaPiece, from: number, length: number, visit: PageVisitor): void {
  const { memory } = piece.page.zone;
  for (let done = 0; done < length;) {
    const at = piece.offset + from + done;
    const inPage = at % memory.pageSize;
    const part = Math.min(length - done, memory.pageSize - inPage);
    visit(memory.nthPage(piece.page, Math.floor(at / memory.pageSize)), inPage, done, part);
    done += part;
  }
}

/** Whether a range of addresses crosses a multiple of `boundaryBytes`. */
export function crosses(address: number, lengthBytes: number, boundaryBytes: number): boolean {
  if (lengthBytes <= 0) return false;
  return Math.floor(address / boundaryBytes) !== Math.floor((address + lengthBytes - 1) / boundaryBytes);
}

/** Called for bytes that lie in one piece: `from` is their offset in it, `done` the number of bytes before. */
export type PieceVisitor = (index: number, from: number, done: number, length: number) => void;

/** A mapping for a device. The device owns all of it until a sync gives bytes to the CPU. */
export class DmaMapping {
  readonly address: DmaAddr;
  readonly direction: DmaDirection;
  /** The memory that the driver mapped, in the order of the bus addresses. */
  readonly pieces: readonly DmaPiece[];
  /** If some pieces are bounced: the buffer for each piece, or `undefined`. */
  readonly bounces: readonly (DmaPiece | undefined)[] | undefined;
  readonly lengthBytes: number;
  /** The device that it belongs to and the line that made it, for reports. */
  deviceName = 'device';
  mappedAt: CallSite | undefined = undefined;
  /** The function that made it, if any, and the number of list entries that it was made with. */
  call: DmaCall | undefined = undefined;
  entries: number | undefined = undefined;
  /** False until the driver has checked whether the map failed. */
  isErrorChecked = true;
  /** Whether it is coherent memory, which both sides may access at any time. */
  isShared = false;
  hasEnded = false;
  /** Serial number that orders it among page allocations; set on checked machines. */
  since = 0;
  /** Where each piece begins. */
  private readonly starts: readonly number[];
  /** The memory that the device accesses: the bounce buffer of a piece if it has one, else the piece. */
  private readonly reached: readonly DmaPiece[];
  /** 1 for bytes that the CPU owns. */
  private readonly cpuOwned: ByteFlags;
  /** 1 for bytes of bounce buffers with data of this transfer: copied in, or written by the device. */
  private readonly written: ByteFlags | undefined;

  constructor(
    address: DmaAddr,
    direction: DmaDirection,
    pieces: readonly DmaPiece[],
    bounces?: readonly (DmaPiece | undefined)[],
  ) {
    this.address = address;
    this.direction = direction;
    this.pieces = pieces;
    let end = 0;
    // Not built with `push`, because V8 then reserves 16 more elements in each of thousands of mappings.
    const starts = pieces.map(({ length }) => {
      end += length;
      return end - length;
    });
    this.starts = starts;
    this.lengthBytes = end;
    this.cpuOwned = new ByteFlags(end, 0);
    this.reached = pieces;
    if (bounces?.some((bounce) => bounce !== undefined) !== true) return;
    this.bounces = bounces;
    this.reached = pieces.map((piece, i) => bounces[i] ?? piece);
    this.written = new ByteFlags(end, 0);
    for (const [i, bounce] of bounces.entries()) {
      if (bounce === undefined) this.written.fill(1, starts[i] ?? 0, pieces[i]?.length ?? 0);
    }
  }

  /** Describes the mapping for reports. */
  describe(): MappingState {
    return {
      vaddr: this.address,
      pfn: this.pieces[0]?.page.pfn ?? 0,
      lengthBytes: this.lengthBytes,
      slot: undefined,
      mechanism: `dma ${this.direction}`,
      ownerName: this.deviceName,
      mappedAt: this.mappedAt,
      unmappedAt: undefined,
    };
  }

  /** Whether all these bus addresses belong to it. */
  contains(address: number, lengthBytes: number): boolean {
    return address >= this.address && address + lengthBytes <= this.address + this.lengthBytes;
  }

  /** Whether any of its bytes belongs to `owner`. */
  belongsTo(owner: DmaOwner, from: number, lengthBytes: number): boolean {
    return !this.isShared && this.cpuOwned.has(owner === 'cpu' ? 1 : 0, from, lengthBytes);
  }

  give(owner: DmaOwner, from: number, lengthBytes: number): void {
    this.cpuOwned.fill(owner === 'cpu' ? 1 : 0, from, lengthBytes);
  }

  /** Records that bytes of the bounce buffers hold data of this transfer. */
  filled(from: number, lengthBytes: number): void {
    this.written?.fill(1, from, lengthBytes);
  }

  /** The first byte of a range that holds data of an earlier transfer in its bounce buffer; -1 if none does. */
  firstLeftOver(from: number, lengthBytes: number): number {
    return this.written?.first(0, from, lengthBytes) ?? -1;
  }

  /** Visits the pieces that a range covers; finds the first by binary search. */
  eachPiece(from: number, lengthBytes: number, visit: PieceVisitor): void {
    const end = from + lengthBytes;
    let index = 0;
    for (let high = this.pieces.length - 1; index < high;) {
      const middle = (index + high + 1) >>> 1;
      if ((this.starts[middle] ?? Infinity) <= from) index = middle;
      else high = middle - 1;
    }
    for (; index < this.pieces.length; index += 1) {
      const start = this.starts[index] ?? 0;
      const first = Math.max(from, start);
      const last = Math.min(end, this.starts[index + 1] ?? this.lengthBytes);
      if (first < last) visit(index, first - start, first - from, last - first);
      if (last === end) return;
    }
  }

  /** Visits the mapped memory, page by page. */
  eachPage(from: number, lengthBytes: number, visit: PageVisitor): void {
    this.#eachPageIn(this.pieces, from, lengthBytes, visit);
  }

  /** Visits the memory that the device accesses: bounce buffers if there are some, else the mapped memory. */
  eachDevicePage(from: number, lengthBytes: number, visit: PageVisitor): void {
    this.#eachPageIn(this.reached, from, lengthBytes, visit);
  }

  #eachPageIn(pieces: readonly DmaPiece[], from: number, lengthBytes: number, visit: PageVisitor): void {
    this.eachPiece(from, lengthBytes, (index, inPiece, before, length) => {
      const piece = pieces[index];
      if (piece === undefined) return;
      eachPageOf(piece, inPiece, length, (page, offset, done, part) => {
        visit(page, offset, before + done, part);
      });
    });
  }
}
