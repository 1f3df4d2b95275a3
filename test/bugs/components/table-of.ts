import { sgAllocTable, sgSetPage } from 'scatterlist';
import type { MemoryKind, Page, SgTable } from 'scatterlist';

/** One entry: where it begins, how long it is, and how far into its pages. */
export type Entry<K extends MemoryKind> = readonly [page: Page<K>, lengthBytes: number, offset?: number];

/** A table of the entries. */
export function tableOf<K extends MemoryKind>(entries: readonly Entry<K>[]): SgTable<K> {
  const made = sgAllocTable<K>(entries.length);
  if (!made.ok) throw new Error(made.error.code);
  for (const [i, sg] of [...made.value].entries()) {
    const [page, lengthBytes, offset] = entries[i]!;
    sgSetPage(sg, page, lengthBytes, offset ?? 0);
  }
  return made.value;
}
