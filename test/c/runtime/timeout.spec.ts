import { expect } from 'chai';
import { timeoutKey, timeoutOf } from '../../../lib/c/runtime/timeout.ts';

describe('timeouts', () => {
  it('have the name of their actor, and a place that reports leave out', () => {
    expect(timeoutOf('rx')).to.equal('rx timeout');
    expect(timeoutKey('rx')).to.match(/^@/);
  });
});
