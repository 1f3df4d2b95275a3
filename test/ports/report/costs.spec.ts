import { expect } from 'chai';
import { PLAIN, costTables } from 'scatterlist/ports';
import { ledgerText } from '../../../lib/ports/report/costs.ts';
import { firstOf, pageCells } from './page-cells.ts';

describe('what cells cost', () => {
  it('is a table for each row, in which a cell that was not verified has no line', () => {
    const lines = costTables(pageCells(['original'], ['kmap', 'page_address']), PLAIN);
    expect(lines[0]).to.match(/verified +maps +PTE writes .* cycles +per KiB$/);
    expect(lines).to.include('page, original, highmem, 32-bit');
    const cells = lines.filter((line) => /^(kmap|page_address) /.test(line));
    expect(cells.map((line) => line.split(' ')[0])).to.deep.equal(['kmap', 'kmap', 'page_address']);
    expect(cells[0]).to.match(/^kmap +600 B +1 +1 /);
    expect(lines.filter((line) => line.length > 120)).to.deep.equal([]);
  });

  it('is told in a line without the counts that are 0', () => {
    const { outcome } = firstOf(pageCells(['original'], ['kmap_local']));
    if (outcome.result !== 'verified') throw new Error(outcome.result);
    expect(ledgerText(outcome.ledger)).to.match(/^maps 1, unmaps 1, /);
    expect(ledgerText(outcome.ledger)).to.not.match(/ 0(,|$)/);
  });
});
