import { expect } from 'chai';
import {
  COLUMNS,
  LEGEND,
  PLAIN,
  conversionLines,
  portTable,
  reasonLines,
  rowTable,
  summaryLine,
} from 'scatterlist/ports';
import type { CellRecord } from 'scatterlist/ports';
import { pageCells } from './page-cells.ts';

const NAMES = COLUMNS.map(({ contract }) => contract.name);
const narrow = (cells: readonly CellRecord[]): readonly CellRecord[] =>
  cells.filter(({ configuration }) => configuration === '32-bit');

describe('the table of the matrix', () => {
  const cells = narrow([
    ...pageCells(['original', 'older first', 'in a handler', 'past the end'], NAMES),
    ...pageCells(['original'], NAMES, 'lowmem'),
  ]);

  it('has one line for a port, its kinds of memory in one mark, and its conversions counted', () => {
    const lines = portTable(cells, PLAIN);
    expect(lines).to.have.length(3);
    expect(lines[0]).to.match(/^ +kmap +kmap +page +iomem +io$/);
    expect(lines[1]).to.match(/^ +kmap +atomic +local +address +vmap +bounce +access +pgmap +works$/);
    expect(lines[2]).to.match(/^page +✓ +✓ +✓ +✓· +✓ +✓ +✓ +✓· +2\/3$/);
    expect([...lines, LEGEND].filter((line) => line.length > 80)).to.deep.equal([]);
  });

  it('names the conversions that no backend serves, with the reason', () => {
    const lines = conversionLines(cells, PLAIN);
    expect(lines[0]).to.equal('Conversions that no backend serves:');
    expect(lines[1]).to.match(/^ {2}page: past the end: page-overrun, /);
    const fine = narrow(pageCells(['in a handler'], NAMES));
    expect(conversionLines(fine, PLAIN)).to.deep.equal([
      'Some backend serves every conversion on every kind of memory.',
    ]);
  });

  it('has, at length, one line for each variant and kind of memory', () => {
    const lines = rowTable(cells, PLAIN);
    expect(lines[2]).to.equal('page  no file');
    expect(lines.slice(3).map((line) => line.slice(0, 32).trim())).to.deep.equal([
      'original highmem',
      'older first highmem',
      'in a handler highmem',
      'past the end highmem',
      'original lowmem',
    ]);
  });

  it('gives each reason once', () => {
    const lines = reasonLines(cells, PLAIN).join(' ').replaceAll(/\s+/g, ' ');
    expect(lines.split('the contract says that it cannot reach highmem pages').length).to.equal(2);
    expect(lines).to.contain('releases the newest first. (page × kmap_');
  });

  it('shows and counts a cell that is not as its contract says', () => {
    const odd = narrow(pageCells(['original'], ['kmap'])).map((cell) => ({ ...cell, isExpected: false }));
    expect(portTable(odd, PLAIN)[2]).to.match(/^page +!/);
    expect(summaryLine(odd, PLAIN)).to.contain('1 not as the contracts say.');
    expect(reasonLines(odd, PLAIN)[0]).to.match(/^NOT AS THE CONTRACT SAYS: 600 bytes verified/);
    expect(summaryLine(cells, PLAIN)).to.match(/^40 cells: .*\n.*every one as the contracts say\.$/);
  });
});
