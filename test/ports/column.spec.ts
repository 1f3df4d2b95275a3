import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { COLUMNS } from 'scatterlist/ports';

describe('the columns', () => {
  it('bind each backend to the context that is given', () => {
    const machine = createMachine();
    for (const { contract, on } of COLUMNS) {
      const bind = on(machine);
      for (const task of [machine.task(), machine.task()]) {
        const backend = bind(task);
        expect(backend.context).to.equal(task);
        expect(backend.contract).to.equal(contract);
      }
    }
  });
});
