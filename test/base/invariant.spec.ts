import { expect } from 'chai';
import { ConfigError, InvariantError } from 'scatterlist';
import { invariant } from '../../lib/base/invariant.ts';

describe('invariant', () => {
  it('stops at what this library guarantees and only there', () => {
    invariant(true, 'never seen');
    expect(() => invariant(false, 'slots overlap')).to.throw(InvariantError, 'slots overlap');
  });

  it('is not a set-up mistake', () => {
    expect(new ConfigError('small')).to.not.be.instanceOf(InvariantError);
    expect([new ConfigError('a').name, new InvariantError('b').name]).to.deep.equal([
      'ConfigError',
      'InvariantError',
    ]);
  });
});
