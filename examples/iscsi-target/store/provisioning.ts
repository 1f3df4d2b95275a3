/** Which blocks of a thin disk have contents. Each block has a bit, and each page has eight blocks. */
import { BLOCK_BYTES } from './store.ts';

/** Bytes of a page; eight blocks, so that a byte has a bit for each. */
export const PAGE_BYTES = 4096;
const BLOCKS_PER_PAGE = PAGE_BYTES / BLOCK_BYTES;

/** The part of one page that a range covers. */
export interface PagePart {
  readonly page: number;
  /** First byte within the page. */
  readonly from: number;
  readonly bytes: number;
}

/** Cuts a range of the disk at page boundaries. */
export function* pageParts(offset: number, lengthBytes: number): Generator<PagePart> {
  for (let done = 0; done < lengthBytes;) {
    const from = (offset + done) % PAGE_BYTES;
    const bytes = Math.min(PAGE_BYTES - from, lengthBytes - done);
    yield { page: Math.floor((offset + done) / PAGE_BYTES), from, bytes };
    done += bytes;
  }
}

/** The provisioning state of one disk. */
export class Provisioning {
  readonly #blocks: Uint8Array;

  constructor(pages: number) {
    this.#blocks = new Uint8Array(pages);
  }

  /** Whether any block of a page has contents. */
  hasPage(page: number): boolean {
    return this.#blocks[page] !== 0;
  }

  /** Whether a block has contents. */
  hasBlock(block: number): boolean {
    const bits = this.#blocks[Math.floor(block / BLOCKS_PER_PAGE)] ?? 0;
    return (bits & (1 << (block % BLOCKS_PER_PAGE))) !== 0;
  }

  /** Whether every block of a page has contents. */
  isFull(page: number): boolean {
    return this.#blocks[page] === 0xff;
  }

  /** Marks blocks of a page as written. */
  write({ page, from, bytes }: PagePart): void {
    this.#blocks[page] = (this.#blocks[page] ?? 0) | mask(from, bytes);
  }

  /** Marks blocks of a page as unmapped; returns whether the page has any left. */
  unmap({ page, from, bytes }: PagePart): boolean {
    const left = (this.#blocks[page] ?? 0) & ~mask(from, bytes);
    this.#blocks[page] = left;
    return left !== 0;
  }
}

function mask(from: number, bytes: number): number {
  return ((1 << Math.ceil(bytes / BLOCK_BYTES)) - 1) << (from / BLOCK_BYTES);
}
