import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { flushExperiment } from '../../../lib/lab/experiments/flush.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment flush', () => {
  checksOf(flushExperiment);

  const cycles = (design: string, slots: string, reuse: number): number =>
    Number(
      smoke(flushExperiment).rows.find(
        (row) => row['design'] === design && row['slots'] === slots && row['reuse'] === reuse,
      )?.['cycles'],
    );

  it('finds the local flush cheaper than a small pool, and dearer than one that does not wrap', () => {
    expect(cycles('local', '-', 0)).to.be.below(cycles('pool, all', '16', 0));
    expect(cycles('local', '-', 99)).to.be.above(cycles('pool, all', '1024', 99));
  });

  it('finds single pages inside the pool dearer than the batch, as soon as the pool wraps', () => {
    expect(cycles('pool, one page', '16', 0)).to.be.above(2 * cycles('pool, all', '16', 0));
  });

  it('needs no interrupt on one CPU', () => {
    const { rows } = runExperiment(flushExperiment, { parameters: { ...flushExperiment.smoke, cpus: 1 } });
    expect(rows.every((row) => row['ipis'] === 0)).to.equal(true);
  });
});
