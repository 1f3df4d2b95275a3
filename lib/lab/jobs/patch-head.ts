/** Job: patch the unaligned heads of entries. */
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import type { Job } from '../job.ts';
import { TestList, pattern } from '../test-list.ts';

/** What the call site is given. */
export interface PatchHead {
  readonly list: SgTable<'highmem'>;
  /** Four bytes for each entry; as many of them belong at the head as are missing to a multiple of four. */
  readonly align: Uint8Array;
}

const SEGMENTS = [
  { kind: 'highmem', offset: 4093, length: 600 },
  { kind: 'highmem', offset: 512, length: 512 },
  // More than a page of offset: the head lies in the second page.
  { kind: 'highmem', offset: 4096 + 2, length: 300 },
] as const;

/** The bytes up to the next multiple of four. */
function headOf(offset: number): number {
  return -offset & 3;
}

/** Patches up to three bytes at the head of each entry that a device with 4-byte alignment could not write. */
export const patchHead: Job<PatchHead> = {
  name: 'patch-head',
  title: 'patch an unaligned head',
  about:
    'Copies the one to three bytes before the first multiple of four of each entry from the buffer in which the device put them. One entry begins at an offset of more than a page.',
  follows: 'drivers/mmc/host/sdhci.c, sdhci_adma_table_post',
  runsIn: 'task',
  machine: {},
  start(machine) {
    const list = new TestList<'highmem'>(machine, SEGMENTS, 2);
    const align = pattern(4 * SEGMENTS.length, 60);
    const heads = SEGMENTS.map(({ offset }, i) => ({
      at: SEGMENTS.slice(0, i).reduce((sum, { length }) => sum + length, 0),
      bytes: align.subarray(4 * i, 4 * i + headOf(offset)),
    }));
    return {
      env: () => ({ list: list.table, align }),
      changed: () => list.changed(),
      wrong: () => list.wrong(heads),
    };
  },
};
