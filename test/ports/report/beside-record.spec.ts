import { expect } from 'chai';
import { besideRecordOf, exploreBeside } from 'scatterlist/ports';
import type { BesideCell, BesideRecordOptions } from 'scatterlist/ports';
import { LOADED, columnOf } from '../beside/two-pages.ts';

const explored = (variant: string, backend: string): BesideCell =>
  exploreBeside({ port: LOADED, variant, memory: 'highmem', column: columnOf(backend) });

const record = (variant: string, backend: string, options?: BesideRecordOptions) =>
  besideRecordOf(explored(variant, backend), options);

describe('the record of a cell that was explored', () => {
  it('is of plain values that can be passed between threads', () => {
    const made = record('original', 'kmap');
    expect(structuredClone(made)).to.deep.equal(made);
    expect(made).to.deep.include({
      port: 'two pages',
      variant: 'original',
      usesBackend: true,
      memory: 'highmem',
      backend: 'kmap',
      held: 2,
      pool: 'pkmapSlots',
      expected: 'verified',
      isExpected: true,
      isFoundBeside: true,
    });
    expect(made.outcome.result === 'violation' && made.outcome.violation.rule).to.equal('deadlock');
    expect(made.together).to.include('the port and a second user hold up to 2 and 2 of 2 pkmapSlots');
    expect('report' in made).to.equal(false);
  });

  it('has no pool where the users share none', () => {
    expect(record('original', 'kmap_local').pool).to.equal(undefined);
  });

  it('translates places, also those of the report', () => {
    const place = () => ({ file: 'there.ts', line: 7, column: 1 });
    const made = record('older first', 'kmap_local', { place, isTold: true });
    expect(made.outcome.result === 'violation' && made.outcome.violation.foundAt).to.deep.equal(place());
    expect(made.report).to.contain('there.ts:7');
  });

  it('tells the schedule, without a line to replay a file that does not exist', () => {
    const { report = '' } = record('original', 'kmap', { isTold: true });
    expect(report).to.contain('rule: deadlock').and.contain('waits for kmap pool');
    expect(report).not.to.contain('Replay');
    expect(report.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
    expect(record('original', 'page_address', { isTold: true }).report).to.equal('');
    expect(record('original', 'kmap_local', { isTold: true }).report).to.equal('');
  });
});
