import { expect } from 'chai';
import { environment } from '../../lib/explore/environment.ts';

describe('environment', () => {
  const shared = { page: 1, count: 2 };
  const env = environment({ task: 'own' }, shared);

  it('shows its own things and what is shared', () => {
    const { task, page } = env;
    expect([task, page, 'count' in env, 'other' in env]).to.deep.equal(['own', 1, true, false]);
  });

  it('writes to what is shared, and not over its own', () => {
    env.count = 5;
    expect(shared.count).to.equal(5);
    expect(() => {
      env.task = 'other';
    }).to.throw(TypeError);
  });
});
