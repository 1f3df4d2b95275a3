import { expect } from 'chai';
import { builtIn, isProxy, read } from '../../lib/base/built-in.ts';

describe('built-in modules', () => {
  it('are loaded by name, where the host has them', () => {
    expect(read(builtIn('node:path'), 'sep')).to.equal('/');
    expect(builtIn('node:no-such-module')).to.equal(undefined);
  });

  it('are read along a path, as far as it goes', () => {
    const from = { a: { b: [7] }, f: Object.assign(() => 1, { g: 2 }) };
    expect([read(from, 'a', 'b', '0'), read(from, 'f', 'g'), read(from)]).to.deep.equal([7, 2, from]);
    expect([read(from, 'x', 'y'), read(null, 'a'), read(5, 'a')]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('tell a Proxy from what it stands for', () => {
    expect([isProxy(new Proxy({}, {})), isProxy({}), isProxy([])]).to.deep.equal([true, false, false]);
  });
});
