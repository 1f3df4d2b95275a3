/**
 * An IOMMU: bus addresses of its own, handed out in pages, behind which neighbours in a list follow each
 * other whatever their physical addresses are.
 */
import { dmaAddr } from '../base/units.ts';
import type { DmaAddr } from '../base/units.ts';
import type { DmaPiece } from './dma-mapping.ts';
import { VmallocArea } from './vmalloc.ts';

/** How an IOMMU behaves. */
export interface IommuOptions {
  /** Pages of its address space. Default 65536. */
  readonly pages?: number;
  /** Whether it joins entries that follow each other in bus addresses. Default: yes. */
  readonly merges?: boolean;
}

/** Pieces that the device sees as one segment. */
export interface IovaSegment {
  readonly address: DmaAddr;
  readonly pieces: DmaPiece[];
  lengthBytes: number;
}

/** Segments of one list, in one run of bus addresses. */
export interface IovaRun {
  readonly firstPage: number;
  readonly segments: readonly IovaSegment[];
}

/** Where bus addresses begin: above the memory of any machine small enough to simulate. */
const IOVA_BASE = 2 ** 44;
const DEFAULT_PAGES = 65536;

/** The bus addresses of one device. */
export class Iova {
  private readonly area: VmallocArea;
  private readonly pageSize: number;
  private readonly merges: boolean;

  constructor(pageSize: number, { pages = DEFAULT_PAGES, merges = true }: IommuOptions) {
    this.area = new VmallocArea(pages);
    this.pageSize = pageSize;
    this.merges = merges;
  }

  get freePages(): number {
    return this.area.freePages;
  }

  /** Pages that a list needs: each entry begins in a page of its own, at its own offset. */
  pagesFor(pieces: readonly DmaPiece[]): number {
    return pieces.reduce((sum, piece) => sum + this.#pagesOf(piece), 0);
  }

  /** Lays pieces out, joining those that begin and end on page boundaries; nothing where no run is free. */
  take(pieces: readonly DmaPiece[], mostBytes: number): IovaRun | undefined {
    const firstPage = this.area.take(this.pagesFor(pieces));
    if (firstPage < 0) return undefined;
    const segments: IovaSegment[] = [];
    let page = firstPage;
    for (const piece of pieces) {
      const inPage = piece.offset % this.pageSize;
      const address = IOVA_BASE + page * this.pageSize + inPage;
      page += this.#pagesOf(piece);
      const last = segments.at(-1);
      if (
        this.merges &&
        last !== undefined &&
        last.address + last.lengthBytes === address &&
        last.lengthBytes + piece.length <= mostBytes
      ) {
        last.pieces.push(piece);
        last.lengthBytes += piece.length;
      } else segments.push({ address: dmaAddr(address), pieces: [piece], lengthBytes: piece.length });
    }
    return { firstPage, segments };
  }

  give(run: IovaRun): void {
    this.area.give(run.firstPage);
  }

  #pagesOf(piece: DmaPiece): number {
    return Math.ceil(((piece.offset % this.pageSize) + piece.length) / this.pageSize);
  }
}
