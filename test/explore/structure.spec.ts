import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { Mutex } from 'scatterlist/explore';
import { Hash } from '../../lib/base/hash.ts';
import { addStructure, isKernelObject, isPlain } from '../../lib/explore/structure.ts';

const hashOf = (value: unknown): number => {
  const hash = new Hash();
  addStructure(hash, value);
  return hash.value;
};

describe('structure', () => {
  const machine = createMachine();
  const [a, b] = machine.allocPages(2, { zone: 'highmem' });

  it('is equal for equal content, different for different', () => {
    const values = [
      1,
      '1',
      true,
      null,
      undefined,
      1n,
      [1],
      { x: 1 },
      { x: 2 },
      { y: 1 },
      new Map([[1, 2]]),
      new Uint8Array([1]),
      new Uint8Array([2]),
      a,
      b,
    ];
    expect(new Set(values.map(hashOf)).size).to.equal(values.length);
    expect(hashOf({ x: [1, { y: a }] })).to.equal(hashOf({ x: [1, { y: a }] }));
  });

  it('ends on circles', () => {
    const circle: { self?: object } = {};
    circle.self = circle;
    expect(hashOf(circle)).to.be.a('number');
  });

  it('tells kernel objects, plain ones and others apart', () => {
    const objects = [machine, a ?? {}, machine.task(), new Mutex(machine, 'm'), {}, [], new Uint8Array(1)];
    expect(objects.map(isKernelObject)).to.deep.equal([true, true, true, true, false, false, false]);
    expect([{}, [], new Uint8Array(1), machine].map(isPlain)).to.deep.equal([true, true, false, false]);
  });
});
