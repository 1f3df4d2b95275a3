import { expect } from 'chai';
import { JOBS, JOB_IDS } from 'scatterlist/lab';

describe('the jobs', () => {
  it('are ten, in the order of the table', () => {
    expect(JOB_IDS).to.have.length(10);
    expect(Object.keys(JOBS)).to.deep.equal(JOB_IDS);
  });

  it('have names of their own', () => {
    expect(new Set(Object.values(JOBS).map(({ name }) => name)).size).to.equal(10);
    expect(new Set(Object.values(JOBS).map(({ title }) => title)).size).to.equal(10);
  });

  it('run in a task, except the one that must not sleep', () => {
    expect(JOB_IDS.filter((id) => JOBS[id].runsIn === 'softirq')).to.deep.equal(['mustNotSleep']);
  });
});
