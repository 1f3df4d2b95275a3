/**
 * Bytes that were not written since their page was allocated.
 */
import type { Page } from './memory.ts';

const FRESH = 1;

/** The uninitialised bytes of one machine, if it tracks them. */
export class Uninitialised {
  /** One mark for each byte. A page that was never tracked counts as written. */
  readonly #marks = new Map<Page, Uint8Array>();

  /** Pages with marks, and the marks. */
  get pages(): ReadonlyMap<Page, Uint8Array> {
    return this.#marks;
  }

  /** Marks a page as just allocated. */
  allocated(page: Page): void {
    this.#marks.set(page, new Uint8Array(page.zone.memory.pageSize).fill(FRESH));
  }

  /** Removes the marks of a freed page, because reading it breaks another rule. */
  freed(page: Page): void {
    this.#marks.delete(page);
  }

  /** Removes the marks of bytes that were written, or handed out so that writes cannot be watched. */
  written(page: Page, offset: number, lengthBytes: number): void {
    // Without marks it need not be looked at any more.
    if (offset === 0 && lengthBytes >= page.zone.memory.pageSize) this.#marks.delete(page);
    else this.#marks.get(page)?.fill(0, offset, offset + lengthBytes);
  }

  /** Marks bytes as if they had not been written since their page was allocated. */
  unwritten(page: Page, offset: number, lengthBytes: number): void {
    const marks = this.#marks.get(page) ?? new Uint8Array(page.zone.memory.pageSize);
    marks.fill(FRESH, offset, offset + lengthBytes);
    this.#marks.set(page, marks);
  }

  /** Offset in the page of the first byte of a read that was never written. */
  firstIn(page: Page, offset: number, lengthBytes: number): number | undefined {
    const at = this.#marks
      .get(page)
      ?.subarray(offset, offset + lengthBytes)
      .indexOf(FRESH);
    return at === undefined || at < 0 ? undefined : offset + at;
  }
}
