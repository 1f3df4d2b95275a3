import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { readPhysical, writePhysical } from '../../../lib/lab/parts/physical-copy.ts';
import { TestList, pattern } from '../../../lib/lab/test-list.ts';

describe('the copies by physical address', () => {
  for (const kind of ['lowmem', 'highmem', 'iomem'] as const)
    it(`reach ${kind} across a page, and leave no map`, () => {
      const machine = createMachine({ highmemPages: 16 });
      const task = machine.task('copier');
      const list = new TestList(machine, [{ kind, offset: 4000, length: 300 }], 1);
      const [page] = list.pages;
      if (page === undefined) throw new Error('no page');
      const bytes = pattern(200, 7);
      expect(writePhysical(task, page.phys + 4010, bytes)).to.be.true;
      expect(list.wrong([{ at: 10, bytes }])).to.equal(undefined);
      const back = new Uint8Array(200);
      expect(readPhysical(task, page.phys + 4010, back)).to.be.true;
      expect(back).to.deep.equal(bytes);
      expect(machine.ledger.maps).to.equal(4);
      machine.checkLeaks();
    });

  it('say so where there is no memory', () => {
    const machine = createMachine();
    const task = machine.task('copier');
    const end = machine.hardware.memory.endPfn * machine.pageSize;
    expect(readPhysical(task, end, new Uint8Array(1))).to.be.false;
    expect(writePhysical(task, end, new Uint8Array(1))).to.be.false;
    machine.checkLeaks();
  });
});
