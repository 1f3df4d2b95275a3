/** Lists of whole pages, in which the entry of a byte is found by division. */
import { describeError } from 'scatterlist';
import type { MemoryKind, ScatterlistError, SgEntry, SgList } from 'scatterlist';
import type { Failure } from './store.ts';

/** A list that begins with any entry of a table. */
export type PageList = SgList<MemoryKind>;

/** The part of the list that begins with an entry. */
export function listFrom(entry: SgEntry, nents: number): PageList {
  return { sgl: entry, origNents: nents };
}

/** The library's error as a failure of the store. */
export function failed(error: ScatterlistError): Failure {
  return { why: describeError(error), full: false };
}
