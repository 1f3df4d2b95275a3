import { expect } from 'chai';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { passLocal } from '../../../lib/kernel/highmem/kmap-local.ts';
import { PAGE, piecesFixture, spanOf } from '../../scatterlist/copy/pieces-fixture.ts';
import type { Piece } from '../../scatterlist/copy/pieces-fixture.ts';

describe('passLocal', () => {
  it('counts each map and leaves the slots as they were', () => {
    const { machine, task, span } = piecesFixture('highmem');
    expect(passLocal(task, span())).to.equal(4);
    const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
    expect([maps, unmaps, pteWrites, flushesLocal]).to.deep.equal([4, 4, 8, 4]);
    expect([task.localMaps.idx, task.migrateDisabled, task.preemptCount]).to.deep.equal([0, 0, 0]);
    expect(machine.hardware.pageTable.local.get(0)).to.equal(-1);
    expect(passLocal(task, span({ first: 1, end: 3 }))).to.equal(2);
    expect(machine.ledger.maps).to.equal(6);
  });

  it('counts two maps for each pair', () => {
    const { machine, task, span } = piecesFixture('highmem');
    expect(passLocal(task, span({ end: 2 }), span({ first: 2 }))).to.equal(2);
    const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
    expect([maps, unmaps, pteWrites, flushesLocal]).to.deep.equal([4, 4, 8, 4]);
    const low = piecesFixture('lowmem');
    const both = spanOf([
      [low.pages[0], 0, 8],
      [low.machine.allocPage({ zone: 'highmem' }), 0, 8],
    ]);
    expect(passLocal(low.task, low.span({ end: 2 }), both)).to.equal(2);
    expect([low.machine.ledger.maps, low.machine.ledger.pteWrites]).to.deep.equal([4, 2]);
  });

  it('needs no slot for lowmem, unless maps are forced', () => {
    for (const forceMap of [false, true]) {
      const { machine, task, span } = piecesFixture('lowmem', { forceMap });
      expect(passLocal(task, span())).to.equal(4);
      expect([machine.ledger.maps, machine.ledger.pteWrites]).to.deep.equal([4, forceMap ? 8 : 0]);
    }
  });

  it('stops at the first piece that is not system RAM, on either side', () => {
    const { machine, task, pages } = piecesFixture('highmem');
    const [first, second] = pages;
    const over = (...pieces: Piece[]): number => passLocal(task, spanOf(pieces));
    expect(over([first, 0, PAGE], [undefined, 0, PAGE], [second, 0, PAGE])).to.equal(1);
    const io: Piece[] = [
      [first, 0, PAGE],
      [second, 8, 8],
      [machine.ioRegion(1)[0], 0, PAGE],
    ];
    expect(over(...io)).to.equal(2);
    expect(over([undefined, 0, 8], [first, 0, PAGE])).to.equal(0);
    expect([machine.ledger.maps, machine.ledger.unmaps]).to.deep.equal([3, 3]);
    const ram = spanOf([first, second, first].map((page) => [page, 0, 8]));
    expect([passLocal(task, ram, spanOf(io)), passLocal(task, spanOf(io), ram)]).to.deep.equal([2, 2]);
    expect(machine.ledger.maps).to.equal(11);
    const guarded = piecesFixture('protected', { protectedPages: 8 });
    expect(passLocal(guarded.task, guarded.span())).to.equal(0);
  });

  it('passes nothing that a map would report, or make elsewhere', () => {
    const full = piecesFixture('highmem', { kmMaxIdx: 3 });
    expect(passLocal(full.task, full.span(), full.span())).to.equal(4);
    const held = kmapLocalPage(full.task, full.pages[0]!);
    expect(passLocal(full.task, full.span(), full.span())).to.equal(0);
    expect(passLocal(full.task, full.span())).to.equal(4);
    kmapLocalPage(full.task, full.pages[0]!);
    expect(passLocal(full.task, full.span())).to.equal(0);
    expect([held.load8(0), full.task.localMaps.idx]).to.deep.equal([1, 2]);
    const pinned = piecesFixture('highmem', { kmapHighGet: true });
    expect(passLocal(pinned.task, pinned.span())).to.equal(0);
    const irqs = piecesFixture('highmem');
    irqs.machine.interrupt('hardirq', (irq) => {
      irq.cpu.irqsDisabled = false;
      expect(passLocal(irq, irqs.span())).to.equal(0);
      irq.cpu.irqsDisabled = true;
      expect(passLocal(irq, irqs.span())).to.equal(4);
    });
  });

  for (const mode of ['direct', 'checked'] as const) {
    it(`asks for slots that are empty in the page table, ${mode} machine`, () => {
      const { machine, task, pages, span } = piecesFixture('highmem', { mode });
      const { local } = machine.hardware.pageTable;
      local.set(0, pages[0]!.pfn);
      expect([passLocal(task, span()), machine.ledger.maps]).to.deep.equal([0, 0]);
      local.clear(0);
      local.set(1, pages[0]!.pfn);
      expect([passLocal(task, span()), passLocal(task, span(), span())]).to.deep.equal([4, 0]);
      expect([machine.ledger.maps, local.get(1)]).to.deep.equal([4, pages[0]!.pfn]);
    });
  }

  it('asks for slots that are not in the TLB', () => {
    const { machine, task, pages, span } = piecesFixture('highmem', { mode: 'checked' });
    const { addresses } = machine.hardware;
    task.cpu.tlb.fill(addresses.local(0), pages[0]!.pfn);
    expect(passLocal(task, span())).to.equal(0);
    task.cpu.tlb.flushPage(addresses.local(0));
    task.cpu.tlb.fill(addresses.local(1), pages[0]!.pfn);
    expect([passLocal(task, span()), passLocal(task, span(), span())]).to.deep.equal([4, 0]);
  });

  it('takes the slots of the CPU that the task is on, and runs there', () => {
    const { machine, task, pages, span } = piecesFixture('highmem', { cpus: 2 });
    const { local } = machine.hardware.pageTable;
    machine.migrate(task, 1);
    local.set(machine.config.kmMaxIdx, pages[0]!.pfn);
    expect(passLocal(task, span())).to.equal(0);
    local.clear(machine.config.kmMaxIdx);
    local.set(0, pages[0]!.pfn);
    expect(passLocal(task, span())).to.equal(4);
    expect(machine.executing).to.equal(task);
    kunmapLocal(task, kmapLocalPage(task, pages[0]!));
  });
});
