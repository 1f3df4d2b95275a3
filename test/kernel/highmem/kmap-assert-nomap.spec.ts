import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapAssertNomap, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

describe('kmapAssertNomap', () => {
  for (const semantics of ['strict', 'compatible'] as const) {
    it(`${semantics}: reports local maps of the running task, and names the newest`, () => {
      const machine = createMachine({ semantics });
      const task = machine.task('probe');
      const other = machine.task('other');
      const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      expect(() => kmapAssertNomap(task)).to.throw(/leak[^]*"probe"[^]*pfn 0x1000/);
      expect(violationOf(() => kmapAssertNomap(other))).to.equal('none');
      kunmapLocal(task, m);
      expect(violationOf(() => kmapAssertNomap(task))).to.equal('none');
    });
  }

  it('sees no lowmem map, which takes no slot', () => {
    const machine = createMachine();
    const task = machine.task();
    kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
    expect(violationOf(() => kmapAssertNomap(task))).to.equal('none');
  });
});
