import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { cpusExperiment } from '../../../lib/lab/experiments/cpus.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment cpus', () => {
  checksOf(cpusExperiment);

  const pair = (design: string, cpus: number, rows = smoke(cpusExperiment).rows): number =>
    Number(rows.find((row) => row['design'] === design && row['cpus'] === cpus)?.['cycles']);

  it('finds that kmap is cheaper on one CPU and dearer on several', () => {
    expect(pair('kmap', 1)).to.be.below(pair('kmap_local', 1));
    expect(pair('kmap', 4)).to.be.above(pair('kmap_local', 4));
  });

  it('counts two locks for a pair of kmap, and one local flush for a pair of the others', () => {
    for (const row of smoke(cpusExperiment).rows) {
      const isPool = row['design'] === 'kmap';
      expect([row['locks'], row['localFlushes']]).to.deep.equal(isPool ? [2, 0] : [0, 1]);
    }
  });

  it('counts a refill for each local map, and for kmap only where the page was not mapped yet', () => {
    for (const { design, refills, cpus } of smoke(cpusExperiment).rows) {
      if (design !== 'kmap') expect(refills).to.equal(1);
      // 1024 pairs; one CPU maps its 256 pages again and again.
      else if (cpus === 1) expect(refills).to.equal(0.25);
    }
  });

  it('counts an interrupt to each other CPU for a flush of everything', () => {
    const { rows } = smoke(cpusExperiment);
    const last = rows.find((row) => row['design'] === 'kmap' && row['cpus'] === 4);
    expect(Number(last?.['globalFlushes'])).to.be.above(0);
    expect(Number(last?.['ipis']) / Number(last?.['globalFlushes'])).to.be.closeTo(3, 0.01);
  });

  it('makes kmap cheap on every number of CPUs if a cache line and an interrupt cost nothing', () => {
    const constants = { lineMove: 0, ipi: 0, globalFlush: 0, lock: 0 };
    expect(smoke(cpusExperiment, constants).conclusion.verdict).to.equal('does not hold');
  });

  it('refuses a number of CPUs that is no power of two', () => {
    expect(() => runExperiment(cpusExperiment, { parameters: { cpusMost: 3 } })).to.throw(
      'parameter cpusMost is 3; it must be a power of two from 1 to 64 CPUs',
    );
  });
});
