import { expect } from 'chai';
import { explainLabCell, tellCell } from 'scatterlist/lab';
import type { Measured } from 'scatterlist/lab';
import { PLAIN } from '../../../lib/ports/report/text.ts';
import { NOTICE, cell, mistake } from './sample.ts';

function textOf(given: Partial<Measured> = {}): string {
  return tellCell(cell('a', given))
    .flatMap(({ heading, texts, code }) => [heading, ...texts, ...code])
    .join('\n');
}

describe('tellCell', () => {
  it('tells every run behind a cell', () => {
    const text = textOf();
    for (const part of [
      'The call site does the job.',
      'It cost 3248 cycles by the cost model: maps 4.',
      '14 lines; 3 calls of the design in its text: map, unmap 2 times.',
      'Line 23, return ptrErr(addr);: entered only if call 0 (map) or call 1 (map) fails.',
      'Call 2, map, fails: leak. The call site leaks: one map.',
      'They can wait for each other for ever: each waits. Schedule 0.1.0, after 6 schedules',
      'Of 8 users of pools of that size (kmap 4, vmalloc 0, bounce 1), 7 are done, 1 get an error',
      '3 waits, the longest of 9 steps; 1 wake-up in vain; 2 times one that came later went first.',
      'The caller unmaps twice. The checked machine notices when it runs. In the plain run: the call site leaks: one map.',
      '- unmap(a);\nWARNING: a leak',
    ])
      expect(text).to.include(part);
  });

  it('tells who notices a mistake, and what would happen without TypeScript', () => {
    const refuses = { verdict: 'refuses', code: 'TS2339', message: 'no property' } as const;
    const told = (given: Parameters<typeof mistake>[0]) => textOf({ mistakes: [mistake(given)] });
    expect(told({ typescript: refuses, by: 'typescript' })).to.include(
      'TypeScript refuses it. If it runs all the same: the checked machine notices when it runs. In the plain run',
    );
    expect(told({ typescript: refuses, by: 'typescript', notice: undefined })).to.include(
      'TypeScript refuses it. It cannot be run.',
    );
    expect(told({ cannot: 'there is no map', by: 'cannot' })).to.include(
      'The caller unmaps twice: this cannot be made, there is no map.',
    );
    const run = { call: 'map', failAt: 1 } as const;
    expect(told({ notice: { ...NOTICE, run } })).to.include('When call 1, map, fails: the call site');
    const order = { ...NOTICE, by: 'explorer', run: { schedule: '0.1' } } as const;
    expect(told({ notice: order, by: 'explorer' })).to.include(
      'in another order of two users. In schedule 0.1',
    );
    const typescript = { verdict: 'not asked', why: 'it is not installed' } as const;
    expect(told({ typescript })).to.include('\nTypeScript: it is not installed.');
  });

  it('tells what cannot be done', () => {
    const cannot = { facade: 'a', job: 'cursor', cannot: 'it has none', measured: undefined } as const;
    expect(tellCell(cannot).flatMap(({ texts }) => texts)).to.deep.equal([
      'The design cannot do this job: it has none.',
    ]);
  });

  it('fits a terminal', () => {
    const lines = explainLabCell(cell('a'), PLAIN);
    expect(lines[0]).to.equal('a, copy-response: copy a response');
    expect(lines.filter((line) => line.length > 80)).to.deep.equal([]);
  });
});
