/** Job: copy a response into the first bytes of a list. */
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import type { Job } from '../job.ts';
import { TestList, pattern } from '../test-list.ts';

/** What the call site is given. */
export interface CopyResponse {
  readonly list: SgTable<'highmem'>;
  readonly response: Uint8Array;
}

/** Copies a response; its first entry crosses a page and does not hold all of it. */
export const copyResponse: Job<CopyResponse> = {
  name: 'copy-response',
  title: 'copy a response',
  about:
    'Copies a response of 450 bytes into a list. The first entry crosses the end of its page and is too short.',
  follows: 'drivers/scsi/mvsas/mv_sas.c, slot_complete',
  runsIn: 'task',
  machine: {},
  start(machine) {
    const list = new TestList(
      machine,
      [
        { kind: 'highmem', offset: 3900, length: 400 },
        { kind: 'highmem', offset: 16, length: 100 },
      ],
      1,
    );
    const response = pattern(450, 50);
    return {
      env: () => ({ list: list.table, response }),
      changed: () => list.changed(),
      wrong: () => list.wrong([{ at: 0, bytes: response }]),
    };
  },
};
