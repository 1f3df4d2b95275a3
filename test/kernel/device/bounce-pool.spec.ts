import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError, createMachine } from 'scatterlist';
import { BouncePool } from 'scatterlist/machine';
import type { BounceRun } from '../../../lib/kernel/device/bounce-pool.ts';

describe('BouncePool', () => {
  it('takes slots of 2 KiB, from where the last search ended', () => {
    const pool = new BouncePool(createMachine({ bounceSlots: 8 }));
    const [a, b] = [pool.take(1), pool.take(2049)];
    expect([a?.firstSlot, a?.slots, b?.firstSlot, b?.slots]).to.deep.equal([0, 1, 1, 2]);
    expect([pool.slotsInUse, pool.freeBytes, pool.mostBytes]).to.deep.equal([3, 5 * 2048, 8 * 2048]);
    pool.give(a!);
    expect(pool.take(2048)?.firstSlot).to.equal(3);
    expect(pool.take(0)?.firstSlot).to.equal(4);
    expect(pool.runsInUse).to.deep.equal([
      { firstSlot: 1, slots: 2 },
      { firstSlot: 3, slots: 1 },
      { firstSlot: 4, slots: 1 },
    ]);
  });

  it('says how long a buffer can still be, which is always too short, and can be had', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 140 }),
        fc.integer({ min: 1, max: 130 * 2048 }),
        (kept, bytes) => {
          const pool = new BouncePool(createMachine({ bounceSlots: kept.length }));
          const runs = kept.map(() => pool.take(1)!);
          for (const [slot, isKept] of kept.entries()) if (!isKept) pool.give(runs[slot]!);
          if (pool.take(bytes) !== undefined) return;
          const longest = pool.longestBelow(bytes);
          expect(longest).to.be.lessThan(bytes);
          expect(longest).to.be.at.most(pool.freeBytes);
          if (longest === 0) expect(pool.freeBytes).to.equal(0);
          else expect(pool.take(longest)?.slots).to.equal(longest / 2048);
        },
      ),
    );
  });

  it('frees only runs of its own', () => {
    const machine = createMachine({ bounceSlots: 4 });
    const pool = new BouncePool(machine);
    const run = pool.take(2048)!;
    const of = (other: BounceRun): string =>
      `a run of ${String(other.slots)} bounce slots from ${String(other.firstSlot)}`;
    for (const other of [{ ...run }, { ...run, slots: 2 ** 53 }, { ...run, firstSlot: NaN }])
      expect(() => {
        pool.give(other);
      }).to.throw(ConfigError, of(other));
    expect(pool.slotsInUse).to.equal(1);
    pool.give(run);
    expect(pool.slotsInUse).to.equal(0);
  });

  it('lets a buffer pass: the run it would have had, and the search goes on behind it', () => {
    const pool = new BouncePool(createMachine({ bounceSlots: 4 }));
    const held = pool.take(2048);
    expect([pool.pass(2048), pool.pass(4096), pool.slotsInUse]).to.deep.equal([1, 2, 1]);
    expect([pool.pass(1), pool.pass(3 * 2048)]).to.deep.equal([1, -1]);
    pool.give(held!);
    expect(pool.slotsInUse).to.equal(0);
  });

  it('finds in an empty pool what a search slot by slot finds', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 140 * 2048 }), { maxLength: 40 });
    fc.assert(
      fc.property(sizes, fc.constantFrom(1, 2, 5, 127, 128, 129, 200, 300), (script, bounceSlots) => {
        const pool = new BouncePool(createMachine({ bounceSlots, mode: 'direct' }));
        let next = 0;
        for (const bytes of script) {
          const need = Math.max(1, Math.ceil(bytes / 2048));
          const slots = Array.from({ length: bounceSlots }, (_, i) => (next + i) % bounceSlots);
          const found = slots.find(
            (slot) =>
              (bytes < 4096 || slot % 2 === 0) && slot + need <= bounceSlots && (slot % 128) + need <= 128,
          );
          expect(pool.pass(bytes)).to.equal(found ?? -1);
          if (found !== undefined) next = (found + need) % bounceSlots;
        }
      }),
    );
  });

  it('finds in a pool in use what a search slot by slot finds, from where the last one ended', () => {
    const step = fc.record({ bytes: fc.integer({ min: 1, max: 9 * 2048 }), giveBack: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(8, 24, 128, 140),
        (script, bounceSlots) => {
          const pool = new BouncePool(createMachine({ bounceSlots, mode: 'direct' }));
          const taken = new Array<boolean>(bounceSlots).fill(false);
          const held: BounceRun[] = [];
          let next = 0;
          for (const { bytes, giveBack } of script) {
            const oldest = giveBack === 0 ? held.shift() : undefined;
            if (oldest !== undefined) {
              pool.give(oldest);
              taken.fill(false, oldest.firstSlot, oldest.firstSlot + oldest.slots);
            }
            const need = Math.ceil(bytes / 2048);
            const slots = Array.from({ length: bounceSlots }, (_, i) => (next + i) % bounceSlots);
            const found = slots.find(
              (slot) =>
                (bytes < 4096 || slot % 2 === 0) &&
                slot + need <= bounceSlots &&
                (slot % 128) + need <= 128 &&
                !taken.slice(slot, slot + need).includes(true),
            );
            const run = pool.take(bytes);
            expect(run?.firstSlot).to.equal(found);
            if (run === undefined || found === undefined) continue;
            held.push(run);
            taken.fill(true, found, found + need);
            next = (found + need) % bounceSlots;
          }
        },
      ),
    );
  });

  it('begins buffers of a page or more on a page', () => {
    const pool = new BouncePool(createMachine({ bounceSlots: 8 }));
    pool.take(100);
    const run = pool.take(4096);
    expect([run?.firstSlot, run?.pageOffset]).to.deep.equal([2, 0]);
    expect(pool.take(100)?.pageOffset).to.equal(0);
    expect(pool.take(100)?.pageOffset).to.equal(2048);
  });

  it('has no run across two sets of 128 slots, however much is free', () => {
    const pool = new BouncePool(createMachine({ bounceSlots: 256 }));
    expect(pool.mostBytes).to.equal(128 * 2048);
    expect(pool.take(127 * 2048)?.firstSlot).to.equal(0);
    expect(pool.take(3 * 2048)?.firstSlot).to.equal(128);
    expect(pool.take(126 * 2048)).to.equal(undefined);
    expect(pool.freeBytes).to.equal(126 * 2048);
  });

  it('needs a run of lowmem', () => {
    expect(() => new BouncePool(createMachine({ lowmemPages: 4 }))).to.throw(ConfigError, 'lowmemPages');
    const machine = createMachine({ lowmemPages: 8, bounceSlots: 4 });
    machine.physical(machine.hardware.memory.page(1));
    expect(() => new BouncePool(machine)).to.throw(ConfigError, 'found no run of lowmem');
  });

  it('never gives a slot to two, nor a run across sets or off its page', () => {
    const step = fc.record({ bytes: fc.integer({ min: 1, max: 40_000 }), give: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (script) => {
        const pool = new BouncePool(createMachine({ bounceSlots: 160, mode: 'direct' }));
        const owners = new Map<number, BounceRun>();
        for (const { bytes, give } of script) {
          const victim = [...new Set(owners.values())][give];
          if (victim !== undefined) {
            pool.give(victim);
            for (const [slot, run] of owners) if (run === victim) owners.delete(slot);
          }
          const run = pool.take(bytes);
          if (run === undefined) continue;
          expect(run.slots).to.equal(Math.ceil(bytes / 2048));
          expect(Math.floor(run.firstSlot / 128)).to.equal(Math.floor((run.firstSlot + run.slots - 1) / 128));
          if (bytes >= 4096) expect(run.pageOffset).to.equal(0);
          expect(run.page.pfn * 4096 + run.pageOffset).to.equal(run.firstSlot * 2048);
          for (let slot = run.firstSlot; slot < run.firstSlot + run.slots; slot += 1) {
            expect(owners.has(slot)).to.equal(false);
            owners.set(slot, run);
          }
          expect(pool.slotsInUse).to.equal(owners.size);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('finds what a device asks for as a search slot by slot does', () => {
    const step = fc.record({
      bytes: fc.integer({ min: 1, max: 5 * 2048 }),
      keepMask: fc.constantFrom(0, 2047, 4095, 8191),
      address: fc.nat(65_535),
      mask: fc.constantFrom(Infinity, 4095, 16_384, 20_479),
      boundaryBytes: fc.constantFrom(Infinity, 4096, 8192),
      giveBack: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (script) => {
        const machine = createMachine({ bounceSlots: 24, mode: 'direct' });
        machine.allocPage({ zone: 'lowmem' });
        const pool = new BouncePool(machine);
        expect(pool.firstAddress).to.equal(4096);
        const taken = new Array<boolean>(24).fill(false);
        const held: BounceRun[] = [];
        let next = 0;
        for (const { bytes, giveBack, ...asked } of script) {
          const oldest = giveBack === 0 ? held.shift() : undefined;
          if (oldest !== undefined) {
            pool.give(oldest);
            taken.fill(false, oldest.firstSlot, oldest.firstSlot + oldest.slots);
          }
          const slotOffset = Math.min(asked.address & asked.keepMask & 2047, bytes - 1);
          const need = Math.ceil(bytes / 2048);
          const kept = asked.keepMask - (asked.keepMask % 2048);
          const found = Array.from({ length: 24 }, (_, i) => (next + i) % 24).find((slot) => {
            const first = 4096 + slot * 2048;
            const [from, last] = [first + slotOffset, first + bytes - 1];
            return (
              slot + need <= 24 &&
              !taken.slice(slot, slot + need).includes(true) &&
              (kept > 0 || bytes < 4096 || slot % 2 === 0) &&
              (first & kept) === (asked.address & kept) &&
              last <= asked.mask &&
              Math.floor(from / asked.boundaryBytes) === Math.floor(last / asked.boundaryBytes)
            );
          });
          const run = pool.take(bytes, { ...asked, slotOffset });
          expect(run?.firstSlot).to.equal(found);
          if (run === undefined || found === undefined) continue;
          held.push(run);
          taken.fill(true, found, found + need);
          next = (found + need) % 24;
        }
      }),
    );
  });

  it('takes whole numbers of bytes only', () => {
    const pool = new BouncePool(createMachine({ bounceSlots: 4 }));
    for (const bytes of [-1, 0.5, NaN]) expect(() => pool.take(bytes)).to.throw(RangeError, 'bytes is');
    expect(pool.slotsInUse).to.equal(0);
  });
});
