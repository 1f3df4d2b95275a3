import { expect } from 'chai';
import { Control } from '../../../lib/cli/campaign/control.ts';

describe('Control', () => {
  it('tells other threads to stop', () => {
    const one = new Control();
    const two = new Control(one.memory);
    expect(two.isStopped).to.equal(false);
    one.stop();
    expect(two.isStopped).to.equal(true);
  });

  it('has as many give back what they have as others have nothing to do', () => {
    const control = new Control();
    expect(control.isWanted()).to.equal(false);
    control.want(2);
    expect([1, 2, 3].map(() => control.isWanted())).to.deep.equal([true, true, false]);
  });

  it('stops all after the last schedule that is allowed', () => {
    const one = new Control(undefined, 3);
    const two = new Control(one.memory);
    expect([one.countSchedules(1), two.countSchedules(0), two.countSchedules(1)]).to.deep.equal([
      false,
      false,
      false,
    ]);
    expect([one.countSchedules(1), two.isStopped]).to.deep.equal([true, true]);
    expect(new Control().countSchedules(1e6)).to.equal(false);
  });
});
