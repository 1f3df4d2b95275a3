import { expect } from 'chai';
import { createMachine, modelledCycles } from 'scatterlist/machine';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import {
  CONSTANTS,
  difference,
  readerOf,
  together,
  weigh,
  withConstants,
} from '../../../lib/lab/experiment/constants.ts';

describe('the constants of the cost model', () => {
  const machine = createMachine();
  const before = machine.ledger;
  const task = machine.task('mapper');
  kunmapLocal(task, kmapLocalPage(task, machine.allocPage({ zone: 'highmem' })));
  const counts = difference(before, machine.ledger);

  it('have a source each, and say whether it was measured', () => {
    for (const [name, { cycles, source, how }] of Object.entries(CONSTANTS)) {
      expect(cycles, name).to.be.above(0);
      expect(source.length, name).to.be.above(20);
      expect(how, name).to.be.oneOf(['measured', 'estimate']);
    }
    expect(Object.values(CONSTANTS).filter(({ how }) => how === 'measured')).to.have.length(3);
  });

  it('weigh counts as the machine does', () => {
    expect(weigh(counts, readerOf(CONSTANTS).cycles)).to.equal(modelledCycles(counts));
    expect(counts.flushesLocal).to.equal(1);
    expect(together([counts, counts]).pteWrites).to.equal(2 * counts.pteWrites);
    expect(together([]).pteWrites).to.equal(0);
  });

  it('are remembered when they are read, and a count of 0 reads none', () => {
    const { cycles, used } = readerOf(CONSTANTS);
    weigh({ ipis: 0, maps: 2 }, cycles);
    expect([...used]).to.deep.equal(['map']);
    expect(() => cycles('imp')).to.throw("no constant 'imp'; there is map, unmap,");
    expect(() => cycles('toString')).to.throw("no constant 'toString'");
  });

  it('are replaced by name, and only by cycles', () => {
    expect(withConstants(CONSTANTS, { ipi: 5 })['ipi']).to.deep.include({ cycles: 5, how: 'estimate' });
    expect(withConstants(CONSTANTS, {})).to.deep.equal(CONSTANTS);
    expect(() => withConstants(CONSTANTS, { ipj: 5 })).to.throw("no constant 'ipj'");
    for (const wrong of [-1, NaN, Infinity, 2e9])
      expect(() => withConstants(CONSTANTS, { ipi: wrong })).to.throw(
        `constant ipi is ${String(wrong)} cycles; it must be 0 to 1000000000`,
      );
  });
});
