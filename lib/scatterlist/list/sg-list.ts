/**
 * The list argument of helpers: a table, or any entry with a count.
 */
import type { MemoryKind } from '../../machine/memory.ts';
import type { SgEntry } from './sg-array.ts';
import type { SgTable } from './sg-table.ts';

/** A list to work on. A count of Infinity stands for all entries up to the end mark. */
export type SgList<K extends MemoryKind> =
  SgTable<K> | { readonly sgl: SgEntry<K> | null; readonly origNents: number };
