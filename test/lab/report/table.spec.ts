import { expect } from 'chai';
import { designTable, figuresOf, labTable } from 'scatterlist/lab';
import type { LabCell } from 'scatterlist/lab';
import { PLAIN } from '../../../lib/ports/report/text.ts';
import { cell, mistake } from './sample.ts';

const CANNOT: LabCell = { facade: 'a', job: 'cursor', cannot: 'it has no cursor', measured: undefined };

describe('the table of the laboratory', () => {
  it('sums what was measured', () => {
    const broken = { outcome: { name: 'violation leak', what: 'breaks rule leak', report: undefined } };
    const figures = figuresOf([cell('a'), cell('a', broken), CANNOT]);
    expect(figures).to.deep.include({
      done: 1,
      jobs: 3,
      calls: 6,
      lines: 28,
      errorPaths: 2,
      notAsked: 0,
      clean: 2,
      half: 2,
      bad: 2,
      deadlocks: 2,
      waits: 6,
      overtaken: 4,
      cycles: 6496,
    });
    expect(figures.mistakes).to.deep.include({ machine: 2, typescript: 0 });
  });

  it('has a line of 80 columns for each design, and says what the columns mean', () => {
    const lines = labTable([cell('a'), cell('typed-sg-map'), CANNOT], PLAIN);
    const [, heads = '', first = ''] = lines;
    expect(lines.filter((line) => line.length > 80)).to.deep.equal([]);
    const figures = Object.fromEntries(
      heads
        .trim()
        .split(/\s+/)
        .map((name, i) => [name, first.trim().split(/\s+/)[i]]),
    );
    expect(figures).to.deep.equal({
      design: 'a',
      job: '1',
      call: '3',
      line: '14',
      err: '1',
      no: '-',
      tsc: '-',
      api: '-',
      run: '1',
      ord: '-',
      nil: '-',
      'n/a': '-',
      failed: '1/1/1',
      dead: '1',
      wait: '3',
      kcy: '3',
    });
    const legend = lines.join('\n');
    for (const name of ['call site', 'mistakes', 'failed', 'dead', 'wait', 'kcy'])
      expect(legend).to.include(`\n${name.padEnd(10)}`);
  });

  it('has a line for each job of a design, with the reason where it is not done', () => {
    const broken = {
      outcome: { name: 'violation leak', what: 'breaks rule leak: a map', report: undefined },
    };
    const text = designTable([cell('a', broken), CANNOT], PLAIN).join('\n');
    expect(text).to.match(/\ncopy-response +3 +14 +1 /);
    expect(text).to.include('\n  breaks rule leak: a map\n');
    expect(text).to.match(/\ncursor +cannot: it has no cursor$/);
  });

  it('is loud where TypeScript was not asked, and counts nothing as accepted', () => {
    const typescript = { verdict: 'not asked', why: 'TypeScript is not installed' } as const;
    const lines = labTable([cell('a', { mistakes: [mistake({ typescript })] })], PLAIN);
    expect(lines[0]).to.equal('?  TypeScript is not installed');
    expect(lines[3]).to.match(/^a +1 +3 +14 +1 +- +\? /);
    const [first] = labTable([cell('a', { mistakes: [mistake({ typescript })] }), cell('b')], PLAIN);
    expect(first).to.equal('?  a: TypeScript is not installed');
  });
});
