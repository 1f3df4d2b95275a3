/**
 * Memory that has failed: cache lines that can no longer be read without a machine check.
 */
import type { Hash } from '../base/hash.ts';
import type { Page } from './memory.ts';

const LINE_BYTES = 64;

/** The failed lines of one machine. */
export class MemoryErrors {
  /** Offsets of failed lines, ascending. */
  readonly #lines = new Map<Page, number[]>();
  /** `memory_failure_queue`: frames reported as failed, in order. */
  readonly reported: number[] = [];

  /** Whether no line has failed. */
  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  /** Lets the cache line of a byte fail. */
  poison(page: Page, offset: number): void {
    const line = offset - (offset % LINE_BYTES);
    const lines = this.#lines.get(page) ?? [];
    if (!lines.includes(line)) lines.push(line);
    this.#lines.set(
      page,
      lines.sort((a, b) => a - b),
    );
  }

  /** Offset of the first failed line that a read of these bytes would reach. */
  firstIn(page: Page, offset: number, lengthBytes: number): number | undefined {
    return this.#lines.get(page)?.find((line) => line < offset + lengthBytes && line + LINE_BYTES > offset);
  }

  /** Adds all lines to a state key. */
  addTo(hash: Hash): void {
    for (const [page, lines] of this.#lines) for (const line of lines) hash.add(page.pfn).add(line);
    for (const line of this.reported) hash.add(line);
  }
}
