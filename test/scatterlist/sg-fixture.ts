/** Lists of lowmem for tests that need no particular memory. */
import fc from 'fast-check';
import { createMachine, forEachSg, sgNext } from 'scatterlist';
import type { Machine, Page, SgEntry, SgTable } from 'scatterlist';
import { buildList } from '../vectors/lists.ts';
import type { Entry } from '../vectors/lists.ts';

export const machine: Machine = createMachine({ lowmemPages: 2 ** 16, highmemPages: 64 });
export const PAGE: number = machine.pageSize;

export function page(pfn: number): Page<'lowmem'> {
  return machine.hardware.memory.page(pfn) as Page<'lowmem'>;
}

export function pages(...pfns: number[]): Page<'lowmem'>[] {
  return pfns.map(page);
}

export function list(
  entries: readonly Entry[],
  chunks: readonly number[] = [entries.length],
): SgEntry | null {
  return buildList(machine, { entries, chunks });
}

export function entryOf(sg: SgEntry): readonly number[] {
  return [sg.page?.pfn ?? -1, sg.offset, sg.length];
}

/** Entries up to the end mark. */
export function entriesOf(sgl: SgEntry | null): readonly (readonly number[])[] {
  const entries = [];
  for (let sg = sgl; sg !== null; sg = sgNext(sg)) entries.push(entryOf(sg));
  return entries;
}

/** Physical addresses of every byte, in order: what a list means. */
export function addressesOf(sgl: SgEntry | null, nents = Infinity): readonly number[] {
  return Array.from(forEachSg(sgl, nents)).flatMap((sg) =>
    Array.from({ length: sg.length }, (_, i) => (sg.page?.pfn ?? 0) * PAGE + sg.offset + i),
  );
}

export function tableEntries(table: SgTable): readonly (readonly number[])[] {
  return Array.from(table, entryOf);
}

/** A list and how it is chained; entries small, with empty ones and offsets beyond a page among them. */
export const anyList: fc.Arbitrary<{ entries: Entry[]; chunks: number[] }> = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom(0, 1, 100, 4095, 4096, 5000),
      fc.constantFrom(0, 1, 7, 40, 300),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .chain((entries) =>
    fc.integer({ min: 1, max: entries.length }).map((first) => ({
      entries,
      chunks: first === entries.length ? [first] : [first, entries.length - first],
    })),
  );
