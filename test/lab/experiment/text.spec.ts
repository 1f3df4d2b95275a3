import { expect } from 'chai';
import { formatExperiment, formatExperimentList, runExperiment } from 'scatterlist/lab';
import { figureText, sensitivityTexts, tableLines } from '../../../lib/lab/experiment/text.ts';
import { toy } from './toy.ts';

describe('the result of an experiment as text', () => {
  it('shows numbers with three digits, or as many as asked for', () => {
    expect([12345.6, 0.012345, 3, 'x', undefined].map((value) => figureText(value))).to.deep.equal([
      '12346',
      '0.0123',
      '3',
      'x',
      '',
    ]);
    expect(figureText(2.345, 1)).to.equal('2.3');
  });

  it('lists experiments with their parameters, and the constants with their sources', () => {
    const constants = { ipi: { cycles: 2000, source: 'a test', how: 'estimate' } } as const;
    expect(formatExperimentList([toy], constants)).to.match(
      /^toy\n {2}Is a flush dearer than two locks\?\n {4}flushes=1 flushes \(0 to 100\)\n[^]*\nconstants, in cycles\n {4}ipi=2000 estimate: a test\n$/,
    );
  });

  it('has text to the left and numbers to the right', () => {
    const columns = [
      { key: 'a', title: 'name' },
      { key: 'b', title: 'n', unit: 'cycles' },
    ];
    expect(tableLines(columns, [{ a: 'x', b: 12 }])).to.deep.equal([
      'name       n',
      '      cycles',
      'x         12',
    ]);
  });

  it('says of each constant what it does, and names those together that do nothing', () => {
    const texts = sensitivityTexts(runExperiment(toy));
    expect(texts[0]).to.match(
      /^localFlush \(120\): the verdict becomes "does not hold" at or below 40; figure 60 if halved, 240 if doubled$/,
    );
    expect(texts.at(-1)).to.equal('own: no effect on verdict or figure');
    expect(sensitivityTexts({ ...runExperiment(toy), sensitivity: [] })).to.deep.equal([
      'no constant is used',
    ]);
  });

  it('adds the rows of the clock, if there are any', () => {
    const result = runExperiment(toy);
    expect(formatExperiment(result))
      .to.match(/^toy: holds\n/)
      .and.not.include('clock of this computer');
    expect(formatExperiment({ ...result, realTime: [{ name: 'x', ratio: 1.5 }] })).to.match(
      /By the clock of this computer:\n {2}name {2}ratio\n {2}x {7}1\.5\n$/,
    );
  });
});
