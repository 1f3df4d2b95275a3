/** Job: a list with device memory between entries of system RAM. */
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import type { Job } from '../job.ts';
import { TestList, pattern } from '../test-list.ts';

/** What the call site is given. */
export interface DeviceMiddle {
  readonly list: SgTable<'highmem' | 'iomem'>;
  readonly payload: Uint8Array;
}

/** Writes a payload into a list whose second entry is memory of another device. */
export const deviceMiddle: Job<DeviceMiddle> = {
  name: 'device-middle',
  title: 'device memory in the middle',
  about:
    'Writes 600 bytes into a list of three entries. The second is memory of another device, which plain stores must not touch.',
  follows: 'the series of 2017 on peer-to-peer memory',
  runsIn: 'task',
  machine: {},
  start(machine) {
    const list = new TestList<'highmem' | 'iomem'>(
      machine,
      [
        { kind: 'highmem', offset: 3996, length: 200 },
        { kind: 'iomem', offset: 64, length: 200 },
        { kind: 'highmem', offset: 8, length: 200 },
      ],
      8,
    );
    const payload = pattern(600, 100);
    return {
      env: () => ({ list: list.table, payload }),
      changed: () => list.changed(),
      wrong: () => list.wrong([{ at: 0, bytes: payload }]),
    };
  },
};
