import { expect } from 'chai';
import { dmaAddr } from 'scatterlist';
import { DeviceOwned } from '../../../lib/kernel/parts/device-owned.ts';
import { DmaMapping } from '../../../lib/kernel/parts/dma-mapping.ts';
import type { DmaDirection } from '../../../lib/kernel/parts/dma-mapping.ts';
import { at, dmaFixture } from '../dma/dma-fixture.ts';

describe('DeviceOwned', () => {
  const { low } = dmaFixture();
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

  it('finds what may write a shared cache line, on a page with many mappings as on one with few', () => {
    for (const others of [1, 2, 7, 8, 9, 12]) {
      for (const direction of ['fromDevice', 'bidirectional'] as const) {
        const owned = new DeviceOwned();
        // Readers in the first lines, one writer that lies over the lines 20 and 21.
        const readers = Array.from({ length: others }, (_, i) => mappingOf(64 * i, 64, 'toDevice'));
        for (const reader of readers) expect(owned.add(reader)).to.equal(undefined);
        const writer = mappingOf(20 * 64 + 60, 8, direction);
        expect(owned.add(writer)).to.equal(undefined);
        const overlapOf = (offset: number, length: number, how: DmaDirection): DmaMapping | undefined => {
          const probe = mappingOf(offset, length, how);
          const overlap = owned.add(probe);
          owned.delete(probe);
          return overlap?.other;
        };
        const name = `${String(others)} others, ${direction}`;
        expect(overlapOf(0, 64 * others, 'fromDevice'), name).to.equal(undefined);
        expect(overlapOf(20 * 64, 1, 'fromDevice'), name).to.equal(writer);
        expect(overlapOf(21 * 64 + 63, 1, 'fromDevice'), name).to.equal(writer);
        expect(overlapOf(19 * 64, 65, 'fromDevice'), name).to.equal(writer);
        expect(overlapOf(20 * 64 - 1, 1, 'fromDevice'), name).to.equal(undefined);
        expect(overlapOf(22 * 64, 1, 'fromDevice'), name).to.equal(undefined);
        expect(overlapOf(20 * 64, 128, 'toDevice'), name).to.equal(undefined);
        // Whose turn it is makes no difference to that.
        owned.give(writer, 'cpu', 0, 8);
        expect(overlapOf(20 * 64, 1, 'fromDevice'), name).to.equal(writer);
        owned.delete(writer);
        expect(overlapOf(20 * 64, 128, 'fromDevice'), name).to.equal(undefined);
        for (const reader of readers) owned.delete(reader);
        expect([owned.isIdle, owned.isMapped(page)], name).to.deep.equal([true, false]);
      }
    }
  });

  it('lets several pieces of one mapping share a page', () => {
    for (const count of [2, 3, 9, 12]) {
      const owned = new DeviceOwned();
      const pieces = Array.from({ length: count }, (_, i) => ({ page, offset: 64 * i, length: 8 }));
      const mapping = new DmaMapping(dmaAddr(0), 'fromDevice', pieces, undefined);
      expect(owned.add(mapping)).to.equal(undefined);
      for (const { offset } of pieces) expect(owned.forbids(page, offset, 1, false)).to.equal(mapping);
      owned.give(mapping, 'cpu', 8, 8);
      expect(owned.forbids(page, 64, 8, true)).to.equal(undefined);
      expect(owned.forbids(page, 0, 8, true)).to.equal(mapping);
      expect(owned.mappingOf(page)).to.equal(mapping);
      owned.delete(mapping);
      expect([owned.isIdle, owned.mappingOf(page)]).to.deep.equal([true, undefined]);
    }
  });

  it('counts each piece of a mapping where it lies, whichever changes its owner', () => {
    const count = 12;
    for (let given = 0; given < count; given += 1) {
      const owned = new DeviceOwned();
      const pieces = Array.from({ length: count }, (_, i) => ({ page, offset: 128 * i, length: 8 }));
      const mapping = new DmaMapping(dmaAddr(0), 'fromDevice', pieces, undefined);
      owned.add(mapping);
      owned.give(mapping, 'cpu', 8 * given, 8);
      // What lies beside the pieces belongs to another mapping, all of it.
      const others = Array.from({ length: count }, (_, i) => mappingOf(128 * i + 8, 120, 'fromDevice'));
      for (const other of others) owned.add(other);
      for (const [i, other] of others.entries()) {
        const own = i === given ? undefined : mapping;
        expect(owned.forbids(page, 128 * i, 8, true), `${String(i)} of ${String(given)}`).to.equal(own);
        for (let at = 8; at < 128; at += 8)
          expect(owned.forbids(page, 128 * i + at, 8, true), `beside ${String(i)}`).to.equal(other);
      }
      owned.give(mapping, 'device', 8 * given, 8);
      for (const { offset } of pieces) expect(owned.forbids(page, offset, 8, true)).to.equal(mapping);
    }
  });

  it('forbids reading what an unmap left unsynced, until it is written, mapped again, or the page is forgotten', () => {
    const left = (direction: DmaDirection): { readonly owned: DeviceOwned; readonly mapping: DmaMapping } => {
      const owned = new DeviceOwned();
      const mapping = mappingOf(10, 10, direction);
      owned.add(mapping);
      owned.leaveUnsynced(mapping);
      owned.delete(mapping);
      return { owned, mapping };
    };
    const { owned, mapping } = left('fromDevice');
    const reads = (offset: number, length: number): DmaMapping | undefined =>
      owned.forbids(page, offset, length, false);
    expect([owned.isIdle, owned.isMapped(page)]).to.deep.equal([false, false]);
    expect([reads(0, 10), reads(9, 2), reads(19, 1), reads(20, 9)]).to.deep.equal([
      undefined,
      mapping,
      mapping,
      undefined,
    ]);
    expect([owned.forbids(page, 10, 4, true), reads(10, 4), reads(10, 5)]).to.deep.equal([
      undefined,
      undefined,
      mapping,
    ]);
    const next = mappingOf(14, 2, 'toDevice');
    owned.add(next);
    owned.delete(next);
    expect([reads(14, 2), reads(16, 1)]).to.deep.equal([undefined, mapping]);
    owned.forget(page);
    expect([reads(16, 4), owned.isIdle]).to.deep.equal([undefined, true]);
    expect(left('toDevice').owned.isIdle).to.equal(true);
    expect(left('bidirectional').owned.forbids(page, 10, 1, false)).to.not.equal(undefined);
  });

  it('leaves unsynced what the device owns at the unmap, and no byte more', () => {
    const owned = new DeviceOwned();
    const pieces = [0, 64].map((offset) => ({ page, offset, length: 8 }));
    const mapping = new DmaMapping(dmaAddr(0), 'fromDevice', pieces, undefined);
    owned.add(mapping);
    owned.give(mapping, 'cpu', 2, 6);
    owned.leaveUnsynced(mapping);
    owned.delete(mapping);
    const unread = Array.from({ length: 80 }, (_, i) => i).filter(
      (i) => owned.forbids(page, i, 1, false) !== undefined,
    );
    expect(unread).to.deep.equal([0, 1, 64, 65, 66, 67, 68, 69, 70, 71]);
    const synced = new DeviceOwned();
    const given = mappingOf(0, 8, 'fromDevice');
    synced.add(given);
    synced.give(given, 'cpu', 0, 8);
    synced.leaveUnsynced(given);
    synced.delete(given);
    expect(synced.isIdle).to.equal(true);
  });

  it('names each bounce pool once, until its pages have another owner', () => {
    const owned = new DeviceOwned();
    const pool = { pages: [at(low, 0), at(low, 1)], slots: 4, slotsInUse: 0, runsInUse: [] };
    owned.addPool(pool);
    expect(owned.pools).to.deep.equal([pool]);
    for (const one of pool.pages) owned.forget(one);
    expect(owned.pools).to.deep.equal([]);
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
