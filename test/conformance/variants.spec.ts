import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { VARIANTS } from '../../lib/conformance/variants.ts';

describe('the machines of the suite', () => {
  it('are checked and direct, with and without HIGHMEM, PREEMPT and PREEMPT_RT, forced maps', () => {
    const configs = VARIANTS.map(({ options }) => createMachine(options).config);
    for (const mode of ['checked', 'direct']) {
      for (const highmem of [true, false]) {
        expect(configs.some((config) => config.mode === mode && config.highmem === highmem)).to.equal(true);
      }
    }
    expect(configs.some((config) => config.preemptRt)).to.equal(true);
    expect(configs.some((config) => config.forceMap)).to.equal(true);
  });

  it('have titles of their own', () => {
    expect(new Set(VARIANTS.map(({ title }) => title)).size).to.equal(VARIANTS.length);
  });
});
