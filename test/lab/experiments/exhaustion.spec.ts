import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { exhaustionExperiment } from '../../../lib/lab/experiments/exhaustion.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment exhaustion', () => {
  checksOf(exhaustionExperiment);

  const { rows } = smoke(exhaustionExperiment);

  it('finds deadlocks only where tasks × (maps − 1) is at least the slots', () => {
    for (const row of rows)
      if (Number(row['tasks']) * (Number(row['held']) - 1) < 4) expect(row['deadlock']).to.equal(0);
    expect(rows.some((row) => Number(row['deadlock']) > 0)).to.equal(true);
  });

  it('finishes every task by vmap, and every task that waits unless it deadlocks', () => {
    for (const row of rows) {
      expect(row['vmapDone']).to.equal(100);
      expect(row['otherDeadlocks']).to.equal(0);
      if (row['deadlock'] === 0) expect(row['waitDone']).to.equal(100);
    }
  });

  it('counts the switches of a sleep, and not the sleep once more', () => {
    expect(smoke(exhaustionExperiment).sensitivity.map(({ constant }) => constant))
      .to.include('contextSwitch')
      .and.not.include('sleep');
  });

  it('has no deadlock if the pool is large enough', () => {
    const parameters = { ...exhaustionExperiment.smoke, slots: 16 };
    expect(runExperiment(exhaustionExperiment, { parameters }).conclusion.verdict).to.equal('holds');
  });
});
