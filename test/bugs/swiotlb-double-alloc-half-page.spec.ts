import { BouncePool, pageAddress } from 'scatterlist/machine';
import type { Machine, DirectMapping, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// Bounce slots are half a page. After an allocation of one slot the search gave a run for a whole page
// from the middle of one. Coherent memory is handed out by its page, so its user gets the first half too,
// which has an owner.
//
// CVE-2024-35814, mainline 04867a7a3332 (6.3 - 6.8).
// Oracle: two live allocations overlap; one client finds the other's bytes.

/** A pool whose search pays no heed to the alignment that a buffer needs. */
class UnalignedPool extends BouncePool {
  protected override alignMask(): number {
    return 0;
  }
}

/** `swiotlb_alloc`: memory of whole pages for a device, from the slots. */
function swiotlbAlloc(task: Task, pool: BouncePool): DirectMapping {
  const run = pool.take(task.machine.pageSize);
  const window = run && pageAddress(task, run.page);
  if (window === undefined) throw new Error('no bounce memory');
  return window;
}

type Pool = new (machine: Machine) => BouncePool;

function program(Pool: Pool, small: boolean): Program<{ pool: BouncePool }> {
  return {
    machine: { cpus: 1, bounceSlots: 8 },
    mayKeepMappings: true,
    setup: (machine) => ({ pool: new Pool(machine) }),
    tasks: {
      *clients({ task, pool, machine }) {
        const run = small ? pool.take(100) : undefined;
        if (run !== undefined) machine.physical(run.page)[run.pageOffset] = 9;
        const windows = [swiotlbAlloc(task, pool), swiotlbAlloc(task, pool)];
        yield;
        for (const [i, window] of windows.entries()) window.fill(i + 1);
        const first = run === undefined ? 9 : machine.physical(run.page)[run.pageOffset];
        return [first, ...windows.map((window) => window.load8(0))].join();
      },
    },
    check: ({ results }) =>
      results['clients'] === '9,1,2' || `the clients find ${String(results['clients'])}`,
  };
}

describe('swiotlb-double-alloc-half-page', () => {
  it('gives half of a page to two owners', () => {
    expectFound(program(UnalignedPool, true), 'final-check');
  });

  it('does not while no odd allocation came before', () => {
    expectExhausted(program(UnalignedPool, false));
  });

  it('does not when the search steps by whole pages', () => {
    expectExhausted(program(BouncePool, true));
  });
});
