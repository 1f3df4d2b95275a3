import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmap, kmapLocalPage, pageAddress, runAlone } from 'scatterlist/machine';
import { closeDirect, openDirect } from '../../../lib/kernel/highmem/page-address.ts';
import { violationOf } from '../violations.ts';

describe('pageAddress', () => {
  it('is the page’s place in the direct map', () => {
    const machine = createMachine();
    const task = machine.task();
    for (const page of machine.allocPages(3, { zone: 'lowmem', layout: 'scattered' }))
      expect(pageAddress(task, page)?.vaddr).to.equal(0xc000_0000 + page.pfn * 4096);
  });

  it('does not exist for highmem, mapped or not, but does where there is no highmem', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    runAlone(task, kmap(task, page));
    expect(pageAddress(task, page)).to.equal(undefined);
    const flat = createMachine({ highmem: false });
    const high = flat.allocPage({ zone: 'highmem' });
    expect(pageAddress(flat.task(), high)?.vaddr).to.equal(0xc000_0000 + high.pfn * 4096);
  });

  it('exists for protected pages, whose key is another matter', () => {
    const machine = createMachine({ protectedPages: 1 });
    const m = pageAddress(machine.task(), machine.allocPage({ zone: 'protected' }));
    expect(violationOf(() => m?.load8(0))).to.equal('protected-access');
  });

  it('costs no page-table entry and no flush, and outlives a switch', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b')];
    const m = pageAddress(a, machine.allocPage({ zone: 'lowmem' }));
    machine.enter(b);
    m?.store8(0, 1);
    if (m) closeDirect(b, m);
    expect(machine.ledger).to.include({ pteWrites: 0, flushesLocal: 0, maps: 1, unmaps: 1 });
  });
});

describe('openDirect', () => {
  for (const mode of ['checked', 'direct'] as const) {
    it(`runs over pages that lie in a row, backed early or late, ${mode}`, () => {
      const machine = createMachine({ mode });
      const pages = machine.allocPages(3, { zone: 'lowmem' });
      machine.physical(pages[1]!);
      const m = openDirect(machine.task(), pages[0]!, 4000, 4200);
      m?.bytes.fill(7);
      if (m) closeDirect(machine.tasks[0]!, m);
      const sums = pages.map((page) => machine.physical(page).reduce((sum, byte) => sum + byte / 7, 0));
      expect(sums).to.deep.equal([96, 4096, 8]);
    });
  }

  it('ends with lowmem', () => {
    const machine = createMachine({ lowmemPages: 4 });
    const last = machine.hardware.memory.page(3);
    const task = machine.task();
    expect(openDirect(task, last, 0, 4096)?.length).to.equal(4096);
    expect(openDirect(task, last, 1, 4096)).to.equal(undefined);
  });

  it('is closed by its own release only', () => {
    const machine = createMachine();
    const task = machine.task();
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
    expect(violationOf(() => closeDirect(task, m))).to.equal('unmap-mismatch');
  });
});
