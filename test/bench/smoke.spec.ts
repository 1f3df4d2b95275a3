/**
 * The bench runs, measures every row that an aim names, and prints JSON. What it measures in so few rounds says
 * nothing, so no threshold is looked at.
 */
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const bench = join(import.meta.dirname, '..', '..', 'bench');

interface Figure {
  readonly name: string;
  readonly ratio: number;
  readonly perUnit: number;
}

interface Printed {
  readonly results: Readonly<Record<string, { readonly figures: readonly Figure[] }>>;
}

interface Aim {
  readonly group: string;
  readonly row: string;
  readonly over?: string;
}

describe('the bench', () => {
  it('runs, and measures what its aims name', function () {
    this.timeout(120_000);
    const out = execFileSync(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', join(bench, 'run.ts'), '--smoke', '--json'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const { results } = JSON.parse(out) as Printed;
    const figures = Object.values(results).flatMap((group) => group.figures);
    expect(figures).to.not.be.empty;
    // Numbers, no more: the memory of one short run can even come out below zero, when garbage goes in between.
    for (const { name, ratio, perUnit } of figures)
      expect([ratio, perUnit].every(Number.isFinite), name).to.equal(true);
    const aims = JSON.parse(readFileSync(join(bench, 'aims.json'), 'utf8')) as readonly Aim[];
    const unmeasured = aims.filter(({ group, row, over = row }) => {
      const names = results[group]?.figures.map((figure) => figure.name) ?? [];
      return !names.includes(row) || !names.includes(over);
    });
    expect(unmeasured).to.deep.equal([]);
  });

  for (const [args, why] of [
    [['--fast'], /^Unknown option '--fast'/],
    [['--group', 'gather', '--group', 'scater'], /^no group scater\n/],
    [['--processes', '0'], /^--processes 0: not a number of processes\n/],
  ] as const) {
    it(`refuses ${args.join(' ')}, and says what there is`, () => {
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--conditions=source', '--import', 'tsx', join(bench, 'run.ts'), ...args],
        { encoding: 'utf8' },
      );
      expect(status).to.equal(2);
      expect(stderr).to.match(why);
      expect(stderr).to.match(/usage: npm run bench.*groups: gather, /s);
    });
  }
});
