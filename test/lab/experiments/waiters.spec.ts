import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { waitersExperiment } from '../../../lib/lab/experiments/waiters.ts';
import { checksOf, smoke } from './checks.ts';

describe('experiment waiters', () => {
  checksOf(waitersExperiment);

  const { rows } = smoke(waitersExperiment);
  const of = (policy: string, tasks: number, key: string): number =>
    Number(rows.find((row) => row['policy'] === policy && row['tasks'] === tasks)?.[key]);

  it('wakes in vain only if all are woken', () => {
    for (const row of rows)
      expect(Number(row['inVain']) > 0).to.equal(row['policy'] === 'wake all' && Number(row['tasks']) > 4);
  });

  it('lets the longest wait grow if all are woken', () => {
    expect(of('wake all', 32, 'worst')).to.be.above(of('in turn', 32, 'worst'));
  });

  it('prefers important tasks only by priority', () => {
    expect(of('by priority', 16, 'important')).to.be.below(of('by priority', 16, 'others') / 2);
    expect(of('in turn', 16, 'important')).to.be.above(of('in turn', 16, 'others') / 2);
  });

  it('maps as often if all are woken and the work between is so long that a wake-up in vain costs nothing', () => {
    const figureWith = (work: number): number =>
      runExperiment(waitersExperiment, { parameters: { work } }).conclusion.figure.value;
    expect(figureWith(0)).to.be.below(0.5);
    expect(figureWith(1_000_000)).to.be.within(0.95, 1.05);
  });

  it('counts the switches of a sleep, and not the sleep once more', () => {
    expect(smoke(waitersExperiment).sensitivity.map(({ constant }) => constant))
      .to.include('contextSwitch')
      .and.not.include('sleep');
  });

  it('has no one wait if there are as many slots as tasks', () => {
    const parameters = { ...waitersExperiment.smoke, slots: 32 };
    expect(runExperiment(waitersExperiment, { parameters }).rows.every((row) => row['worst'] === 0)).to.equal(
      true,
    );
  });
});
