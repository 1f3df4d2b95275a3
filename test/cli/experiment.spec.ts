import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXPERIMENTS } from 'scatterlist/lab';
import type { ExperimentResult } from 'scatterlist/lab';
import { command } from './in-process.ts';

const SMALL = ['--parameter', 'preemptions=3'] as const;

describe('scatterlist experiment', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'experiment-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('lists experiments, parameters and constants in 80 columns', async () => {
    const { code, out } = await command('experiment', 'list');
    expect(code).to.equal(0);
    for (const { name, parameters } of EXPERIMENTS)
      for (const text of [`\n${name}\n`, ...Object.keys(parameters).map((key) => `\n    ${key}=`)])
        expect(`\n${out}`).to.include(text);
    expect(out).to.include('ipi=2000 estimate:');
    expect(out.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
  });

  it('runs one, with other parameters and constants', async () => {
    const { code, out } = await command(
      'experiment',
      'context-switch',
      ...SMALL,
      '--constant',
      'contextSwitch=100',
    );
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^context-switch: holds\n/)
      .and.include('preemptions=3');
    expect(out).to.include('One map adds 77.0 %');
  });

  it('gives the result to a program, the same for the same seed', async () => {
    const run = () => command('experiment', 'context-switch', ...SMALL, '--seed', '7', '--json');
    const { out } = await run();
    const result = JSON.parse(out) as ExperimentResult;
    expect(result).to.deep.include({ name: 'context-switch', seed: 7, parameters: { preemptions: 3 } });
    expect((await run()).out).to.equal(out);
  });

  it('reads constants from a file, and writes a plot', async () => {
    const [constants, plot] = [join(folder, 'c.json'), join(folder, 'p.svg')];
    writeFileSync(constants, '{ "contextSwitch": 100 }');
    const { code, out } = await command(
      ...['experiment', 'context-switch', ...SMALL, '--constants', constants, '--svg', plot],
    );
    expect(code).to.equal(0);
    expect(out).to.match(/^context-switch: holds\n/);
    expect(readFileSync(plot, 'utf8')).to.include('kmap_local</text>');
  });

  it('runs all of them, with small parameters', async () => {
    const { code, out } = await command('experiment', 'all', '--smoke');
    expect(code).to.equal(0);
    const names = [...out.matchAll(/^([a-z-]+): (?:holds|holds in part|does not hold)$/gm)].map(
      ([, name]) => name,
    );
    expect(names).to.deep.equal(EXPERIMENTS.map(({ name }) => name));
    expect(out).to.include('copies=24').and.include('By the clock of this computer:');
    const json = await command('experiment', 'all', '--smoke', '--json');
    const results = JSON.parse(json.out) as ExperimentResult[];
    expect(results.map(({ parameters }) => parameters)).to.deep.equal(EXPERIMENTS.map(({ smoke }) => smoke));
  });

  it('takes a given parameter before a small one', async () => {
    const { out } = await command('experiment', 'pks', '--smoke', '--parameter', 'copies=32', '--json');
    expect((JSON.parse(out) as ExperimentResult).parameters).to.deep.equal({ copies: 32 });
  });

  it('runs the experiment of a file', async () => {
    const file = join(folder, 'own.mjs');
    writeFileSync(file, `import { defineExperiment, barChart } from 'scatterlist/lab';\n`);
    const lab = new URL('../../lib/entries/lab.ts', import.meta.url).href;
    writeFileSync(
      file,
      `import { defineExperiment, barChart } from '${lab}';
export default defineExperiment({
  name: 'own', question: 'q', hypothesis: 'h', method: 'm', doesNotShow: ['x'],
  parameters: { n: { default: 2, meaning: 'n', unit: 'n', least: 1, most: 9 } },
  columns: [{ key: 'n', title: 'n' }],
  run: ({ parameters }) => parameters.n, rows: (n, cycles) => [{ n: n * cycles('lock') }],
  conclude: ([row]) => ({ verdict: 'holds', because: String(row.n), figure: { name: 'n', value: row.n } }),
  chart: (rows) => barChart('n', 'n', rows.map((row) => ['n', row.n])),
});`,
    );
    const { code, out } = await command('experiment', file, '--parameter', 'n=3');
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^own: holds\n/)
      .and.include('n = 60');
    const none = join(folder, 'none.mjs');
    writeFileSync(none, 'export default 3;');
    expect((await command('experiment', none)).err).to.include('is not an experiment');
  });

  const MISTAKES: readonly (readonly [args: readonly string[], says: string])[] = [
    [[], 'which experiment? scatterlist experiment list names them'],
    [['nix'], 'no experiment "nix"; there is cpus, flush,'],
    [['nix.ts'], 'nix.ts: there is no such file'],
    [['cpus', 'rt'], 'one experiment at a time; what is "rt"?'],
    [['cpus', '--parameter', 'cpu=3'], "cpus has no parameter 'cpu'; it has pairs, cpusMost,"],
    [['cpus', '--parameter', 'pairs=1'], 'parameter pairs is 1; it must be a whole number from 256 to'],
    [['cpus', '--parameter', 'pairs'], '--parameter takes name=number, not "pairs"'],
    [['cpus', '--constant', 'ipj=1'], "no constant 'ipj'; there is map, unmap,"],
    [['cpus', '--constant', 'ipi=-1'], 'constant ipi is -1 cycles; it must be 0 to 1000000000'],
    [['cpus', '--seed', 'x'], '--seed takes a whole number from 0 to'],
    [['cpus', '--seed', '1', '--seed', '2'], '--seed is given twice'],
    [['all', '--parameter', 'a=1'], '--parameter is for one experiment, not for "all"'],
    [['list', '--constant', 'ipi=1'], '--constant is for a run, not for "list"'],
    [['list', '--smoke'], '--smoke is for a run, not for "list"'],
    [['all', '--svg', 'x.svg'], '--svg is for one experiment, not for "all"'],
    [['cpus', '--svg', '/nowhere/x.svg'], '/nowhere/x.svg: there is no such file'],
  ];
  for (const [args, says] of MISTAKES)
    it(`refuses: experiment ${args.join(' ')}`, async () => {
      const { code, out, err } = await command('experiment', ...args);
      expect(code).to.equal(2);
      expect(out).to.equal('');
      expect(err).to.include(says);
      expect(err.trimEnd().split('\n')).to.have.length(1);
    });
});
