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

  it('counts how often it was asked what is left', () => {
    const one = new Control();
    const two = new Control(one.memory);
    one.ask();
    one.ask();
    expect([one.asked, two.asked]).to.deep.equal([2, 2]);
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
