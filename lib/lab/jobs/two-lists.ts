/** Job: two lists in step. */
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import type { Job } from '../job.ts';
import { TestList } from '../test-list.ts';

/** What the call site is given. */
export interface TwoLists {
  readonly from: SgTable<'highmem'>;
  readonly to: SgTable<'highmem'>;
  readonly lengthBytes: number;
}

/** Copies one list into another, whose entries end at other bytes. */
export const twoLists: Job<TwoLists> = {
  name: 'two-lists',
  title: 'two lists in step',
  about:
    'Copies 900 bytes from one list into another. Their entries and pages end at different bytes, so that neither list can stay mapped while the other goes on.',
  follows: 'the sgl_copy_sgl of 2020, which was never merged',
  runsIn: 'task',
  machine: {},
  start(machine) {
    const from = new TestList(
      machine,
      [
        { kind: 'highmem', offset: 3900, length: 500 },
        { kind: 'highmem', offset: 0, length: 400 },
      ],
      9,
    );
    const to = new TestList(
      machine,
      [
        { kind: 'highmem', offset: 0, length: 300 },
        { kind: 'highmem', offset: 4000, length: 600 },
      ],
      30,
    );
    const data = from.bytes();
    return {
      env: () => ({ from: from.table, to: to.table, lengthBytes: data.length }),
      changed: () => from.changed() || to.changed(),
      wrong: () => from.wrong([]) ?? to.wrong([{ at: 0, bytes: data }]),
    };
  },
};
