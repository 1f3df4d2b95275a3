import { expect } from 'chai';
import { ok } from 'scatterlist';
import { KMAP, KMAP_ATOMIC, KMAP_LOCAL, PAGE_ADDRESS, VMAP } from 'scatterlist/backends';
import { resolveConfig } from 'scatterlist/machine';
import { expectationOf } from '../../../lib/cli/matrix/expectation.ts';
import type { Workload } from '../../../lib/cli/matrix/workloads.ts';

function workload(memory: Workload['memory'], needs: Partial<Workload['needs']> = {}): Workload {
  return {
    port: 'port',
    follows: 'drivers/port.c',
    memory,
    needs: { context: 'task', underLock: false, sleepsWhileMapped: undefined, ...needs },
    run: () => ok({ verifiedBytes: 0, ownAccesses: 0 }),
  };
}

const SLEEP_RULES = ['sleep-in-atomic', 'kmap-in-atomic'];
const HIGHMEM = resolveConfig({});
const RT = resolveConfig({ preemptRt: true });
const WITHOUT = resolveConfig({ highmem: false });

describe('what is expected of a cell', () => {
  it('is a refusal of memory that the contract cannot reach, before anything else', () => {
    expect(expectationOf(PAGE_ADDRESS, workload('highmem'), HIGHMEM)).to.deep.equal({
      result: 'refused',
      code: 'Unmappable',
      because: 'the contract says that it cannot reach highmem pages',
    });
    expect(expectationOf(KMAP, workload('iomem', { context: 'nmi' }), HIGHMEM)).to.include({
      result: 'refused',
    });
  });

  it('without CONFIG_HIGHMEM treats highmem like lowmem, and no other kind', () => {
    expect(expectationOf(PAGE_ADDRESS, workload('highmem'), WITHOUT)).to.include({ result: 'verified' });
    expect(expectationOf(PAGE_ADDRESS, workload('iomem'), WITHOUT)).to.include({ result: 'refused' });
    expect(expectationOf(PAGE_ADDRESS, workload('lowmem'), HIGHMEM)).to.include({ result: 'verified' });
  });

  it('is a violation in a context that the contract does not list', () => {
    for (const context of ['softirq', 'hardirq', 'nmi'] as const) {
      expect(expectationOf(KMAP, workload('highmem', { context }), HIGHMEM)).to.deep.equal({
        result: 'violation',
        rules: SLEEP_RULES,
        because: `the port maps in ${context} context, the contract maps in task only`,
      });
      expect(expectationOf(KMAP_LOCAL, workload('highmem', { context }), HIGHMEM)).to.include({
        result: 'verified',
      });
    }
  });

  it('is a violation under a spinlock, for a contract that needs a task', () => {
    for (const contract of [KMAP, VMAP])
      expect(expectationOf(contract, workload('highmem', { underLock: true }), HIGHMEM)).to.deep.equal({
        result: 'violation',
        rules: SLEEP_RULES,
        because: 'the port maps under a spinlock, the contract needs a task that may sleep',
      });
    expect(expectationOf(KMAP, workload('highmem'), HIGHMEM)).to.include({ result: 'verified' });
    expect(expectationOf(KMAP_LOCAL, workload('highmem', { underLock: true }), HIGHMEM)).to.include({
      result: 'verified',
    });
  });

  it('is a violation where the port sleeps while preemption is disabled by the map', () => {
    const sleeper = workload('highmem', { sleepsWhileMapped: 'vmalloc()' });
    expect(expectationOf(KMAP_ATOMIC, sleeper, HIGHMEM)).to.deep.equal({
      result: 'violation',
      rules: SLEEP_RULES,
      because: "the port calls vmalloc() while a page is mapped, and the contract's map disables preemption",
    });
    expect(expectationOf(KMAP_ATOMIC, sleeper, RT)).to.include({ result: 'verified' });
    expect(expectationOf(KMAP_ATOMIC, workload('highmem'), HIGHMEM)).to.include({ result: 'verified' });
    expect(expectationOf(KMAP_LOCAL, sleeper, HIGHMEM)).to.deep.equal({
      result: 'verified',
      because: 'the contract covers this memory and this context',
    });
  });
});
