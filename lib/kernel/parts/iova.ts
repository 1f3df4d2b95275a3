/**
 * An IOMMU. It has its own bus addresses, allocated in pages, so that entries of a list can be contiguous for the
 * device no matter what their physical addresses are.
 */
import type { NoVirtualSpace } from '../../base/errors.ts';
import { dmaAddr } from '../../base/units.ts';
import type { DmaAddr } from '../../base/units.ts';
import { crosses } from './dma-mapping.ts';
import type { DmaPiece } from './dma-mapping.ts';
import { PageRuns } from './page-runs.ts';

/** The options of an IOMMU. */
export interface IommuOptions {
  /** Pages of its address space. Default 65536. */
  readonly pages?: number;
  /** Whether it joins entries with contiguous bus addresses into one segment. Default: true. */
  readonly merges?: boolean;
}

/** Pieces that the device sees as one segment. */
export interface IovaSegment {
  readonly address: DmaAddr;
  /** The index of its first piece in the list, and its number of pieces. */
  readonly first: number;
  count: number;
  lengthBytes: number;
}

/** The segments of one list, which share one run of bus addresses. */
export interface IovaRun {
  readonly firstPage: number;
  readonly segments: readonly IovaSegment[];
}

/** Where pieces lie in a run. */
interface Layout {
  /** The first page of each piece. */
  readonly starts: readonly number[];
  readonly pages: number;
  /** The run begins at a multiple of this many pages. */
  readonly align: number;
}

/** The first bus address: above the memory of any machine small enough to simulate. */
const IOVA_BASE = 2 ** 44;
const DEFAULT_PAGES = 65536;

/** The bus addresses of one device. */
export class Iova {
  private readonly runs: PageRuns;
  private readonly base: number;
  private readonly pageSize: number;
  private readonly merges: boolean;

  // Addresses above all memory if the device can use them, else the highest that it can. Page 0 stays free.
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

  /** The error of pieces that get no addresses. */
  noSpaceFor(pieces: readonly DmaPiece[], boundaryBytes: number = Infinity): NoVirtualSpace {
    const { pages, align } = this.#layOut(pieces, boundaryBytes);
    const { freePages } = this.runs;
    return {
      code: 'NoVirtualSpace',
      needPages: pages,
      freePages,
      largestRunPages: this.runs.largestRun(align),
    };
  }

  /**
   * Assigns bus addresses to pieces. Joins those that begin and end on page boundaries, as long as the segment is not
   * too long and does not cross a multiple of `boundaryBytes`. Returns `undefined` if no run is free.
   */
  take(
    pieces: readonly DmaPiece[],
    mostBytes: number,
    boundaryBytes: number = Infinity,
  ): IovaRun | undefined {
    const { starts, pages, align } = this.#layOut(pieces, boundaryBytes);
    const firstPage = this.runs.take(pages, align);
    if (firstPage < 0) return undefined;
    return { firstPage, segments: this.#join(pieces, starts, firstPage, mostBytes, boundaryBytes) };
  }

  // Each piece begins in a page of its own, at its own offset.
  #layOut(pieces: readonly DmaPiece[], boundaryBytes: number): Layout {
    const starts: number[] = [];
    let pages = 0;
    for (const piece of pieces) {
      pages += this.#padding(pages, piece, boundaryBytes);
      starts.push(pages);
      pages += this.#pagesOf(piece);
    }
    // A run shorter than `boundaryBytes` must not cross a boundary; a longer one must begin at one.
    const stretch = boundaryBytes / this.pageSize;
    const isFree = boundaryBytes === Infinity || stretch <= 1;
    const align = isFree ? 1 : Math.min(stretch, 2 ** Math.ceil(Math.log2(Math.max(1, pages))));
    return { starts, pages, align };
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

  // Pages skipped so that a piece that fits between two boundaries does not cross one.
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
