import { expect } from 'chai';
import { defineMatrix, recordOf, runRow } from 'scatterlist/ports';
import { LOADED, PAGE_PORT } from '../page-port.ts';
import { firstOf, pageCells } from './page-cells.ts';

describe('the record of a cell', () => {
  it('is plain values, which can be passed to another thread', () => {
    for (const record of pageCells(['original', 'in a handler', 'older first'], ['kmap', 'page_address']))
      expect(structuredClone(record)).to.deep.equal(record);
  });

  it('says which variant it is of, and what the contract expects', () => {
    const record = firstOf(pageCells(['in a handler'], ['kmap']));
    expect(record).to.include({
      port: 'page',
      variant: 'in a handler',
      isOriginal: false,
      usesBackend: true,
      configuration: '32-bit',
      expected: 'violation',
      isExpected: true,
    });
    expect(firstOf(pageCells(['original'], ['kmap'])).isOriginal).to.equal(true);
  });

  it('has the places as they are translated', () => {
    const matrix = defineMatrix({ ports: [PAGE_PORT], configurations: { one: {} } });
    const row = { port: PAGE_PORT, variant: 'in a handler', memory: 'highmem' as const };
    const [cell] = runRow(matrix, row, LOADED);
    if (cell === undefined) throw new Error('no cell');
    const moved = recordOf(cell, () => ({ file: 'moved.ts', line: 7, column: 1 }));
    expect(moved.needs[0]?.site?.file).to.equal('moved.ts');
    expect(moved.outcome).to.have.nested.property('violation.foundAt.line', 7);
  });
});
