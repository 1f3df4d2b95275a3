/**
 * Sections of memory whose page structs do not follow those of the section before.
 *
 * Linux with SPARSEMEM and without VMEMMAP keeps an array of page structs for each section of memory, so
 * that `page + n` may leave the array it began in. One entry of a scatterlist must not do that.
 */

/** The sections of a machine whose page structs are separate. */
export class PageStructs {
  private readonly pageSize: number;
  private readonly pagesPerSection: number;
  private readonly gapSections: readonly number[];
  private readonly crossed: (what: string) => void;

  constructor(
    sizes: { readonly pageSize: number; readonly pagesPerSection: number },
    gapSections: readonly number[],
    crossed: (what: string) => void,
  ) {
    this.pageSize = sizes.pageSize;
    this.pagesPerSection = sizes.pagesPerSection;
    this.gapSections = gapSections;
    this.crossed = crossed;
  }

  /** `page_range_contiguous`: reports bytes that run from a frame into a section with separate structs. */
  check(pfn: number, lengthBytes: number, offset: number): void {
    // Computed in 32 bits as in C, so a range that wraps is not checked completely.
    const end = (lengthBytes + offset) >>> 0;
    const pages = ((end + this.pageSize - 1) >>> 0) / this.pageSize;
    const last = pfn + Math.floor(pages) - 1;
    const section = this.gapSections.find(
      (gap) => gap * this.pagesPerSection > pfn && gap * this.pagesPerSection <= last,
    );
    if (section === undefined) return;
    this.crossed(
      `an entry of ${String(end)} bytes from pfn 0x${pfn.toString(16)} on runs into section ${String(section)}, whose page structs lie apart`,
    );
  }
}
