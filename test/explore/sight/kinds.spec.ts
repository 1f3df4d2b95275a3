import { expect } from 'chai';
import { STATELESS_MODULES, kindOf, ownPrototypesOf } from '../../../lib/explore/sight/kinds.ts';

describe('kinds of objects', () => {
  it('that show all they hold have no prototypes of their own', () => {
    const open = [
      {},
      [],
      new Map(),
      new Set(),
      new Date(),
      /a/,
      new RangeError('a'),
      new ArrayBuffer(1),
      Buffer.of(1),
    ];
    for (const object of [...open, new Float32Array(1), Object.create(null) as object])
      expect(ownPrototypesOf(object), kindOf(object)).to.deep.equal([]);
  });

  it('of classes and of the host have', () => {
    class Base {}
    class Sub extends Base {}
    expect(ownPrototypesOf(new Sub())).to.deep.equal([Sub.prototype, Base.prototype]);
    expect(ownPrototypesOf(new WeakMap())).to.deep.equal([WeakMap.prototype]);
    expect(ownPrototypesOf(Promise.resolve())).to.deep.equal([Promise.prototype]);
  });

  it('are named as in a sentence', () => {
    expect([new WeakMap(), new AggregateError([]), []].map(kindOf)).to.deep.equal([
      'a WeakMap',
      'an Error',
      'an Array',
    ]);
  });

  it('tell modules of Node that keep nothing between calls from others', () => {
    const isStateless = (url: string): boolean => STATELESS_MODULES.test(url);
    expect(['node:util', 'node:internal/assert', 'node:path'].map(isStateless)).to.deep.equal([
      true,
      true,
      true,
    ]);
    expect(['node:fs', 'node:timers', 'node:pathology'].map(isStateless)).to.deep.equal([
      false,
      false,
      false,
    ]);
  });
});
