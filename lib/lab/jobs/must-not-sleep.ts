/** Job: a map that must not sleep. */
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import type { Job } from '../job.ts';
import { TestList, pattern } from '../test-list.ts';

/** What the call site is given. */
export interface MustNotSleep {
  readonly list: SgTable<'highmem'>;
  readonly response: Uint8Array;
}

/** Copies a response in a softirq, on top of a task that holds a map itself. */
export const mustNotSleep: Job<MustNotSleep> = {
  name: 'must-not-sleep',
  title: 'a map that must not sleep',
  about:
    'Copies 200 bytes into a list, in a softirq that interrupts a task with a live map. The call site is a plain function, which cannot sleep.',
  follows: 'drivers/scsi/mvsas/mv_sas.c, in its tasklet; libiscsi_tcp.c, rx',
  runsIn: 'softirq',
  machine: {},
  start(machine) {
    const list = new TestList(machine, [{ kind: 'highmem', offset: 4000, length: 200 }], 11);
    const response = pattern(200, 110);
    return {
      env: () => ({ list: list.table, response }),
      changed: () => list.changed(),
      wrong: () => list.wrong([{ at: 0, bytes: response }]),
    };
  },
};
