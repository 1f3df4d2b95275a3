import { expect } from 'chai';
import { SgTable, mappedNents, origNents } from 'scatterlist';
import { list, tableEntries } from '../sg-fixture.ts';

describe('SgTable', () => {
  it('is empty at first', () => {
    const table = new SgTable();
    expect([...table]).to.deep.equal([]);
    expect([table.sgl, table.nents, table.origNents, table.totalBytes]).to.deep.equal([null, 0, 0, 0]);
  });

  it('iterates over the entries of the CPU, however few the device sees', () => {
    const table = new SgTable();
    table.sgl = list(
      [
        [1, 0, 10],
        [2, 5, 20],
        [3, 0, 30],
      ],
      [1, 2],
    );
    table.origNents = origNents(2);
    table.nents = mappedNents(1);
    expect(tableEntries(table)).to.deep.equal([
      [1, 0, 10],
      [2, 5, 20],
    ]);
    expect(table.totalBytes).to.equal(30);
  });
});
