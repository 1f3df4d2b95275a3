/** The list of a SCSI command's data. */
import { sgInitTable, sgSetPage } from 'scatterlist';
import type { Page, SgEntry } from 'scatterlist';

/** The data of `struct scsi_cmnd` or `struct se_cmd`: a list and its length. */
export interface Command {
  readonly sgl: SgEntry;
  readonly nents: number;
}

/** A list over contiguous pages from the offset on, in entries that end at multiples of `entryBytes` of the first page. */
export function commandOver(
  pages: readonly Page[],
  { offset, lengthBytes, entryBytes, pageSize }: Layout,
): Command {
  const nents = Math.ceil((offset + lengthBytes) / entryBytes);
  const list = sgInitTable(nents);
  for (let i = 0; i < nents; i += 1) {
    const page = pages[(i * entryBytes) / pageSize];
    if (page === undefined) break;
    const start = i === 0 ? offset : 0;
    const end = Math.min(entryBytes, offset + lengthBytes - i * entryBytes);
    sgSetPage(list.entry(i), page, end - start, start);
  }
  return { sgl: list.entry(0), nents };
}

interface Layout {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly entryBytes: number;
  readonly pageSize: number;
}
