import { expect } from 'chai';
import { parameterValues } from '../../../lib/lab/experiment/parameters.ts';
import { spec } from './toy.ts';

const values = (given: Readonly<Record<string, number>>) => parameterValues('toy', spec.parameters, given);

describe('parameters of an experiment', () => {
  it('have their defaults', () => {
    expect(values({})).to.deep.equal({ flushes: 1, share: 0.5, slots: 8 });
    expect(values({ flushes: 0, share: 0.25 })).to.deep.equal({ flushes: 0, share: 0.25, slots: 8 });
  });

  it('are refused by name and by value, with the numbers', () => {
    expect(() => values({ flush: 1 })).to.throw("toy has no parameter 'flush'; it has flushes, share, slots");
    expect(() => values({ flushes: 101 })).to.throw(
      'parameter flushes is 101; it must be a whole number from 0 to 100 flushes',
    );
    expect(() => values({ flushes: 1.5 })).to.throw('parameter flushes is 1.5; it must be a whole number');
    expect(() => values({ share: 1.5 })).to.throw(
      'parameter share is 1.5; it must be a number from 0 to 1 parts',
    );
    expect(() => values({ share: NaN })).to.throw('parameter share is NaN');
    expect(() => values({ slots: 12 })).to.throw('parameter slots is 12; it must be a power of two');
    expect(() => parameterValues('bare', {}, { a: 1 })).to.throw("bare has no parameter 'a'; it has none");
  });
});
