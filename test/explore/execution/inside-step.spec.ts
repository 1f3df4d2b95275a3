import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { CONTINUE, valueChoice } from '../../../lib/explore/choice.ts';
import { GivenUp } from '../../../lib/explore/actor.ts';
import { ConfigError } from '../../../lib/base/invariant.ts';
import { InsideStep } from '../../../lib/explore/execution/inside-step.ts';
import { STOP } from '../../../lib/explore/world.ts';

describe('InsideStep', () => {
  it('asks for one of the values, while it says that it asks', () => {
    const offered: (readonly number[])[] = [];
    const inside = new InsideStep(() => {
      expect(inside.isAsked).to.equal(true);
      offered.push([...inside.choices]);
      return valueChoice(2);
    });
    expect(inside.value(3)).to.equal(2);
    expect(offered).to.deep.equal([[0, 1, 2].map(valueChoice)]);
    expect(inside.isAsked).to.equal(false);
  });

  it('refuses numbers of values that cannot be', () => {
    const inside = new InsideStep(() => STOP);
    for (const count of [0, -1, 1.5, 1001, Number.NaN])
      expect(() => inside.value(count)).to.throw(ConfigError, String(count));
  });

  it('does not ask where no interrupt can arrive', () => {
    const inside = new InsideStep(() => {
      throw new Error('asked');
    });
    expect(inside.arrival([], createMachine().hardware.cpu(0))).to.equal(undefined);
  });

  it('gives the step up where the strategy leaves the schedule', () => {
    expect(() => new InsideStep(() => STOP).value(2)).to.throw(GivenUp);
    expect(CONTINUE).to.not.equal(STOP);
  });
});
