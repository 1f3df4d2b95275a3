import { expect } from 'chai';
import { dmaAddr } from 'scatterlist';
import { DeviceOwned } from '../../lib/kernel/device-owned.ts';
import { DmaMapping } from '../../lib/kernel/dma-mapping.ts';
import type { DmaDirection } from '../../lib/kernel/dma-mapping.ts';
import { at, dmaBench } from './dma-bench.ts';

describe('DeviceOwned', () => {
  const { low } = dmaBench();
  const page = at(low, 0);
  const mappingOf = (offset: number, length: number, direction: DmaDirection): DmaMapping =>
    new DmaMapping(dmaAddr(0), direction, [{ page, offset, length }], undefined);

  it('forbids what a device owns, until the mapping ends', () => {
    const owned = new DeviceOwned();
    const mapping = mappingOf(10, 10, 'fromDevice');
    owned.add(mapping);
    expect([owned.forbids(page, 0, 10, true), owned.forbids(page, 20, 5, true)]).to.deep.equal([
      undefined,
      undefined,
    ]);
    expect([owned.forbids(page, 0, 11, false), owned.forbids(page, 19, 9, true)]).to.deep.equal([
      mapping,
      mapping,
    ]);
    mapping.give('cpu', 0, 5);
    expect([owned.forbids(page, 10, 5, true), owned.forbids(page, 10, 6, true)]).to.deep.equal([
      undefined,
      mapping,
    ]);
    owned.delete(mapping);
    expect(owned.forbids(page, 0, 4096, true)).to.equal(undefined);
  });

  it('tells the same of a page with many mappings as of one with few', () => {
    const directions: readonly DmaDirection[] = ['toDevice', 'fromDevice', 'bidirectional'];
    const mappings = Array.from({ length: 12 }, (_, i) =>
      mappingOf(8 * i, 6, directions[i % 3] ?? 'toDevice'),
    );
    const owned = new DeviceOwned();
    // Nine or more are counted byte by byte; fewer are asked one after the other.
    for (const [i, mapping] of mappings.entries()) {
      owned.add(mapping);
      for (const [n, known] of mappings.slice(0, i + 1).entries()) {
        const reads = n % 3 === 0 ? undefined : known;
        for (const at of [8 * n, 8 * n + 5]) {
          expect(owned.forbids(page, at, 1, true), `write, ${String(n)} of ${String(i)}`).to.equal(known);
          expect(owned.forbids(page, at, 1, false), `read, ${String(n)} of ${String(i)}`).to.equal(reads);
        }
        expect(owned.forbids(page, 8 * n + 6, 2, true)).to.equal(undefined);
      }
    }
    const [first, second] = mappings;
    first!.give('cpu', 0, 3);
    expect([owned.forbids(page, 0, 3, true), owned.forbids(page, 3, 1, true)]).to.deep.equal([
      undefined,
      first,
    ]);
    first!.give('device', 0, 3);
    expect(owned.forbids(page, 0, 1, true)).to.equal(first);
    owned.delete(second!);
    expect(owned.forbids(page, 8, 6, true)).to.equal(undefined);
  });

  it('lets go of a mapping of one byte', () => {
    const owned = new DeviceOwned();
    const mapping = mappingOf(7, 1, 'bidirectional');
    owned.add(mapping);
    expect([owned.forbids(page, 7, 1, false), owned.forbids(page, 8, 1, true)]).to.deep.equal([
      mapping,
      undefined,
    ]);
    owned.delete(mapping);
    owned.delete(mapping);
    expect(owned.forbids(page, 7, 1, true)).to.equal(undefined);
  });

  it('holds several mappings of a page apart', () => {
    const owned = new DeviceOwned();
    const [reads, writes] = [mappingOf(0, 20, 'toDevice'), mappingOf(10, 20, 'fromDevice')];
    owned.add(reads);
    owned.add(writes);
    expect([owned.forbids(page, 5, 5, false), owned.forbids(page, 5, 6, false)]).to.deep.equal([
      undefined,
      writes,
    ]);
    owned.delete(writes);
    expect([owned.forbids(page, 5, 6, false), owned.forbids(page, 5, 6, true)]).to.deep.equal([
      undefined,
      reads,
    ]);
  });
});
