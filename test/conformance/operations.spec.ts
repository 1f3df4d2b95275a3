import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { ASK_BYTES, OPERATIONS } from '../../lib/conformance/operations.ts';

describe('the operations that rules are applied to', () => {
  it('are all accessors of a mapping', () => {
    const machine = createMachine();
    const task = machine.task();
    const mapping = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    const accessors = new Set<string>();
    for (let of: object = mapping; of !== Object.prototype; of = Object.getPrototypeOf(of) as object) {
      for (const name of Object.getOwnPropertyNames(of)) {
        if (/^(load|store)\d+$|^(copyTo|copyFrom|fill)$/.test(name)) accessors.add(name);
      }
    }
    expect(OPERATIONS.map(({ title }) => title).sort()).to.deep.equal([...accessors].sort());
    kunmapLocal(task, mapping);
  });

  for (const { title, width, run } of OPERATIONS) {
    it(`${title} touches ${String(width)} bytes at its offset`, () => {
      const machine = createMachine();
      const task = machine.task();
      const page = machine.allocPage({ zone: 'highmem' });
      const before = machine.physical(page).fill(0xee).slice();
      const mapping = kmapLocalPage(task, page);
      run(mapping, 24);
      kunmapLocal(task, mapping);
      const touched = [...machine.physical(page).entries()].filter(([i, byte]) => byte !== before[i]);
      const writes = /store|copyFrom|fill/.test(title);
      if (writes) expect(machine.physical(page)[24], 'what it writes').to.equal(1);
      expect(touched.map(([i]) => i)).to.deep.equal(
        writes ? Array.from({ length: width }, (_, i) => 24 + i) : [],
      );
    });
  }

  it('ask for the array as one of them', () => {
    const machine = createMachine();
    const task = machine.task();
    const mapping = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    kunmapLocal(task, mapping);
    expect(() => ASK_BYTES.run(mapping, 0)).to.throw('use-after-unmap');
  });
});
