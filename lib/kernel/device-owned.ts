/**
 * Memory that is mapped for devices, by page: what a checked access asks.
 */
import type { Page } from '../machine/memory.ts';
import type { DmaMapping } from './dma-mapping.ts';

interface Span {
  readonly mapping: DmaMapping;
  /** Offset in the page, and in the mapping. */
  readonly offset: number;
  readonly at: number;
  readonly length: number;
}

/** The DMA mappings of all devices of one machine. */
export class DeviceOwned {
  readonly #byPage = new Map<Page, Span[]>();
  /** The live mappings, oldest first. */
  readonly mappings: Set<DmaMapping> = new Set<DmaMapping>();

  add(mapping: DmaMapping): void {
    this.mappings.add(mapping);
    mapping.eachPage(0, mapping.lengthBytes, (page, offset, at, length) => {
      const spans = this.#byPage.get(page) ?? [];
      spans.push({ mapping, offset, at, length });
      this.#byPage.set(page, spans);
    });
  }

  delete(mapping: DmaMapping): void {
    this.mappings.delete(mapping);
    mapping.eachPage(0, mapping.lengthBytes, (page) => {
      const left = this.#byPage.get(page)?.filter((span) => span.mapping !== mapping) ?? [];
      if (left.length > 0) this.#byPage.set(page, left);
      else this.#byPage.delete(page);
    });
  }

  /**
   * The mapping that forbids the CPU an access: one whose device owns a byte of it. Reading what the
   * device only reads is allowed.
   */
  forbids(page: Page, offset: number, lengthBytes: number, write: boolean): DmaMapping | undefined {
    return this.#byPage.get(page)?.find((span) => {
      const from = Math.max(offset, span.offset);
      const end = Math.min(offset + lengthBytes, span.offset + span.length);
      return (
        from < end &&
        (write || span.mapping.direction !== 'toDevice') &&
        span.mapping.belongsTo('device', span.at + from - span.offset, end - from)
      );
    })?.mapping;
  }
}
