import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import {
  kmap,
  kmapFlushUnused,
  kmapLocalPage,
  kunmap,
  kunmapLocal,
  pgmapSetReadwrite,
  runAlone,
  vmap,
} from 'scatterlist/machine';
import { PkmapPool } from '../../../lib/kernel/parts/pkmap.ts';
import type { Hardware } from '../../../lib/machine/hardware.ts';
import { rulesOf, violationOf } from '../violations.ts';

describe('CheckedAccess', () => {
  it('fills the TLB of the CPU that reads, and of no other', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    const page = machine.allocPage({ zone: 'highmem' });
    const m = runAlone(a, kmap(a, page));
    const tlbs = (): unknown[] => machine.hardware.cpus.map(({ tlb }) => tlb.entries());
    m.load8(0);
    expect(tlbs()).to.deep.equal([[[m.vaddr, page.pfn]], []]);
    machine.enter(b);
    m.load8(0);
    expect(tlbs()).to.deep.equal([[[m.vaddr, page.pfn]], [[m.vaddr, page.pfn]]]);
  });

  it('looks for lines that are out of date before a load, not before a store', () => {
    const machine = createMachine({ dcacheColours: 2, onViolation: 'record' });
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const [a, b] = [kmapLocalPage(task, page), kmapLocalPage(task, page)];
    a.load8(0);
    b.store8(0, 1);
    a.store8(0, 2);
    expect(rulesOf(machine)).to.deep.equal([]);
    b.load8(0);
    expect(rulesOf(machine)).to.deep.equal(['stale-cache']);
  });

  it('shows each access in the trace, page by page: which way, where in the page, by whom', () => {
    const machine = createMachine({ trace: true });
    const task = machine.task('driver');
    const pages = machine.allocPages(2, { zone: 'highmem' });
    const mapped = vmap(task, pages);
    if (!mapped.ok) throw new Error(mapped.error.code);
    const window = mapped.value;
    window.store16(4095, 1);
    window.load32(4096);
    const [first, second] = pages.map(({ pfn }) => pfn);
    const by = { name: 'driver', cpu: 0 };
    const seen = machine.events.flatMap((event) =>
      event.event === 'load' || event.event === 'store'
        ? [[event.event, event.pfn, event.offset, event.lengthBytes, event.by]]
        : [],
    );
    expect(seen).to.deep.equal([
      ['store', first, 4095, 1, by],
      ['store', second, 0, 1, by],
      ['load', second, 0, 4, by],
    ]);
    expect(window.bytes.length).to.equal(8192);
    const handedOut = machine.events.flatMap((event) => (event.event === 'bytes' ? [event.pfn] : []));
    expect(handedOut).to.deep.equal([first, second]);
  });

  it('needs no TLB at permanent addresses', () => {
    const machine = createMachine();
    const m = kmapLocalPage(machine.task(), machine.allocPage({ zone: 'lowmem' }));
    m.store8(0, 1);
    expect(machine.hardware.cpu(0).tlb.isEmpty).to.equal(true);
  });

  it('finds a pool that recycles a slot without telling the other CPU', () => {
    const lazy = (hardware: Hardware): Hardware =>
      Object.create(hardware, {
        flushRangeGlobal: {
          value: (from: number, to: number) => {
            hardware.cpu(0).tlb.flushRange(from, to);
          },
        },
      }) as Hardware;
    const machine = createMachine(
      { pkmapSlots: 1, onViolation: 'record' },
      { pkmap: (hardware) => new PkmapPool(lazy(hardware)) },
    );
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    const [p, q] = machine.allocPages(2, { zone: 'highmem' });
    const first = runAlone(a, kmap(a, p!));
    first.store8(0, 11);
    machine.enter(b);
    first.load8(0);
    kunmap(a, first);
    const second = runAlone(a, kmap(a, q!));
    second.store8(0, 22);
    expect([second.load8(0), rulesOf(machine)]).to.deep.equal([22, []]);
    machine.enter(b);
    // What the other CPU really reads: the page that was mapped there before.
    expect([second.load8(0), rulesOf(machine)]).to.deep.equal([11, ['stale-tlb']]);
    expect(machine.violations[0]?.details.map(({ label }) => label)).to.deep.equal(['pkmap']);
    expect(machine.violations[0]?.context).to.include({ name: 'b', cpu: 1 });
  });

  it('finds nothing where the pool flushes', () => {
    const machine = createMachine({ pkmapSlots: 1 });
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    for (const page of machine.allocPages(3, { zone: 'highmem' })) {
      const m = runAlone(a, kmap(a, page));
      m.store8(0, 1);
      machine.enter(b);
      expect(m.load8(0)).to.equal(1);
      kunmap(a, m);
      kmapFlushUnused(a);
    }
  });

  it('shows what a foreign CPU leaves behind: its entry outlives kunmap_local', () => {
    const machine = createMachine({ onViolation: 'record' });
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    const [p, q] = machine.allocPages(2, { zone: 'highmem' });
    const first = kmapLocalPage(a, p!);
    first.store8(0, 11);
    machine.enter(b);
    first.load8(0);
    kunmapLocal(a, first);
    const second = kmapLocalPage(a, q!);
    second.store8(0, 22);
    machine.enter(b);
    expect(second.load8(0)).to.equal(11);
    expect(rulesOf(machine)).to.deep.equal(['wrong-cpu', 'wrong-cpu', 'stale-tlb']);
    expect(machine.violations.at(-1)?.details.map(({ label }) => label)).to.deep.equal(['slots']);
  });

  it('finds a slot that was pointed elsewhere while its window lives', () => {
    const machine = createMachine();
    const [p, q] = machine.allocPages(2, { zone: 'highmem' });
    const m = kmapLocalPage(machine.task(), p!);
    machine.hardware.pageTable.local.set(m.slot, q!.pfn);
    expect(violationOf(() => m.load8(0))).to.equal('slot-taken');
  });

  it('asks for the key of every page under the window', () => {
    const machine = createMachine({ protectedPages: 2 });
    const task = machine.task();
    const pages = machine.allocPages(2, { zone: 'protected' });
    const mapped = vmap(task, pages);
    if (!mapped.ok) return;
    expect(violationOf(() => mapped.value.load8(5000))).to.equal('protected-access');
    expect(violationOf(() => mapped.value.bytes)).to.equal('protected-access');
    pgmapSetReadwrite(task, pages[0]!);
    expect(violationOf(() => mapped.value.load8(5000))).to.equal('none');
  });

  it('takes bytes handed out as an array for written, because nobody can watch them', () => {
    const machine = createMachine({ trackUninitialised: true });
    const page = machine.allocPage({ zone: 'highmem' });
    const m = kmapLocalPage(machine.task(), page);
    expect(violationOf(() => m.load8(9))).to.equal('uninitialised-read');
    expect(violationOf(() => m.bytes)).to.equal('none');
    expect(violationOf(() => m.load8(9))).to.equal('none');
  });

  it('asks nothing of a direct machine', () => {
    const machine = createMachine({ mode: 'direct' });
    const m = kmapLocalPage(machine.task('a'), machine.allocPage({ zone: 'highmem' }));
    machine.enter(machine.task('b', { cpu: 1 }));
    expect(violationOf(() => m.load8(0))).to.equal('none');
  });
});
