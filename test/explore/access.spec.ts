import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { load32, load8, store32, store8 } from 'scatterlist/explore';
import { kmapLocalPage } from 'scatterlist/machine';

describe('loads and stores that are steps', () => {
  const machine = createMachine();
  const m = kmapLocalPage(machine.task(), machine.allocPage({ zone: 'highmem' }));

  it('act, then yield, then answer', () => {
    const store = store8(m, 0, 5);
    expect(store.next().done).to.equal(false);
    expect(m.load8(0)).to.equal(5);
    expect(store.next().done).to.equal(true);
    const load = load8(m, 0);
    expect(load.next().done).to.equal(false);
    m.store8(0, 6);
    expect(load.next()).to.deep.equal({ done: true, value: 5 });
  });

  it('come in four bytes too', () => {
    [...store32(m, 4, 0xdeadbeef)];
    const load = load32(m, 4);
    load.next();
    expect(load.next().value).to.equal(0xdeadbeef);
  });
});
