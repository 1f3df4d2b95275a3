/**
 * The numbers of an error explain it: whatever lies free apart, what could be had is less than what was asked for, and
 * that much can be had.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  DmaDevice,
  SgAppendTable,
  TrackingAllocator,
  createMachine,
  mappedNents,
  sgAllocAppendTableFromPages,
  sgAllocTable,
  sgAllocTableChained,
  sgAllocTableFromPages,
  sglAlloc,
  sgMarkEnd,
  sgSplit,
  SgArray,
} from 'scatterlist';
import type { Page, Result, ScatterlistError } from 'scatterlist';
import { BouncePool, dmaAllocCoherent } from 'scatterlist/machine';

const PAGE = 4096;
const kept = fc.array(fc.boolean(), { minLength: 1, maxLength: 24 });

describe('the numbers of an error for want of room', () => {
  it('in lowmem of which some pages are free: the longest run', () => {
    fc.assert(
      fc.property(kept, fc.integer({ min: 1, max: 30 }), (isKept, wanted) => {
        const machine = createMachine({ lowmemPages: isKept.length });
        const { memory } = machine.hardware;
        const pages = machine.allocPages(memory.freePages('lowmem'), { zone: 'lowmem' });
        for (const [n, page] of pages.entries()) if (isKept[n] !== true) machine.freePage(page);
        const device = new DmaDevice(machine);
        const made = dmaAllocCoherent(machine.task(), device, wanted * PAGE);
        if (made.ok) return;
        if (made.error.code !== 'NoMemory') throw new Error(made.error.code);
        const { available, largestRunPages = NaN } = made.error;
        expect([made.error.wanted, available]).to.deep.equal([wanted, memory.freePages('lowmem')]);
        expect(largestRunPages).to.be.below(wanted).and.at.most(available);
        if (largestRunPages > 0)
          expect(dmaAllocCoherent(machine.task(), device, largestRunPages * PAGE).ok).to.equal(true);
        else expect(available).to.equal(0);
      }),
    );
  });

  it('of an IOMMU, also where a run must not cross a boundary', () => {
    fc.assert(
      fc.property(
        kept,
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(undefined, PAGE - 1, 4 * PAGE - 1, 8 * PAGE - 1, 2 ** 20 - 1),
        fc.nat(PAGE - 1),
        (isKept, pages, segmentBoundaryMask, offset) => {
          // Pieces that are longer than a boundary are reported, and mapped all the same.
          const machine = createMachine({ lowmemPages: 64, onViolation: 'record' });
          const task = machine.task();
          const device = new DmaDevice(machine, {
            iommu: { pages: 2 * isKept.length },
            maxSegmentBytes: 2 ** 20,
            ...(segmentBoundaryMask === undefined ? {} : { segmentBoundaryMask }),
          });
          const [page] = machine.allocPages(24, { zone: 'lowmem' });
          if (page === undefined) throw new Error('no page');
          const map = (from: number, length: number) =>
            device.map(task, [{ page, offset: from, length }], 'toDevice');
          const made = isKept.map(() => map(0, 1));
          for (const [n, one] of made.entries())
            if (one.ok && isKept[n] !== true) device.unmap(task, one.value[0]?.address ?? 0, 1, 'toDevice');
          const refused = map(offset, pages * PAGE);
          if (refused.ok || refused.error.code !== 'NoVirtualSpace') return;
          const { needPages, largestRunPages } = refused.error;
          expect(needPages).to.be.at.least(pages);
          expect(largestRunPages).to.be.below(needPages);
        },
      ),
    );
  });

  it('of bounce buffers of a device that keeps bits of the address', () => {
    fc.assert(
      fc.property(
        kept,
        fc.integer({ min: 1, max: 16 * 2048 }),
        fc.constantFrom(0, 511, 4095, 8191),
        fc.nat(PAGE - 1),
        fc.boolean(),
        (isKept, length, minAlignMask, offset, hasIommu) => {
          const machine = createMachine({ bounceSlots: isKept.length });
          const task = machine.task();
          const pool = new BouncePool(machine);
          const runs = isKept.map(() => pool.take(1));
          for (const [n, run] of runs.entries()) if (run !== undefined && isKept[n] !== true) pool.give(run);
          const device = new DmaDevice(machine, {
            bounce: { pool, always: true },
            minAlignMask: hasIommu ? minAlignMask % PAGE : minAlignMask,
            ...(hasIommu ? { iommu: {} } : {}),
          });
          const [page] = machine.allocPages(16, { zone: 'highmem' });
          if (page === undefined) throw new Error('no page');
          const map = (bytes: number) => device.map(task, [{ page, offset, length: bytes }], 'toDevice');
          const refused = map(length);
          if (refused.ok || refused.error.code !== 'BounceExhausted') return;
          const { largestRunBytes, freeBytes, needBytes } = refused.error;
          expect(needBytes).to.equal(length);
          expect(largestRunBytes).to.be.below(length).and.at.most(freeBytes);
          if (largestRunBytes > 0) expect(map(largestRunBytes).ok).to.equal(true);
        },
      ),
    );
  });

  it('of entries: fewer than were needed, at each allocation that can fail', () => {
    const of = createMachine({ lowmemPages: 256 }).allocPages(64, { zone: 'lowmem' });
    const apart = of.filter((_, n) => n % 2 === 0);
    const how = { maxSingleAlloc: 4 };
    const list = (): SgArray<'lowmem'> => {
      const array = new SgArray<'lowmem'>(8);
      for (let slot = 0; slot < 8; slot += 1) array.set(slot, pageOf(of, slot), 64, 0);
      sgMarkEnd(array.entry(7));
      return array;
    };
    const calls: Readonly<
      Record<string, (allocator: TrackingAllocator) => readonly Result<unknown, ScatterlistError>[]>
    > = {
      sgAllocTable: (allocator) => [sgAllocTable(30, { ...how, allocator })],
      sgAllocTableChained: (allocator) => [sgAllocTableChained(300, { ...how, allocator })],
      sgAllocTableFromPages: (allocator) => [
        sgAllocTableFromPages(apart, { size: apart.length * PAGE }, { ...how, allocator }),
      ],
      sglAlloc: (allocator) => [
        sglAlloc(9 * PAGE, { pageSize: PAGE, allocate: () => of[0], free: () => undefined }, { allocator }),
      ],
      sgSplit: (allocator) => [sgSplit(list().entry(0), mappedNents(0), 0, [64, 200, 30], { allocator })],
      sgAllocAppendTableFromPages: (allocator) => {
        const append = new SgAppendTable<'lowmem'>({ ...how, allocator });
        return [0, 8, 16].map((from) =>
          sgAllocAppendTableFromPages(append, apart.slice(from, from + 8), {
            size: 8 * PAGE,
            leftPages: 16 - from,
          }),
        );
      },
    };
    for (const [name, call] of Object.entries(calls)) {
      let failures = 0;
      for (let failAt = 0; failAt < 20; failAt += 1) {
        for (const result of call(new TrackingAllocator({ failAt }))) {
          if (result.ok) continue;
          if (result.error.code !== 'NoMemory') break;
          failures += 1;
          expect(result.error.available, `${name} ${String(failAt)}`).to.be.below(result.error.wanted);
          break;
        }
      }
      expect(failures, name).to.be.above(0);
    }
  });
});

function pageOf(pages: readonly Page<'lowmem'>[], n: number): Page<'lowmem'> {
  const page = pages[n];
  if (page === undefined) throw new Error('no page');
  return page;
}
