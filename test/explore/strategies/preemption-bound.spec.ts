import { expect } from 'chai';
import { explore, preemptionBound } from 'scatterlist/explore';
import { counter, found, steps } from '../programs.ts';

describe('preemptionBound', () => {
  it('finds with one preemption what needs one, and nothing with none', () => {
    expect(explore(counter(), preemptionBound(0)).kind).to.equal('exhausted');
    expect(found(explore(counter(), preemptionBound(1))).violation.rule).to.equal('lost-write');
  });

  it('runs more schedules the higher the bound', () => {
    const count = (n: number): number => explore(steps(3, 3), preemptionBound(n)).counts.steps;
    expect(count(0)).to.be.lessThan(count(1));
    expect(count(1)).to.be.lessThan(count(2));
  });
});
