/**
 * One range of bus addresses that a device may use, the memory behind it, and whose turn it is.
 */
import type { DmaAddr } from '../base/units.ts';
import type { Page } from '../machine/memory.ts';

/** `enum dma_data_direction`: who writes the memory. */
export type DmaDirection = 'bidirectional' | 'toDevice' | 'fromDevice';

/** Who may touch mapped memory. */
export type DmaOwner = 'cpu' | 'device';

/** Physically contiguous bytes, in one page or several. */
export interface DmaPiece {
  readonly page: Page;
  /** From the start of the page; may be a page or more. */
  readonly offset: number;
  readonly length: number;
}

/** Told of bytes that lie in one page: `done` of them came before. */
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

/** A live mapping. The device owns all of it until a sync gives bytes to the CPU. */
export class DmaMapping {
  readonly address: DmaAddr;
  readonly direction: DmaDirection;
  /** What the driver mapped, in the order of its bus addresses. */
  readonly pieces: readonly DmaPiece[];
  /** Where the device's accesses go instead, if they are bounced. */
  readonly bounce: DmaPiece | undefined;
  readonly lengthBytes: number;
  /** 1 for bytes that the CPU owns. */
  private readonly cpuOwned: Uint8Array;
  /** 1 for bytes of the bounce buffer that are this transfer's: copied in, or written by the device. */
  private readonly written: Uint8Array | undefined;

  constructor(
    address: DmaAddr,
    direction: DmaDirection,
    pieces: readonly DmaPiece[],
    bounce: DmaPiece | undefined,
  ) {
    this.address = address;
    this.direction = direction;
    this.pieces = pieces;
    this.bounce = bounce;
    this.lengthBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    this.cpuOwned = new Uint8Array(this.lengthBytes);
    this.written = bounce === undefined ? undefined : new Uint8Array(this.lengthBytes);
  }

  /** Whether all these bus addresses are its own. */
  contains(address: number, lengthBytes: number): boolean {
    return address >= this.address && address + lengthBytes <= this.address + this.lengthBytes;
  }

  /** Whether one of its bytes belongs to `owner`. */
  belongsTo(owner: DmaOwner, from: number, lengthBytes: number): boolean {
    return this.cpuOwned.subarray(from, from + lengthBytes).includes(owner === 'cpu' ? 1 : 0);
  }

  give(owner: DmaOwner, from: number, lengthBytes: number): void {
    this.cpuOwned.fill(owner === 'cpu' ? 1 : 0, from, from + lengthBytes);
  }

  /** Notes that bytes of the bounce buffer were given a value. */
  filled(from: number, lengthBytes: number): void {
    this.written?.fill(1, from, from + lengthBytes);
  }

  /** The first byte of a range that still holds what an earlier transfer left in the bounce buffer; else -1. */
  firstLeftOver(from: number, lengthBytes: number): number {
    const at = this.written?.subarray(from, from + lengthBytes).indexOf(0) ?? -1;
    return at < 0 ? -1 : from + at;
  }

  /** Visits the mapped memory, page by page. */
  eachPage(from: number, lengthBytes: number, visit: PageVisitor): void {
    let start = 0;
    for (const piece of this.pieces) {
      const first = Math.max(from, start);
      const end = Math.min(from + lengthBytes, start + piece.length);
      const before = first - from;
      if (first < end) {
        eachPageOf(piece, first - start, end - first, (page, offset, done, part) => {
          visit(page, offset, before + done, part);
        });
      }
      start += piece.length;
    }
  }

  /** Visits what the device reaches: the bounce buffer where there is one, else the mapped memory. */
  eachDevicePage(from: number, lengthBytes: number, visit: PageVisitor): void {
    if (this.bounce === undefined) this.eachPage(from, lengthBytes, visit);
    else eachPageOf(this.bounce, from, lengthBytes, visit);
  }
}
