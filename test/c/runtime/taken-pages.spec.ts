import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { PageRegister } from '../../../lib/c/runtime/taken-pages.ts';

describe('PageRegister', () => {
  it('has what was taken, until the last page of it is given back', () => {
    const machine = createMachine();
    const pages = machine.allocPages(3, { zone: 'highmem' });
    const [first, ...rest] = pages;
    if (first === undefined) throw new Error('no page');
    const register = new PageRegister();
    const taken = { first, count: 3, by: 'one', at: undefined };
    register.take(taken);
    for (const page of rest) register.give(page);
    expect(register.taken).to.deep.equal([taken]);
    register.give(first);
    expect(register.taken).to.deep.equal([]);
  });
});
