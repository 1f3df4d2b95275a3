import { expect } from 'chai';
import {
  COLUMNS,
  PLAIN,
  besideFindings,
  besideReasons,
  besideRecordOf,
  besideSummary,
  besideTable,
  explainBeside,
  exploreBeside,
} from 'scatterlist/ports';
import type { BesideOptions, BesideRecord, Column } from 'scatterlist/ports';
import { LOADED, columnOf } from '../beside/two-pages.ts';

const of = (variant: string, column: Column, options?: BesideOptions): BesideRecord =>
  besideRecordOf(exploreBeside({ port: LOADED, variant, memory: 'highmem', column }, options));

const RECORDS = Object.keys(LOADED.port.variants).flatMap((variant) =>
  COLUMNS.map((column) => of(variant, column)),
);
const [FIRST] = RECORDS;
if (FIRST === undefined) throw new Error('no record');

describe('the table of cells that were explored', () => {
  it('has a line for each variant and a mark for each backend', () => {
    expect(besideTable(RECORDS, PLAIN)).to.deep.equal([
      '                           kmap   kmap  page         iomem  io',
      '                      kmap atomic local address vmap bounce access pgmap',
      'two pages',
      '  original            ✗    ✓      ✓     ·       ✓    ✓      ✓      ·',
      '  one at a time       ✓    ✓      ✓     ·       ✓    ✓      ✓      ·',
      '  does not wait       ·    ✓      ✓     ·       ✓    ✓      ✓      ·',
      '  older first         ✗    ✗      ✗     ·       ✓    ✗      ✗      ·',
    ]);
  });

  it('marks a budget that was used up, and what is not as its contract says', () => {
    const short = of('original', columnOf('kmap_local'), { budget: { steps: 1 } });
    const odd: BesideRecord = { ...FIRST, isExpected: false, variant: 'odd' };
    expect(besideTable([short, odd], PLAIN).slice(-2)).to.deep.equal([
      '  original            …',
      '  odd                       !',
    ]);
  });

  it('says what only a second user shows', () => {
    expect(besideFindings(RECORDS, PLAIN)).to.deep.equal([
      'Found only beside a second user of the pool:',
      '  deadlock          kmap, 2 slots, 2 held by each: two pages and 1 more',
      '  NoSlots           kmap, 1 slot: two pages (does not wait)',
    ]);
    expect(besideFindings([], PLAIN)).to.deep.equal([
      'A second user of the pools shows no more than the port alone.',
    ]);
  });

  it('gives the reason of what is not as its contract says, and only of that', () => {
    expect(besideReasons(RECORDS)).to.deep.equal([]);
    const text = besideReasons([{ ...FIRST, isExpected: false }]).join(' ');
    expect(text).to.match(/^two pages \(original\) × kmap: NOT AS THE CONTRACT SAYS: violation deadlock:/);
    expect(text.replaceAll(/\s+/g, ' ')).to.match(
      /schedule [01.]+\); expected verified, because the contract covers/,
    );
  });

  it('counts all cells', () => {
    expect(besideSummary(RECORDS, PLAIN)).to.equal(
      '32 cells in every order: 17 to the end, 0 until the budget ended,\n9 refused, 6 broke a rule; every one as the contracts say.',
    );
    expect(besideSummary([{ ...FIRST, isExpected: false }], PLAIN)).to.match(/1 not as the contracts say\.$/);
  });

  it('explains a cell', () => {
    const lines = explainBeside(FIRST, PLAIN);
    expect(lines.slice(0, 5)).to.deep.equal([
      'two pages (original) over kmap, highmem pages, beside a second user',
      '  port      no file; for a test',
      '  pool      2 slots; the second user holds 2 at once',
      '  alone     verified: the contract covers what the port does with its mappings',
      '  together  the port and a second user hold up to 2 and 2 of 2 pkmapSlots',
    ]);
    expect(lines.join('\n')).to.match(/happened {2}violation deadlock: .*, as the contract says/);
    const short = of('original', columnOf('kmap_local'), { budget: { steps: 1 } });
    expect(explainBeside(short, PLAIN).join('\n')).to.match(
      /the budget was used up: 0 schedules.*, so far as the contract says/,
    );
  });
});
