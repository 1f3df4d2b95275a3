import { expect } from 'chai';
import { dmaAddr } from 'scatterlist';
import { DmaMapping } from '../../../lib/kernel/parts/dma-mapping.ts';
import { DeviceMappings } from '../../../lib/kernel/dma/device-mappings.ts';
import { at, dmaFixture } from '../dma/dma-fixture.ts';

describe('DeviceMappings', () => {
  const page = at(dmaFixture().low, 0);
  const mappingAt = (address: number, length: number): DmaMapping =>
    new DmaMapping(dmaAddr(address), 'toDevice', [{ page, offset: 0, length }]);

  it('finds the newest at an address, and the one that has a range', () => {
    const live = new DeviceMappings<string>(4096);
    const [a, b, c, d] = [
      mappingAt(4000, 200),
      mappingAt(4000, 50),
      mappingAt(4000, 200),
      mappingAt(9000, 1),
    ];
    for (const [name, mapping] of Object.entries({ a, b, c, d })) live.add(mapping, name);
    expect([live.size, live.first, live.heldBy(b)]).to.deep.equal([4, a, 'b']);
    expect([
      live.newestAt(4000),
      live.newestAt(4001),
      live.newestAt(4000, (m) => m.lengthBytes === 50),
    ]).to.deep.equal([c, undefined, b]);
    live.delete(c);
    live.delete(c);
    expect([live.newestAt(4000), live.newestWith(4000, 51), live.newestWith(4010, 1)]).to.deep.equal([
      b,
      a,
      b,
    ]);
    expect([live.newestWith(4199, 1), live.newestWith(4199, 2), live.newestWith(3999, 2)]).to.deep.equal([
      a,
      undefined,
      undefined,
    ]);
    live.delete(a);
    live.delete(b);
    expect([live.newestAt(4000), live.newestWith(4100, 1), live.size, live.first]).to.deep.equal([
      undefined,
      undefined,
      1,
      d,
    ]);
  });

  it('counts each mapping that a search looks at, and ends with the first that fits', () => {
    const live = new DeviceMappings<string>(4096);
    for (const length of [100, 50, 100]) live.add(mappingAt(4000, length), 'held');
    live.add(mappingAt(8000, 10), 'other');
    const looksOf = (search: () => unknown): number => {
      const before = live.looks;
      search();
      return live.looks - before;
    };
    expect(live.looks).to.equal(0);
    expect(looksOf(() => live.newestAt(4000))).to.equal(1);
    expect(looksOf(() => live.newestAt(4000, (m) => m.lengthBytes === 50))).to.equal(2);
    expect(looksOf(() => live.newestAt(4001))).to.equal(0);
    expect(looksOf(() => live.newestWith(4000, 100))).to.equal(1);
    // None begins at 4001; the three that touch its page are looked at.
    expect(looksOf(() => live.newestWith(4001, 99))).to.equal(3);
    // All that begin there are too short; then all that touch its page.
    expect(looksOf(() => live.newestWith(4000, 101))).to.equal(6);
  });

  it('looks at no more mappings where there are many', () => {
    const looks = (count: number): number => {
      const live = new DeviceMappings<number>(4096);
      const all = Array.from({ length: count }, (_, i) => mappingAt(i * 512, 512));
      for (const [i, mapping] of all.entries()) live.add(mapping, i);
      for (const mapping of all) {
        expect(live.newestWith(mapping.address, 512)).to.equal(mapping);
        expect(live.newestWith(mapping.address + 511, 1)).to.equal(mapping);
      }
      for (const mapping of all) live.delete(mapping);
      return live.looks / count;
    };
    expect(looks(4096)).to.equal(looks(64));
    expect(looks(64)).to.be.at.most(10);
  });
});
