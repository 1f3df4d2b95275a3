import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import { flushDcacheArea, flushDcachePage, kmapLocalPage, pageAddress, vmap } from 'scatterlist/machine';
import type { DataCache, DirectMapping } from 'scatterlist/machine';
import { rulesOf } from '../kernel/violations.ts';

interface Fixture {
  readonly machine: Machine;
  readonly task: Task;
  readonly cache: DataCache;
  readonly page: Page;
  /** The page at an address of each colour. */
  readonly at: readonly DirectMapping[];
}

function setUp(dcacheColours: number): Fixture {
  const machine = createMachine({ dcacheColours, onViolation: 'record' });
  const task = machine.task();
  const page = machine.allocPage({ zone: 'highmem' });
  const at = Array.from({ length: 2 }, () => kmapLocalPage(task, page));
  return { machine, task, cache: machine.hardware.dataCache!, page, at };
}

describe('DataCache', () => {
  it('is passed by, until the page changes hands, for a page that is said to', () => {
    for (const colours of [1, 2]) {
      const { machine, cache, page, at } = setUp(colours);
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
    const { machine, task, cache, page, at } = setUp(1);
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
      const { machine, at } = setUp(colours);
      at[0]!.store8(0, 7);
      expect(at[1]!.load8(0)).to.equal(seen);
      expect(at[1]!.load8(32)).to.equal(0);
      expect(rulesOf(machine)).to.deep.equal(rules);
    }
  });

  it('does not see what a device writes behind a line that it holds', () => {
    const { machine, task, cache, page, at } = setUp(1);
    at[0]!.load8(0);
    machine.physical(page).fill(9);
    expect([at[0]!.load8(1), at[0]!.load8(32)]).to.deep.equal([0, 9]);
    expect(rulesOf(machine)).to.deep.equal(['stale-cache']);
    cache.invalidate(page, 0, 0, 32);
    expect(at[0]!.load8(1)).to.equal(9);
    expect(task.machine.violations).to.have.length(1);
  });

  it('tells bytes that a line still holds from bytes that are lost', () => {
    const { cache, page, at } = setUp(2);
    at[0]!.store8(5, 7);
    expect(cache.isLost(page, 0, 32)).to.equal(false);
    cache.invalidate(page, cache.colourOf(at[0]!.vaddr), 0, 32);
    expect([cache.isLost(page, 0, 32), cache.isLost(page, 6, 32)]).to.deep.equal([true, false]);
    at[1]!.store8(5, 7);
    expect(cache.isLost(page, 0, 32)).to.equal(false);
  });

  it('loses what is dropped before it was written back', () => {
    const { machine, cache, page, at } = setUp(1);
    at[0]!.store8(0, 7);
    cache.invalidate(page, 0, 0, 1);
    expect(at[0]!.load8(0)).to.equal(0);
    expect(rulesOf(machine)).to.deep.equal(['discarded-line']);
  });

  it('is maintained line by line through an address', () => {
    const { machine, task, page, at } = setUp(1);
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
    const { machine, task } = setUp(1);
    expect(() => flushDcacheArea(task, machine.pkmap.address(0), 1)).to.throw(/wild-access/);
    expect(() => flushDcacheArea(task, machine.hardware.addresses.directEnd, 1)).to.throw(/wild-access/);
  });

  it('covers windows over several pages', () => {
    const { machine, task, page, at } = setUp(1);
    const mapped = vmap(task, [page, machine.allocPage({ zone: 'highmem' })]);
    if (!mapped.ok) throw new Error(mapped.error.code);
    mapped.value.store32(4094, 0x04030201);
    expect([at[0]!.load16(4094), mapped.value.load32(4094)]).to.deep.equal([0x0201, 0x04030201]);
  });

  it('is what arrays of bytes are kept in step with', () => {
    const { machine, task, page, at } = setUp(2);
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

describe('DataCache, line by line', () => {
  /** A cache of two colours, a page of 1, 2, 3, … as memory holds it, and which lines are held and dirty. */
  function lineBench() {
    const machine = createMachine({ dcacheColours: 2, trace: true });
    const cache = machine.hardware.dataCache!;
    const [page, other] = machine.allocPages(2, { zone: 'lowmem' });
    const chips = machine.hardware.memory.bytesOf(page!);
    chips.set(Uint8Array.from({ length: 256 }, (_, i) => i));
    cache.forget(page!);
    const marked = (marks: Uint8Array): number[] => [...marks.keys()].filter((line) => marks[line] === 1);
    const state = (): unknown =>
      cache.pages.map((cached) => [
        cached.page.pfn,
        cached.colour,
        marked(cached.held),
        marked(cached.dirty),
      ]);
    const store = (colour: number, offset: number, length: number): void => {
      cache.view(page!, colour, offset, length).fill(0xee);
      cache.stored(page!, colour, offset, length);
    };
    return { machine, cache, page: page!, other: other!, chips, state, store };
  }

  it('fetches the lines that a range touches, and no others', () => {
    const { cache, page, other, state } = lineBench();
    expect([...cache.view(page, 1, 31, 2)]).to.deep.equal([31, 32]);
    expect([...cache.view(page, 0, 64, 32)]).to.deep.equal(Array.from({ length: 32 }, (_, i) => 64 + i));
    expect(cache.view(page, 0, 200, 0).length).to.equal(0);
    cache.view(other, 0, 0, 1);
    expect(state()).to.deep.equal([
      [page.pfn, 0, [2], []],
      [page.pfn, 1, [0, 1], []],
      [other.pfn, 0, [0], []],
    ]);
    expect(cache.lineBytes).to.equal(32);
    expect([0, 4095, 4096, 8191, 8192].map((vaddr) => cache.colourOf(vaddr))).to.deep.equal([0, 0, 1, 1, 0]);
  });

  it('writes back the dirty lines of a range, and drops those of another', () => {
    const { machine, cache, page, chips, state, store } = lineBench();
    store(0, 30, 40);
    expect(state()).to.deep.equal([[page.pfn, 0, [0, 1, 2], [0, 1, 2]]]);
    expect([cache.memoryIsStale(page, 0, 30), cache.memoryIsStale(page, 29, 2)]).to.deep.equal([false, true]);
    expect([cache.memoryIsStale(page, 69, 1), cache.memoryIsStale(page, 70, 9)]).to.deep.equal([true, false]);
    cache.writeBack(page, 0, 32, 32);
    expect([...chips.subarray(31, 65)]).to.deep.equal([31, ...new Array<number>(32).fill(0xee), 64]);
    expect(state()).to.deep.equal([[page.pfn, 0, [0, 1, 2], [0, 2]]]);
    cache.invalidate(page, 0, 0, 32);
    expect(state()).to.deep.equal([[page.pfn, 0, [1, 2], [2]]]);
    cache.writeBack(page, 1, 0, 32);
    cache.invalidate(page, 1, 0, 32);
    const events = machine.hardware.trace?.events.filter(({ event }) => event === 'dcache');
    expect(events).to.deep.equal([
      { event: 'dcache', pfn: page.pfn, colour: 0 },
      { event: 'dcache', pfn: page.pfn, colour: 0 },
    ]);
  });

  it('keeps the neighbours of a range that it drops for the CPU, over what the device wrote there', () => {
    for (const [offset, length, kept] of [
      [40, 16, [1]],
      [32, 20, [1]],
      [40, 24, [1]],
      [40, 40, [1, 2]],
      [32, 32, []],
    ] as const) {
      const { cache, page, chips, state, store } = lineBench();
      for (const colour of [0, 1]) store(colour, 32, 64);
      chips.fill(0x11, 32, 96);
      cache.dropForCpu(page, offset, length);
      const written = [1, 2].filter((line) => chips[line * 32] === 0xee);
      expect(written, `${String(offset)} ${String(length)}`).to.deep.equal(kept);
      const left = offset + length > 64 ? [] : [2];
      expect(state()).to.deep.equal([
        [page.pfn, 0, left, left],
        [page.pfn, 1, left, left],
      ]);
    }
  });

  it('flushes every colour for a device, and of a page all lines', () => {
    const { cache, page, chips, state, store } = lineBench();
    for (const colour of [0, 1]) {
      store(colour, 64 * colour, 1);
      store(colour, 4095, 1);
    }
    cache.flushForDevice(page, 0, 128);
    expect([0, 64, 4095].map((at) => chips[at])).to.deep.equal([0xee, 0xee, 0]);
    expect(state()).to.deep.equal([
      [page.pfn, 0, [127], [127]],
      [page.pfn, 1, [127], [127]],
    ]);
    cache.flushPage(page);
    expect(chips[4095]).to.equal(0xee);
    expect(state()).to.deep.equal([
      [page.pfn, 0, [], []],
      [page.pfn, 1, [], []],
    ]);
  });

  it('knows what each page should hold, by frame, until it is forgotten', () => {
    const { cache, page, other, chips, store } = lineBench();
    cache.view(other, 1, 0, 1);
    store(1, 5, 1);
    expect([cache.isStale(page, 0, 0, 5), cache.isStale(page, 0, 5, 1)]).to.deep.equal([false, true]);
    expect(cache.isStale(page, 1, 0, 32)).to.equal(false);
    chips[6] = 0x77;
    expect(cache.isStale(page, 1, 6, 1)).to.equal(true);
    expect(cache.expected.map(([pfn, bytes]) => [pfn, ...bytes.subarray(4, 8)])).to.deep.equal([
      [page.pfn, 4, 0xee, 0x77, 7],
      [other.pfn, 0, 0, 0, 0],
    ]);
    cache.forget(page);
    expect(cache.pages.map(({ page: { pfn } }) => pfn)).to.deep.equal([other.pfn]);
    expect(cache.expected.map(([pfn]) => pfn)).to.deep.equal([other.pfn]);
    expect(cache.memoryIsStale(page, 0, 4096)).to.equal(false);
  });
});

describe('the functions of the data cache that reach all lines or none', () => {
  it('write back and drop every line of every page and colour', () => {
    const { machine, cache, page, at } = setUp(2);
    const other = machine.allocPage({ zone: 'lowmem' });
    at[0]!.store8(0, 7);
    at[1]!.store8(64, 8);
    const direct = pageAddress(machine.task(), other)!;
    direct.store8(5, 9);
    cache.flushAll();
    expect([machine.physical(page)[0], machine.physical(page)[64]]).to.deep.equal([7, 8]);
    expect(machine.physical(other)[5]).to.equal(9);
    expect(cache.pages.every(({ held, dirty }) => [...held, ...dirty].every((line) => line === 0))).to.equal(
      true,
    );
  });

  it('show what a load would return, and fetch no line for it', () => {
    const { machine, cache, page, at } = setUp(2);
    machine.physical(page)[40] = 3;
    at[0]!.store8(0, 7);
    const { colour } = cache.pages[0]!;
    expect([...cache.peek(page, colour, 0, 41)].filter((byte) => byte > 0)).to.deep.equal([7, 3]);
    expect([...cache.peek(page, 1 - colour, 0, 41)].filter((byte) => byte > 0)).to.deep.equal([3]);
    expect(cache.pages.map(({ held }) => held.reduce((sum, line) => sum + line, 0))).to.deep.equal([1]);
  });
});
