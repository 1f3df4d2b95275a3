import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { BouncePool, kmap, kmapLocalPage, runAlone, vmap } from 'scatterlist/machine';
import { iomemBounce } from 'scatterlist/backends';
import { poolDetail } from '../../../lib/kernel/core/pool-detail.ts';

describe('poolDetail', () => {
  const machine = createMachine({ pkmapSlots: 4, vmallocPages: 16, bounceSlots: 8 });
  const task = machine.task();
  const page = machine.allocPage({ zone: 'highmem' });

  it('names the pool of a mapping, with its free and its total space', () => {
    const inPool = runAlone(task, kmap(task, page));
    expect(poolDetail(machine, inPool)?.text).to.match(
      /^kmap pool: 3 of 4 slots free\n1: pfn 0x1000 count 2$/,
    );
    const inArea = vmap(task, [page]);
    if (!inArea.ok) throw new Error(inArea.error.code);
    expect(poolDetail(machine, inArea.value)?.text).to.equal('vmalloc area: 14 of 16 pages free');
    const pool = new BouncePool(machine);
    const bounced = iomemBounce(task, { pool }).map(machine.ioRegion(1)[0]!, 0, 4096);
    if (!bounced.ok) throw new Error(bounced.error.code);
    expect(poolDetail(machine, bounced.value)?.text).to.equal('bounce pool: 6 of 8 slots free');
  });

  it('has none for a mapping that takes no space of a pool', () => {
    expect(poolDetail(machine, kmapLocalPage(task, page))).to.equal(undefined);
  });
});
