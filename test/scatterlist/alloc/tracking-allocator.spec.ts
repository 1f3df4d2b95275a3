import { expect } from 'chai';
import { ConfigError, TrackingAllocator } from 'scatterlist';

describe('TrackingAllocator', () => {
  it('refuses options that it does not have', () => {
    const make = (options: object | null) => (): unknown => Reflect.construct(TrackingAllocator, [options]);
    expect(make({ failat: 1 })).to.throw(
      ConfigError,
      "TrackingAllocator has no option 'failat'; it has failAt",
    );
    expect(make({ failAt: '1' })).to.throw(ConfigError, "failAt is '1'; it must be a number");
    expect(make(null)).to.throw(ConfigError, 'TrackingAllocator takes an object of options, not null');
  });

  it('fails the call asked for, of whatever kind, and no other', () => {
    const memory = new TrackingAllocator({ failAt: 1 });
    expect(memory.reserve(3)).to.be.true;
    expect(memory.reached).to.be.false;
    expect(memory.allocate('kmalloc', 4)).to.equal(undefined);
    expect(memory.reached).to.be.true;
    expect(memory.attempt('order', 2)).to.be.true;
    expect(memory.calls).to.deep.equal([
      { memory: 'kcalloc', count: 3, failed: false },
      { memory: 'kmalloc', count: 4, failed: true },
      { memory: 'order', count: 2, failed: false },
    ]);
  });

  it('refuses a number of no call, and counts of nothing', () => {
    for (const failAt of [-1, 1.5, NaN, -Infinity])
      expect(() => new TrackingAllocator({ failAt })).to.throw(
        ConfigError,
        `failAt is ${String(failAt)}; it must be a whole number from 0 to 9007199254740991`,
      );
    for (const failAt of [0, Infinity, Number.MAX_SAFE_INTEGER, undefined])
      expect(new TrackingAllocator(failAt === undefined ? {} : { failAt }).reached).to.be.false;
    const memory = new TrackingAllocator();
    expect(() => memory.attempt('order', -1)).to.throw(RangeError, 'count is -1');
    expect(memory.attempt('order', 0)).to.be.true;
    expect([memory.allocate('page', 2 ** 24 + 1), memory.calls.length, memory.live]).to.deep.equal([
      undefined,
      1,
      1,
    ]);
  });

  it('knows what was not given back', () => {
    const memory = new TrackingAllocator();
    const array = memory.allocate('page', 128)!;
    memory.reserve(2);
    expect([memory.live, memory.arrays]).to.deep.equal([2, [array]]);
    memory.free('page', array, 100);
    memory.release(2);
    expect([memory.live, memory.frees]).to.deep.equal([0, [{ array, slots: 100 }]]);
  });
});
