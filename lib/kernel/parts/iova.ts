/**
 * An IOMMU: bus addresses of its own, handed out in pages, behind which neighbours in a list follow each
 * other whatever their physical addresses are.
 */
import { dmaAddr } from '../../base/units.ts';
import type { DmaAddr } from '../../base/units.ts';
import { crosses } from './dma-mapping.ts';
import type { DmaPiece } from './dma-mapping.ts';
import { PageRuns } from './page-runs.ts';

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
  /** The first piece of the list that it has, and how many. */
  readonly first: number;
  count: number;
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
  private readonly runs: PageRuns;
  private readonly base: number;
  private readonly pageSize: number;
  private readonly merges: boolean;

  // Addresses above all memory where the device can use them, else the highest that it can; page 0 stays free.
  constructor(
    pageSize: number,
    { pages = DEFAULT_PAGES, merges = true }: IommuOptions,
    mask: number = Infinity,
  ) {
    const end = Math.floor((mask + 1) / pageSize);
    const isFree = end >= IOVA_BASE / pageSize + pages;
    const count = isFree ? pages : Math.max(0, Math.min(pages, end - 1));
    this.base = isFree ? IOVA_BASE : (end - count) * pageSize;
    this.runs = new PageRuns(this.base / pageSize, count);
    this.pageSize = pageSize;
    this.merges = merges;
  }

  /** What is free, for an error: pages in all, and most that one run could get. */
  get room(): { readonly freePages: number; readonly largestRunPages: number } {
    return { freePages: this.runs.freePages, largestRunPages: this.runs.largestRunPages };
  }

  /** Pages that a list needs: each entry begins in a page of its own, at its own offset. */
  pagesFor(pieces: readonly DmaPiece[]): number {
    return pieces.reduce((sum, piece) => sum + this.#pagesOf(piece), 0);
  }

  /**
   * Lays pieces out, joining those that begin and end on page boundaries, up to the longest segment and across
   * no multiple of `boundaryBytes`; `undefined` if no run is free.
   */
  take(
    pieces: readonly DmaPiece[],
    mostBytes: number,
    boundaryBytes: number = Infinity,
  ): IovaRun | undefined {
    const starts: number[] = [];
    let pages = 0;
    for (const piece of pieces) {
      pages += this.#padding(pages, piece, boundaryBytes);
      starts.push(pages);
      pages += this.#pagesOf(piece);
    }
    // A run shorter than a stretch between boundaries lies inside one; a longer one begins with one.
    const stretch = boundaryBytes / this.pageSize;
    const align = stretch <= 1 ? 1 : Math.min(stretch, 2 ** Math.ceil(Math.log2(Math.max(1, pages))));
    const firstPage = this.runs.take(pages, boundaryBytes === Infinity ? 1 : align);
    if (firstPage < 0) return undefined;
    return { firstPage, segments: this.#join(pieces, starts, firstPage, mostBytes, boundaryBytes) };
  }

  #join(
    pieces: readonly DmaPiece[],
    starts: readonly number[],
    firstPage: number,
    mostBytes: number,
    boundaryBytes: number,
  ): readonly IovaSegment[] {
    const segments: IovaSegment[] = [];
    for (const [i, piece] of pieces.entries()) {
      const address = (firstPage + (starts[i] ?? 0)) * this.pageSize + (piece.offset % this.pageSize);
      const last = segments.at(-1);
      if (
        this.merges &&
        last !== undefined &&
        last.address + last.lengthBytes === address &&
        last.lengthBytes + piece.length <= mostBytes &&
        !crosses(last.address, last.lengthBytes + piece.length, boundaryBytes)
      ) {
        last.count += 1;
        last.lengthBytes += piece.length;
      } else segments.push({ address: dmaAddr(address), first: i, count: 1, lengthBytes: piece.length });
    }
    return segments;
  }

  give(run: IovaRun): void {
    this.runs.give(run.firstPage);
  }

  // Pages left out so that a piece that fits between two boundaries does not lie across one.
  #padding(page: number, piece: DmaPiece, boundaryBytes: number): number {
    const at = page * this.pageSize + (piece.offset % this.pageSize);
    if (piece.length > boundaryBytes || !crosses(at, piece.length, boundaryBytes)) return 0;
    const next = Math.ceil((page * this.pageSize + 1) / boundaryBytes) * boundaryBytes;
    return Math.max(0, Math.ceil(next / this.pageSize) - page);
  }

  #pagesOf(piece: DmaPiece): number {
    return Math.ceil(((piece.offset % this.pageSize) + piece.length) / this.pageSize);
  }
}
