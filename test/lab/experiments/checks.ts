/** What holds for every experiment; each spec calls it with its own. */
import { expect } from 'chai';
import { chartSpec, formatExperiment, runExperiment } from 'scatterlist/lab';
import type { Experiment, ExperimentResult, Verdict } from 'scatterlist/lab';
import { readerOf, withConstants } from '../../../lib/lab/experiment/constants.ts';

const runs = new Map<Experiment, ExperimentResult>();

/** A run with the small parameters of the experiment. */
export function smoke(
  experiment: Experiment,
  constants: Readonly<Record<string, number>> = {},
): ExperimentResult {
  const isPlain = Object.keys(constants).length === 0;
  const known = isPlain ? runs.get(experiment) : undefined;
  const result = known ?? runExperiment(experiment, { parameters: experiment.smoke, constants });
  if (isPlain) runs.set(experiment, result);
  return result;
}

/** Declares the tests that every experiment has to pass. */
export function checksOf(experiment: Experiment): void {
  const result = smoke(experiment);
  const again = experiment.measure(experiment.smoke, result.seed);
  const verdictWith = (constants: Readonly<Record<string, number>>): Verdict => {
    const { cycles } = readerOf(withConstants(experiment.constants, constants));
    return again.conclude(again.rows(cycles)).verdict;
  };

  it('gives the same rows for the same seed', () => {
    expect(again.rows(readerOf(experiment.constants).cycles)).to.deep.equal(result.rows);
  });

  it('gives rows that have a value in each column', () => {
    expect(result.rows).to.not.be.empty;
    for (const row of result.rows)
      for (const { key } of result.columns) {
        expect(row[key], key).to.not.equal(undefined);
        expect(row[key], key).to.not.be.NaN;
      }
  });

  it('states a question, a hypothesis, a method, a sentence of a thread, and what it does not show', () => {
    for (const text of [result.question, result.hypothesis, result.method, result.conclusion.because])
      expect(text.length).to.be.greaterThan(40);
    expect(result.thread?.by).to.match(/20\d\d/);
    expect(result.doesNotShow.length).to.be.greaterThan(1);
    for (const text of [result.conclusion.because, result.conclusion.answer ?? ''])
      expect(text).to.match(/\d/).and.not.include('NaN').and.not.include('undefined');
    expect(result.conclusion.figure.value).to.not.be.NaN;
  });

  it('changes its verdict where the sensitivity says so, and not halfway there', () => {
    for (const { constant, cycles, below, above } of result.sensitivity) {
      for (const turn of [below, above]) {
        if (turn === undefined) continue;
        expect(verdictWith({ [constant]: turn.at }), `${constant}=${String(turn.at)}`).to.equal(turn.verdict);
        expect(turn.verdict).to.not.equal(result.conclusion.verdict);
        if (turn.at !== 0)
          expect(verdictWith({ [constant]: (cycles + turn.at) / 2 })).to.equal(result.conclusion.verdict);
      }
      if (below === undefined && cycles > 0)
        expect(verdictWith({ [constant]: 0 }), `${constant}=0`).to.equal(result.conclusion.verdict);
    }
  });

  it('answers its question in one sentence', () => {
    // A full stop that ends a sentence stands before a space and a capital letter.
    expect(result.conclusion.answer)
      .to.match(/\.$/)
      .and.not.match(/\. [A-Z]/);
  });

  it('gives figures if a parameter has the least value', () => {
    for (const [name, { least }] of Object.entries(experiment.parameters)) {
      const parameters = { ...experiment.smoke, [name]: least };
      const { rows, conclusion, chart } = runExperiment(experiment, { parameters });
      // JSON has no NaN and no Infinity: it makes null of them.
      expect(JSON.stringify({ rows, conclusion, chart }), name).to.not.match(/null|NaN|undefined|Infinity/);
    }
  });

  it('fits into 80 columns', () => {
    expect(
      formatExperiment(result)
        .split('\n')
        .filter((line) => line.length > 80),
    ).to.deep.equal([]);
  });

  it('has a chart of its rows', () => {
    const { chart } = result;
    expect(chart.title.length).to.be.greaterThan(10);
    expect(chart.x.title).to.match(
      /^(CPUs|tasks|maps that the task holds|slots of the pool)$|\(.+\)$|per byte/,
    );
    const numbers =
      chart.kind === 'lines'
        ? chart.series.flatMap(({ points }) => points.flat())
        : chart.bars.map(({ value }) => value);
    expect(numbers.some((value) => Number.isNaN(value))).to.equal(false);
    expect(JSON.parse(JSON.stringify(chartSpec(chart)))).to.deep.equal(chartSpec(chart));
  });
}
