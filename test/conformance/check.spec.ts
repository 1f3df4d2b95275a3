import { expect } from 'chai';
import { createMachine, err, ok } from 'scatterlist';
import { WaitQueue } from 'scatterlist/machine';
import {
  breaks,
  check,
  errorOf,
  ruleBroken,
  same,
  sameBytes,
  show,
  valueOf,
} from '../../lib/conformance/check.ts';

describe('the checks of the suite', () => {
  it('say nothing where all is well', () => {
    check(true, 'never said');
    same(NaN, NaN, 'NaN');
    sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2), 'bytes');
    expect(valueOf(ok(7), 'seven')).to.equal(7);
  });

  it('name what they found and what they wanted', () => {
    expect(() => check(false, 'said')).to.throw('said');
    expect(() => same(1, 2, 'count')).to.throw('count: got 1, expected 2');
    expect(() => sameBytes(Uint8Array.of(1, 9), Uint8Array.of(1, 2), 'memory')).to.throw(
      'memory: byte 1 of 2 is 9, expected 2',
    );
    expect(() => sameBytes(Uint8Array.of(1), Uint8Array.of(1, 2), 'memory')).to.throw('got 1, expected 2');
  });

  it('name objects, whose text would say nothing', () => {
    const machine = createMachine();
    expect(() => same<unknown>(new WaitQueue('pool'), undefined, 'queue')).to.throw(
      'queue: got WaitQueue "pool", expected undefined',
    );
    expect(() => same<unknown>(null, machine.task('t'), 'who')).to.throw('who: got null, expected Task "t"');
    expect(show([1])).to.equal('an object (Array)');
    expect(show({})).to.equal('an object (Object)');
    expect(show(Object.create(null))).to.equal('an object (Object)');
  });

  it('tell a failure by its numbers, and a success that should be one', () => {
    const error = { code: 'NoSlots', slots: 4, waiting: 1 } as const;
    expect(() => valueOf(err(error), 'map')).to.throw('map failed with NoSlots (slots 4, waiting 1)');
    expect(errorOf(err(error), 'map')).to.equal(error);
    expect(() => errorOf(ok(1), 'map')).to.throw('map succeeded');
  });

  it('know a violation from any other exception', () => {
    const machine = createMachine();
    const violate = (): void => machine.hardware.violate({ rule: 'leak', what: 'a test' });
    expect(ruleBroken(violate)).to.equal('leak');
    expect(ruleBroken(() => undefined)).to.equal(undefined);
    expect(() =>
      ruleBroken(() => {
        throw new TypeError('other');
      }),
    ).to.throw(TypeError, 'other');
    breaks(['double-unmap', 'leak'], violate, 'it');
    expect(() => breaks(['double-unmap'], violate, 'it')).to.throw(
      'expected the violation double-unmap, got leak',
    );
  });
});
