import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import { flushDcacheArea, flushDcachePage, kmapLocalPage, pageAddress, vmap } from 'scatterlist/machine';
import type { DataCache, RamWindow } from 'scatterlist/machine';
import { rulesOf } from '../kernel/violations.ts';

interface Bench {
  readonly machine: Machine;
  readonly task: Task;
  readonly cache: DataCache;
  readonly page: Page;
  /** The page at an address of each colour. */
  readonly at: readonly RamWindow[];
}

function bench(dcacheColours: number): Bench {
  const machine = createMachine({ dcacheColours, onViolation: 'record' });
  const task = machine.task();
  const page = machine.allocPage({ zone: 'highmem' });
  const at = Array.from({ length: 2 }, () => kmapLocalPage(task, page));
  return { machine, task, cache: machine.hardware.dataCache!, page, at };
}

describe('DataCache', () => {
  it('is passed by, until the page changes hands, for a page that is said to', () => {
    for (const colours of [1, 2]) {
      const { machine, cache, page, at } = bench(colours);
      at[0]!.store8(3, 5);
      cache.bypass(page);
      expect(machine.physical(page)[3]).to.equal(5);
      at[0]!.store8(3, 6);
      expect([machine.physical(page)[3], at[1]!.load8(3)]).to.deep.equal([6, 6]);
      machine.physical(page)[3] = 7;
      expect([at[0]!.load8(3), cache.memoryIsStale(page, 0, 64)]).to.deep.equal([7, false]);
      expect(cache.pages.every(({ held }) => held.every((line) => line === 0))).to.equal(true);
      cache.forget(page);
      at[0]!.store8(3, 8);
      expect([machine.physical(page)[3], cache.memoryIsStale(page, 0, 64)]).to.deep.equal([7, true]);
      expect(machine.violations).to.deep.equal([]);
    }
  });

  it('is not there unless it is asked for', () => {
    expect(createMachine().hardware.dataCache).to.equal(undefined);
  });

  it('keeps what was stored from memory until it is written back', () => {
    const { machine, task, cache, page, at } = bench(1);
    at[0]!.store8(5, 7);
    expect([at[0]!.load8(5), machine.physical(page)[5]]).to.deep.equal([7, 0]);
    expect(cache.memoryIsStale(page, 0, 32)).to.equal(true);
    expect(cache.memoryIsStale(page, 6, 32)).to.equal(false);
    flushDcachePage(task, page);
    expect([at[0]!.load8(5), machine.physical(page)[5]]).to.deep.equal([7, 7]);
    expect(cache.memoryIsStale(page, 0, 32)).to.equal(false);
    expect(machine.violations).to.deep.equal([]);
  });

  it('gives aliases of one colour the same lines, of two colours lines of their own', () => {
    for (const [colours, seen, rules] of [
      [1, 7, []],
      [2, 0, ['stale-cache']],
    ] as const) {
      const { machine, at } = bench(colours);
      at[0]!.store8(0, 7);
      expect(at[1]!.load8(0)).to.equal(seen);
      expect(at[1]!.load8(32)).to.equal(0);
      expect(rulesOf(machine)).to.deep.equal(rules);
    }
  });

  it('does not see what a device writes behind a line that it holds', () => {
    const { machine, task, cache, page, at } = bench(1);
    at[0]!.load8(0);
    machine.physical(page).fill(9);
    expect([at[0]!.load8(1), at[0]!.load8(32)]).to.deep.equal([0, 9]);
    expect(rulesOf(machine)).to.deep.equal(['stale-cache']);
    cache.invalidate(page, 0, 0, 32);
    expect(at[0]!.load8(1)).to.equal(9);
    expect(task.machine.violations).to.have.length(1);
  });

  it('loses what is dropped before it was written back', () => {
    const { machine, cache, page, at } = bench(1);
    at[0]!.store8(0, 7);
    cache.invalidate(page, 0, 0, 1);
    expect(at[0]!.load8(0)).to.equal(0);
    expect(rulesOf(machine)).to.deep.equal(['stale-cache']);
  });

  it('is maintained line by line through an address', () => {
    const { machine, task, page, at } = bench(1);
    at[0]!.store8(31, 1);
    at[0]!.store8(32, 2);
    flushDcacheArea(task, at[0]!.vaddr, 32);
    expect([...machine.physical(page).subarray(31, 33)]).to.deep.equal([1, 0]);
    const low = pageAddress(task, machine.allocPage({ zone: 'lowmem' }))!;
    low.store8(0, 3);
    flushDcacheArea(task, low.vaddr, 1);
    expect(machine.physical(low.page)[0]).to.equal(3);
  });

  it('cannot be maintained through an address where nothing is mapped', () => {
    const { machine, task } = bench(1);
    expect(() => flushDcacheArea(task, machine.pkmap.address(0), 1)).to.throw(/wild-access/);
    expect(() => flushDcacheArea(task, machine.hardware.addresses.directEnd, 1)).to.throw(/wild-access/);
  });

  it('covers windows over several pages', () => {
    const { machine, task, page, at } = bench(1);
    const mapped = vmap(task, [page, machine.allocPage({ zone: 'highmem' })]);
    if (!mapped.ok) throw new Error(mapped.error.code);
    mapped.value.store32(4094, 0x04030201);
    expect([at[0]!.load16(4094), mapped.value.load32(4094)]).to.deep.equal([0x0201, 0x04030201]);
  });

  it('is what arrays of bytes are kept in step with', () => {
    const { machine, task, page, at } = bench(2);
    const { bytes } = at[0]!;
    bytes[0] = 7;
    expect([at[0]!.load8(0), at[1]!.load8(0), machine.physical(page)[0]]).to.deep.equal([7, 0, 0]);
    expect(rulesOf(machine)).to.deep.equal(['stale-cache']);
    flushDcachePage(task, page);
    expect([at[1]!.load8(0), machine.physical(page)[0]]).to.deep.equal([7, 7]);
    at[0]!.store8(1, 8);
    expect([bytes[0], bytes[1]]).to.deep.equal([7, 8]);
    expect(rulesOf(machine)).to.deep.equal(['stale-cache']);
  });
});
