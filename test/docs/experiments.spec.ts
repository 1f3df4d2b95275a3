/** docs/experiments.md, its plots and the README say what a run of the experiments gives today. */
import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXPERIMENTS, runExperiment } from 'scatterlist/lab';
import { svgOf } from '../../lib/cli/experiment/svg.ts';
import { plotOf, withExperiments, withSurprises } from '../../tools/experiments-page.ts';
import type { CheckedInRun } from '../../tools/experiments-page.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const AGAIN = 'npm run docs:experiments';
const page = readFileSync(join(DOCS, 'experiments.md'), 'utf8');
const readme = readFileSync(join(DOCS, '..', 'README.md'), 'utf8');
const run = JSON.parse(readFileSync(join(DOCS, 'experiments.json'), 'utf8')) as CheckedInRun;

/** The run, with the first number of the first row of an experiment changed. */
function changed(name: string): CheckedInRun {
  const results = run.results.map((one) => {
    if (one.name !== name) return one;
    const [row = {}, ...rest] = one.rows;
    const because = `${one.conclusion.because} Changed.`;
    return {
      ...one,
      rows: [
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? value + 1 : value]),
        ),
        ...rest,
      ],
      conclusion: { ...one.conclusion, because, answer: 'Changed.' },
    };
  });
  return { ...run, results };
}

describe('the page on experiments', () => {
  it('shows the checked-in run, with every experiment of the library', () => {
    expect(run.results.map(({ name }) => name)).to.deep.equal(EXPERIMENTS.map(({ name }) => name));
    expect(withExperiments(page, run) === page, AGAIN).to.equal(true);
    for (const { name, question, conclusion } of run.results) {
      expect(page).to.include(`\n### ${name}\n`);
      expect(page).to.include(`| [${name}](#${name}) | ${question} | ${conclusion.answer ?? ''} |`);
      expect(page).to.include(`](plots/${plotOf(name)})`);
    }
  });

  it('changes with the run: table, conclusion and overview', () => {
    const now = new Set(withExperiments(page, changed('rt')).split('\n'));
    const gone = page.split('\n').filter((line) => !now.has(line));
    expect(gone.some((line) => line.startsWith('| [rt](#rt)'))).to.equal(true);
    expect(gone.some((line) => line.startsWith('| 30 | kmap_atomic |'))).to.equal(true);
    expect(gone).to.have.lengthOf.within(3, 6);
  });

  it('has three results and a plot in the README', () => {
    expect(withSurprises(readme, run) === readme, AGAIN).to.equal(true);
    expect(withSurprises(readme, changed('flush'))).to.include('- `flush`: Changed.');
  });

  it('refuses a page without its marks, and keeps a bar of a text out of the columns', () => {
    expect(() => withExperiments('# Experiments', run)).to.throw(
      'no <!-- overview --> … <!-- end of overview -->',
    );
    const [first, ...rest] = run.results;
    const results = first === undefined ? [] : [{ ...first, question: 'a | b' }, ...rest];
    expect(withExperiments(page, { ...run, results })).to.include(`| [cpus](#cpus) | a \\| b |`);
  });

  it('says which rows no test repeats', () => {
    const measured = run.results.filter(({ realTime }) => realTime !== undefined);
    expect(measured.map(({ name }) => name)).to.deep.equal(['copy-or-map']);
    expect(page).to.match(/By the clock[^|]*no test\s+compares\s+them/);
  });

  it('has a plot for each experiment, and no other', () => {
    const plots = readdirSync(join(DOCS, 'plots')).filter((name) => name.startsWith('experiment-'));
    expect(plots).to.have.members(run.results.map(({ name }) => plotOf(name)));
  });

  for (const experiment of EXPERIMENTS) {
    const { realTime: _, ...stored } = run.results.find(({ name }) => name === experiment.name) ?? {};

    it(`has what ${experiment.name} gives today`, async () => {
      const today = runExperiment(experiment);
      expect(JSON.parse(JSON.stringify(today)), AGAIN).to.deep.equal(stored);
      expect(
        (await svgOf(today.chart)) === readFileSync(join(DOCS, 'plots', plotOf(experiment.name)), 'utf8'),
        AGAIN,
      ).to.equal(true);
    });
  }
});
