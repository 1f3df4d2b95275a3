import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { kmapLocalPage } from 'scatterlist/machine';
import { openDirect } from '../../../lib/kernel/highmem/page-address.ts';
import { rulesOf, violationOf } from '../violations.ts';

describe('PageAllocator', () => {
  it('are refused with the option that would have given more', () => {
    const machine = createMachine({ highmemPages: 4 });
    expect(() => machine.allocPages(5, { zone: 'highmem' })).to.throw(
      ConfigError,
      '5 contiguous highmem pages asked for, 4 free: give createMachine more highmemPages',
    );
    const pages = machine.allocPages(4, { zone: 'highmem' });
    for (const page of pages.filter((_, n) => n !== 1)) machine.freePage(page);
    expect(() => machine.allocPages(3, { zone: 'highmem' })).to.throw(
      ConfigError,
      '3 contiguous highmem pages asked for, 3 free, at most 2 in a row: give createMachine more highmemPages',
    );
  });

  it('run out as an expected failure for drivers', () => {
    const machine = createMachine({ highmemPages: 1, trace: true });
    const first = machine.tryAllocPage('highmem');
    expect(machine.tryAllocPage('highmem')).to.deep.equal({
      ok: false,
      error: { code: 'NoMemory', wanted: 1, available: 0 },
    });
    if (first.ok) machine.freePage(first.value);
    expect(machine.tryAllocPage('highmem').ok).to.equal(true);
    expect(machine.events.map(({ event }) => event)).to.deep.equal(['alloc', 'refused', 'free', 'alloc']);
  });

  it('know the line that allocated them and the line that freed them, unless lines are not kept', () => {
    for (const callSites of [true, false]) {
      const machine = createMachine({ callSites });
      const page = machine.allocPage({ zone: 'highmem' });
      const allocated = page.owner?.allocated;
      expect([allocated?.by, page.owner?.isFree, page.owner?.freed]).to.deep.equal([
        'task "swapper/0" on cpu0',
        false,
        undefined,
      ]);
      machine.freePage(page);
      const { freed, isFree } = page.owner ?? {};
      expect([isFree, page.isAllocated, machine.hardware.memory.isFree(page)]).to.deep.equal([
        true,
        false,
        true,
      ]);
      const lines = [allocated, page.owner?.allocated, freed].map((act) => act?.at?.line);
      const [line] = lines;
      if (callSites) expect(lines).to.deep.equal([line, line, Number(line) + 7]);
      else expect(lines).to.deep.equal([undefined, undefined, undefined]);
      expect(allocated?.at?.file.endsWith('page-allocator.spec.ts')).to.equal(callSites || undefined);
    }
  });

  it('that a helper allocates carry the line of the helper’s caller', () => {
    const machine = createMachine();
    const here = (): number => Number(/:(\d+):\d+\)?$/m.exec(new Error().stack?.split('\n')[2] ?? '')?.[1]);
    const line = here();
    const page = machine.helper(() => {
      const pages = machine.allocPages(1, { zone: 'lowmem' });
      return pages[0]!;
    });
    expect(page.owner?.allocated?.at?.line).to.equal(line + 1);
    const later = machine.allocPage({ zone: 'lowmem' });
    expect(later.owner?.allocated?.at?.line).to.equal(line + 6);
  });

  it('are tracked byte by byte only until they are given back', () => {
    const machine = createMachine({ trackUninitialised: true, onViolation: 'record' });
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const m = kmapLocalPage(task, page);
    m.load8(0);
    machine.freePage(page);
    m.load8(1);
    expect(rulesOf(machine)).to.deep.equal(['uninitialised-read', 'freed-while-mapped', 'use-after-free']);
    expect(machine.uninitialised.pages.size).to.equal(0);
  });

  it('under a window of several pages are not free to go', () => {
    const machine = createMachine();
    const pages = machine.allocPages(3, { zone: 'lowmem' });
    openDirect(machine.task(), pages[0]!, 4000, 200);
    expect(violationOf(() => machine.freePage(pages[1]!))).to.equal('freed-while-mapped');
    expect(violationOf(() => machine.freePage(pages[2]!))).to.equal('none');
  });

  it('refuses a zone and a layout that do not exist, and a count that is none', () => {
    const machine = createMachine();
    const zone = 'highmem';
    expect(() => machine.allocPages(1, { zone: 'iomem' })).to.throw(ConfigError, 'zone');
    expect(() => machine.tryAllocPage('iomem')).to.throw(ConfigError, 'zone');
    expect(() => machine.allocPages(1, { zone, layout: 'heap' as never })).to.throw(ConfigError, 'layout');
    for (const count of [-1, 0.5, NaN]) {
      expect(() => machine.allocPages(count, { zone })).to.throw(ConfigError, 'count of allocPages');
      expect(() => machine.takePages(zone, count)).to.throw(ConfigError, 'count of takePages');
    }
    expect(machine.takePages(zone, 0)).to.deep.equal([]);
  });

  it('names the context that executes as who took a page, and who gave it back', () => {
    const machine = createMachine();
    const [taker, giver] = [machine.task('taker'), machine.task('giver', { cpu: 1 })];
    machine.enter(taker);
    const page = machine.allocPage({ zone: 'lowmem' });
    expect(page.owner?.allocated?.by).to.equal('task "taker" on cpu0');
    machine.enter(giver);
    machine.freePage(page);
    expect(page.owner).to.include({ isFree: true, isPoisoned: true });
    expect(page.owner?.isFree === true && page.owner.freed?.by).to.equal('task "giver" on cpu1');
  });

  it('refuses a page of another machine', () => {
    const page = createMachine().allocPage({ zone: 'lowmem' });
    expect(() => createMachine().freePage(page)).to.throw(ConfigError, 'another machine');
  });
});
