import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { contextSwitchExperiment } from '../../../lib/lab/experiments/context-switch.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment context-switch', () => {
  checksOf(contextSwitchExperiment);

  const { rows } = smoke(contextSwitchExperiment);

  it('keeps every byte', () => {
    expect(rows.every((row) => row['wrong'] === 0)).to.equal(true);
  });

  it('writes two entries and flushes one address for each local map and preemption, and none for kmap', () => {
    for (const row of rows) {
      const held = row['design'] === 'kmap' ? 0 : Number(row['held']);
      expect([row['ptes'], row['flushes']]).to.deep.equal([2 * held, held]);
    }
  });

  it('holds if a context switch costs little beside a flush', () => {
    expect(smoke(contextSwitchExperiment, { contextSwitch: 100 }).conclusion.verdict).to.equal('holds');
    expect(runExperiment(contextSwitchExperiment, { parameters: { preemptions: 1 } }).rows).to.have.length(
      12,
    );
  });
});
