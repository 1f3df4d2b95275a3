import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { UNLIMITED } from '../../lib/scatterlist/sg-allocator.ts';
import { allocatorOf, isStrict, maxSingleAllocOf, report } from '../../lib/scatterlist/sg-options.ts';

describe('SgOptions', () => {
  it('are strict, unless the machine or the option says otherwise', () => {
    const machine = createMachine({ semantics: 'compatible' });
    expect(isStrict({})).to.be.true;
    expect(isStrict({ machine })).to.be.false;
    expect(isStrict({ machine, semantics: 'strict' })).to.be.true;
    expect(isStrict({ semantics: 'compatible' })).to.be.false;
  });

  it('have the sizes of a 64-bit kernel, and memory without end', () => {
    expect(maxSingleAllocOf({})).to.equal(128);
    expect(maxSingleAllocOf({ maxSingleAlloc: 170 })).to.equal(170);
    expect(allocatorOf({})).to.equal(UNLIMITED);
  });

  it('report to the machine, where there is one', () => {
    report({}, 'sg-not-last', 'nobody hears it', 'bug');
    const machine = createMachine({ onViolation: 'record' });
    report({ machine }, 'sg-segment-size', 'heard');
    expect(machine.violations.map(({ what }) => what)).to.deep.equal(['heard']);
    expect(() => {
      report({ machine }, 'sg-not-last', 'stops', 'bug');
    }).to.throw('stops');
  });
});
