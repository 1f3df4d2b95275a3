import { expect } from 'chai';
import { ConfigError, createMachine, describeError } from 'scatterlist';
import { preemptDisable, vmap, vunmap } from 'scatterlist/machine';
import { mapContiguous } from '../../../lib/kernel/highmem/vmap.ts';
import { inMemory, storeDirty } from '../dirty-line.ts';
import { violationOf } from '../violations.ts';

describe('vmap', () => {
  for (const mode of ['checked', 'direct'] as const) {
    it(`puts pages one behind the other, whatever their order, ${mode}`, () => {
      const machine = createMachine({ mode, pageSize: 256 });
      const task = machine.task();
      const pages = machine.allocPages(5, { zone: 'highmem', layout: 'scattered' });
      const mapped = vmap(task, pages);
      if (!mapped.ok) throw new Error('no map');
      const m = mapped.value;
      m.bytes.set(Uint8Array.from({ length: 1280 }, (_, i) => i % 253));
      vunmap(task, m);
      for (const [i, page] of pages.entries())
        expect(machine.physical(page)[3]).to.equal((i * 256 + 3) % 253);
      machine.checkLeaks();
    });
  }

  it('writes an entry a page, takes a lock each way, and flushes the range everywhere', () => {
    const machine = createMachine({ cpus: 4 });
    const task = machine.task();
    const mapped = vmap(task, machine.allocPages(3, { zone: 'lowmem' }));
    expect(machine.ledger).to.include({ pteWrites: 3, lockAcquisitions: 1, flushesGlobal: 0, maps: 1 });
    if (mapped.ok) vunmap(task, mapped.value);
    expect(machine.ledger).to.include({
      pteWrites: 6,
      lockAcquisitions: 2,
      flushesGlobal: 1,
      ipis: 3,
      unmaps: 1,
    });
    expect(machine.vmalloc.freePages).to.equal(machine.vmalloc.pages);
  });

  it('has one entry for each page while it is mapped, and none before and after', () => {
    for (const mode of ['checked', 'direct'] as const) {
      const machine = createMachine({ mode });
      const task = machine.task();
      const { vmalloc } = machine.hardware.pageTable;
      const entries = (): readonly number[] => Array.from({ length: 7 }, (_, i) => vmalloc.get(i));
      const [first, second, third] = [1, 3, 2].map((count) => machine.allocPages(count, { zone: 'highmem' }));
      const a = vmap(task, first!);
      const b = vmap(task, second!);
      const c = vmap(task, third!);
      if (!a.ok || !b.ok || !c.ok) throw new Error('no map');
      const before = entries();
      const pfns = (window: { readonly slot: number }, count: number): readonly number[] =>
        Array.from({ length: count }, (_, i) => vmalloc.get(window.slot + i));
      expect([pfns(a.value, 1), pfns(b.value, 3), pfns(c.value, 2)]).to.deep.equal(
        [first, second, third].map((pages) => pages?.map(({ pfn }) => pfn)),
      );
      const { slot } = b.value;
      vunmap(task, b.value);
      expect(entries()).to.deep.equal(before.map((pfn, i) => (i >= slot && i < slot + 3 ? -1 : pfn)));
      vunmap(task, a.value);
      vunmap(task, c.value);
      expect(entries()).to.deep.equal(before.map(() => -1));
    }
  });

  it('refuses a page of another machine wherever it is, and takes nothing', () => {
    const [machine, other] = [createMachine(), createMachine()];
    const own = machine.allocPages(2, { zone: 'highmem' });
    const foreign = other.allocPage({ zone: 'highmem' });
    for (const at of [0, 1, 2])
      expect(() => vmap(machine.task(), own.toSpliced(at, 0, foreign))).to.throw(
        ConfigError,
        'another machine',
      );
    expect(machine.ledger).to.include({ maps: 0, pteWrites: 0 });
    expect(machine.vmalloc.freePages).to.equal(machine.vmalloc.pages);
  });

  it('fails where the area has no run, and takes nothing', () => {
    const machine = createMachine({ vmallocPages: 4 });
    const task = machine.task();
    const pages = machine.allocPages(4, { zone: 'highmem' });
    expect(vmap(task, pages)).to.deep.equal({
      ok: false,
      error: { code: 'NoVirtualSpace', needPages: 4, freePages: 4, largestRunPages: 3 },
    });
    expect(vmap(task, []).ok).to.equal(false);
    expect(machine.ledger).to.include({ maps: 0, pteWrites: 0 });
    expect(vmap(task, pages.slice(1)).ok).to.equal(true);
  });

  it('says how long the longest free run is where the free pages lie apart', () => {
    const machine = createMachine({ vmallocPages: 12 });
    const task = machine.task();
    const pages = machine.allocPages(8, { zone: 'lowmem' });
    const made = [2, 2, 2].map((count) => vmap(task, pages.slice(0, count)));
    const [first, , last] = made;
    if (first?.ok !== true || last?.ok !== true) throw new Error('no map');
    vunmap(task, first.value);
    vunmap(task, last.value);
    const failed = vmap(task, pages);
    expect(failed).to.have.deep.property('error', {
      code: 'NoVirtualSpace',
      needPages: 8,
      freePages: 9,
      largestRunPages: 5,
    });
    expect(failed.ok ? '' : describeError(failed.error)).to.equal(
      'NoVirtualSpace (needPages 8, freePages 9, largestRunPages 5)',
    );
    expect(vmap(task, pages.slice(0, 6)).ok).to.equal(false);
    expect(vmap(task, pages.slice(0, 5)).ok).to.equal(true);
  });

  it('reaches every page, whether they lie side by side in memory or not', () => {
    for (const mode of ['checked', 'direct'] as const) {
      for (const layout of ['contiguous', 'scattered'] as const) {
        const machine = createMachine({ mode });
        const pages = machine.allocPages(70, { zone: 'highmem', layout });
        pages.forEach((page, i) => machine.physical(page).fill(i));
        const mapped = vmap(machine.task(), pages);
        if (!mapped.ok) throw new Error(mapped.error.code);
        expect(pages.map((_, i) => mapped.value.load8(4096 * i + 5))).to.deep.equal(pages.map((_, i) => i));
        mapped.value.store8(4096 * 69, 0xee);
        expect(machine.physical(pages[69]!)[0]).to.equal(0xee);
      }
    }
  });

  it('names the pages behind its bytes, from its first to its last', () => {
    const machine = createMachine();
    const pages = machine.allocPages(4, { zone: 'highmem', layout: 'scattered' });
    const behind = (offset: number, length: number): readonly number[] => {
      const mapped = mapContiguous(machine.task(), pages, offset, length);
      if (!mapped.ok) throw new Error(mapped.error.code);
      return mapped.value.frames().map((page) => pages.findIndex((each) => each === page));
    };
    expect(behind(0, 4 * 4096)).to.deep.equal([0, 1, 2, 3]);
    expect(behind(0, 1)).to.deep.equal([0]);
    expect(behind(100, 4096)).to.deep.equal([0, 1]);
    expect(behind(4095, 4096 + 2)).to.deep.equal([0, 1, 2]);
    expect(behind(100, 4 * 4096 - 100)).to.deep.equal([0, 1, 2, 3]);
  });

  it('opens a part of the run, and an address that any task may use', () => {
    const machine = createMachine();
    const pages = machine.allocPages(3, { zone: 'highmem' });
    const part = mapContiguous(machine.task('a'), pages, 100, 5000);
    if (!part.ok) return;
    expect([part.value.vaddr - machine.hardware.addresses.vmallocStart, part.value.length]).to.deep.equal([
      100, 5000,
    ]);
    part.value.store8(4999, 3);
    machine.enter(machine.task('b', { cpu: 1 }));
    expect(part.value.load8(4999)).to.equal(3);
    expect(machine.physical(pages[1]!)[1003]).to.equal(3);
  });

  it('belongs to preemptible tasks, both ways', () => {
    const machine = createMachine();
    const task = machine.task();
    const mapped = vmap(task, machine.allocPages(1, { zone: 'highmem' }));
    preemptDisable(task);
    expect(violationOf(() => vmap(task, []))).to.equal('sleep-in-atomic');
    expect(violationOf(() => mapped.ok && vunmap(task, mapped.value))).to.equal('sleep-in-atomic');
    expect(machine.liveMappings).to.equal(1);
  });
});

describe('vmap on a machine with a data cache', () => {
  it('writes everything back before the pages are mapped, and before they are unmapped, if there are aliases', () => {
    for (const [dcacheColours, before, after] of [
      [1, 0, 0],
      [2, 5, 7],
    ] as const) {
      const machine = createMachine({ dcacheColours });
      const task = machine.task();
      const pages = machine.allocPages(2, { zone: 'highmem' });
      const other = machine.allocPage({ zone: 'lowmem' });
      storeDirty(machine, other, 0, 5);
      const mapped = vmap(task, pages);
      if (!mapped.ok) throw new Error('no map');
      expect(inMemory(machine, other)).to.equal(before);
      storeDirty(machine, other, 0, 7);
      vunmap(task, mapped.value);
      expect(inMemory(machine, other)).to.equal(after);
    }
  });
});
