import { expect } from 'chai';
import { PLAIN, explainCell } from 'scatterlist/ports';
import type { CellRecord } from 'scatterlist/ports';
import { firstOf, pageCells } from './page-cells.ts';

describe('a cell explained', () => {
  it('says what the port needs, what the contract says, and what happened', () => {
    const text = explainCell(firstOf(pageCells(['in a handler'], ['kmap'])), PLAIN).join('\n');
    expect(text).to.contain('page (in a handler) over kmap, highmem pages, 32-bit\n');
    expect(text).to.match(/maps +page-port\.ts:\d+: in hardirq context; 1 at once\n/);
    expect(text).to.contain('expected  violation: the port maps in hardirq context');
    expect(text).to.contain('happened  violation kmap-in-atomic, as the contract says');
    expect(text).to.contain('rule: kmap-in-atomic');
  });

  it('says what a verified cell cost, and what is not as the contract says', () => {
    const cell = firstOf(pageCells(['original'], ['kmap_local']));
    expect(unbroken(cell)).to.match(/ cost maps 1, .*: \d+ cycles/);
    expect(explainCell({ ...cell, isExpected: false }, PLAIN).join('\n')).to.contain('NOT what the contract');
  });

  it('breaks its own lines at 80 columns', () => {
    const cells = pageCells(['original', 'older first', 'used by a handler'], ['kmap', 'kmap_local']);
    const own = cells.flatMap((cell) => untilBlank(explainCell(cell, PLAIN)));
    expect(own.some((line) => line.startsWith('            '))).to.equal(true);
    expect(own.filter((line) => line.length > 80)).to.deep.equal([]);
  });

  it('tells every need of a site', () => {
    const text = unbroken(firstOf(pageCells(['used by a handler'], ['kmap'])));
    expect(text).to.match(/used by hardirq "done"; held while it sleeps on .+/);
    const older = unbroken(firstOf(pageCells(['older first'], ['kmap'])));
    expect(older).to.contain('2 at once, older released first');
  });
});

/** The lines before the first empty one: the report of a violation and the trace follow it. */
function untilBlank(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.indexOf(''));
}

function unbroken(cell: CellRecord): string {
  return explainCell(cell, PLAIN).join(' ').replace(/ +/g, ' ');
}
