import { expect } from 'chai';
import { createMachine, virtAddr } from 'scatterlist';
import type { Machine, Page, VirtAddr } from 'scatterlist';
import { flushDcacheArea, flushDcacheFolio, flushDcachePage, vmap } from 'scatterlist/machine';
import type { MachineOptions, DirectMapping } from 'scatterlist/machine';
import { PAGE, setUp, flushed } from './folio-fixture.ts';
import { violationOf } from '../violations.ts';

describe('flush_dcache_page and flush_dcache_folio', () => {
  it('flush a page, and every page of a folio in order', () => {
    const { machine, task, low, high } = setUp();
    flushDcachePage(task, low.page(2));
    flushDcacheFolio(task, high);
    expect(flushed(machine)).to.deep.equal([low.head.pfn + 2, ...[0, 1, 2, 3].map((n) => high.head.pfn + n)]);
  });

  it('cost something where the cache aliases', () => {
    for (const cacheAliasing of [false, true]) {
      const { machine, task, high } = setUp({ cacheAliasing });
      flushDcacheFolio(task, high);
      expect(machine.ledger.cacheFlushes).to.equal(cacheAliasing ? 4 : 0);
    }
  });
});

describe('flush_dcache_area', () => {
  /** Three pages of high memory, one behind the other at their addresses. */
  function area(options: MachineOptions = {}) {
    const machine = createMachine({ trace: true, pageSize: PAGE, highmemPages: 16, ...options });
    const task = machine.task();
    const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
    const mapped = vmap(task, pages);
    if (!mapped.ok) throw new Error(mapped.error.code);
    return { machine, task, pages, window: mapped.value };
  }

  function maintained(machine: Machine): readonly number[] {
    return machine.events.flatMap((event) => (event.event === 'dcache' ? [event.pfn] : []));
  }

  function pfns(pages: readonly Page[]): readonly number[] {
    return pages.map(({ pfn }) => pfn);
  }

  function at(window: DirectMapping, offset: number): VirtAddr {
    return virtAddr(window.vaddr + offset);
  }

  it('goes from page to page, and ends where the range ends', () => {
    for (const [from, length, first, end] of [
      [0, 0, 0, 0],
      [0, 1, 0, 1],
      [0, PAGE, 0, 1],
      [PAGE - 1, 1, 0, 1],
      [PAGE - 1, 2, 0, 2],
      [PAGE, PAGE, 1, 2],
      [1, PAGE, 0, 2],
      [PAGE - 6, PAGE + 12, 0, 3],
      [0, 3 * PAGE, 0, 3],
    ] as const) {
      const { machine, task, pages, window } = area();
      flushDcacheArea(task, at(window, from), length);
      expect(maintained(machine)).to.deep.equal(pfns(pages.slice(first, end)));
    }
  });

  it('writes back the lines of the range and no other', () => {
    const { machine, task, pages, window } = area({ dcacheColours: 1 });
    for (let at = 0; at < 3 * PAGE; at += 1) window.store8(at, 1);
    flushDcacheArea(task, at(window, PAGE - 32), PAGE + 64);
    const inMemory = pages.map((page) => [...machine.physical(page)].map((byte, i) => byte * i));
    const expected = [PAGE - 32, 0, 0].map((from, n) =>
      Array.from({ length: PAGE }, (_, i) => (i >= from && (n < 2 || i < 32) ? i : 0)),
    );
    expect(inMemory).to.deep.equal(expected);
  });

  it('shows the colour of each address', () => {
    const { machine, task, window } = area({ dcacheColours: 2 });
    flushDcacheArea(task, window.vaddr, 3 * PAGE);
    const colours = machine.events.flatMap((event) => (event.event === 'dcache' ? [event.colour] : []));
    const first = (window.vaddr / PAGE) % 2;
    expect(colours).to.deep.equal([first, 1 - first, first]);
  });

  it('takes permanent addresses, too, and no others', () => {
    const { machine, task } = area();
    const page = machine.allocPage({ zone: 'lowmem' });
    flushDcacheArea(task, virtAddr(machine.hardware.addresses.direct(page.pfn)), 1);
    expect(maintained(machine)).to.deep.equal([page.pfn]);
    const { addresses, memory } = machine.hardware;
    const behind = virtAddr(addresses.pageOffset + memory.directEnd * PAGE);
    const unmapped = addresses.vmalloc(8);
    for (const wild of [behind, unmapped, virtAddr(addresses.pageOffset - 1)])
      expect(violationOf(() => flushDcacheArea(task, wild, 1))).to.equal('wild-access');
    expect(maintained(machine)).to.deep.equal([page.pfn]);
  });

  it('takes whole numbers only, and runs in the context that is given', () => {
    const { machine, task, window } = area();
    for (const n of [-1, 0.5, NaN, 2 ** 53]) {
      expect(violationOf(() => flushDcacheArea(task, virtAddr(n), 1))).to.equal('bad-number');
      expect(violationOf(() => flushDcacheArea(task, window.vaddr, n))).to.equal('bad-number');
    }
    expect(violationOf(() => flushDcacheArea(task, window.vaddr, 2 ** 32))).to.equal('bad-number');
    machine.enter(machine.task('other', { cpu: 1 }));
    flushDcacheArea(task, window.vaddr, 0);
    expect(machine.executing).to.equal(task);
  });
});
