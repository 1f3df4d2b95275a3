import { expect } from 'chai';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { transferLocal } from '../../lib/kernel/local-transfer.ts';
import { PAGE, segmentsOf, transferFixture } from './transfer-fixture.ts';
import type { Piece } from './transfer-fixture.ts';

/** The part of a job that names all of some pieces. */
function allOf(pieces: readonly Piece[]) {
  return { segments: segmentsOf(pieces), end: pieces.length };
}

describe('transferLocal', () => {
  it('moves every piece, counts each map and leaves the slots as they were', () => {
    const { machine, task, buffer, job } = transferFixture('highmem');
    expect(transferLocal(task, job())).to.equal(4);
    expect([buffer[0], buffer[PAGE], buffer[3 * PAGE]]).to.deep.equal([1, 2, 4]);
    const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
    expect({ maps, unmaps, pteWrites, flushesLocal }).to.deep.equal({
      maps: 4,
      unmaps: 4,
      pteWrites: 8,
      flushesLocal: 4,
    });
    expect([task.localMaps.idx, task.migrateDisabled, task.preemptCount]).to.deep.equal([0, 0, 0]);
    expect(machine.hardware.pageTable.local.get(0)).to.equal(-1);
  });

  it('needs no slot for lowmem, unless maps are forced', () => {
    const low = transferFixture('lowmem');
    transferLocal(low.task, low.job());
    expect([low.machine.ledger.maps, low.machine.ledger.pteWrites]).to.deep.equal([4, 0]);
    const forced = transferFixture('lowmem', { forceMap: true });
    transferLocal(forced.task, forced.job());
    expect([forced.machine.ledger.maps, forced.machine.ledger.pteWrites]).to.deep.equal([4, 8]);
  });

  it('takes the slot above the maps that are held', () => {
    const { task, job, pages, machine } = transferFixture('highmem');
    const held = kmapLocalPage(task, pages[0]!);
    expect(transferLocal(task, job())).to.equal(4);
    expect(machine.hardware.pageTable.local.get(0)).to.equal(pages[0]!.pfn);
    expect(held.load8(0)).to.equal(1);
    kunmapLocal(task, held);
  });

  it('stops at the first piece that is not system RAM', () => {
    const { machine, task, pages, buffer, job } = transferFixture('highmem');
    const [first, second] = pages;
    const over = (...pieces: Piece[]): number => transferLocal(task, job({ ...allOf(pieces), buffer }));
    expect(over([first, 0, PAGE], [undefined, 0, PAGE], [second, 0, PAGE])).to.equal(1);
    expect(over([first, 0, PAGE], [second, 8, 8], [machine.ioRegion(1)[0], 0, PAGE])).to.equal(2);
    expect(over([undefined, 0, 8], [first, 0, PAGE])).to.equal(0);
    const { maps, unmaps, pteWrites } = machine.ledger;
    expect([maps, unmaps, pteWrites, task.localMaps.idx]).to.deep.equal([3, 3, 6, 0]);
    const guarded = transferFixture('protected', { protectedPages: 8 });
    expect(guarded.machine.isUnwatched).to.equal(true);
    expect(transferLocal(guarded.task, guarded.job())).to.equal(0);
  });

  it('counts a slot for the highmem pieces alone', () => {
    const { machine, task, pages, buffer, job } = transferFixture('highmem');
    const low = machine.allocPage({ zone: 'lowmem' });
    machine.physical(low).fill(9);
    const mixed = allOf([
      [pages[0], 0, 100],
      [low, 0, 100],
      [pages[1], 0, 100],
    ]);
    expect(transferLocal(task, job({ ...mixed, skipBytes: 10, cutBytes: 20 }))).to.equal(3);
    expect([buffer[89], buffer[90], buffer[190], buffer[269], buffer[270]]).to.deep.equal([1, 9, 2, 2, 0]);
    const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
    expect([maps, unmaps, pteWrites, flushesLocal]).to.deep.equal([3, 3, 4, 2]);
    expect(machine.hardware.pageTable.local.get(0)).to.equal(-1);
  });

  it('leaves what would be reported to the path that reports it', () => {
    const full = transferFixture('highmem', { kmMaxIdx: 2 });
    kmapLocalPage(full.task, full.pages[0]!);
    expect(transferLocal(full.task, full.job())).to.equal(0);
    const watched = transferFixture('highmem', { trace: true });
    expect(transferLocal(watched.task, watched.job())).to.equal(0);
    const pinned = transferFixture('highmem', { kmapHighGet: true });
    expect(transferLocal(pinned.task, pinned.job())).to.equal(0);
    const irqs = transferFixture('highmem');
    irqs.machine.interrupt('hardirq', (irq) => {
      irq.cpu.irqsDisabled = false;
      expect(transferLocal(irq, irqs.job())).to.equal(0);
      irq.cpu.irqsDisabled = true;
      expect(transferLocal(irq, irqs.job())).to.equal(4);
    });
  });

  for (const mode of ['direct', 'checked'] as const) {
    it(`asks for a slot that is empty in the page table, ${mode} machine`, () => {
      const { machine, task, pages, job } = transferFixture('highmem', { mode });
      const { local } = machine.hardware.pageTable;
      local.set(0, pages[0]!.pfn);
      expect([transferLocal(task, job()), task.localMaps.idx, task.migrateDisabled]).to.deep.equal([0, 0, 0]);
      local.clear(0);
      local.set(1, pages[0]!.pfn);
      expect([transferLocal(task, job()), machine.ledger.maps, local.get(1)]).to.deep.equal([
        4,
        4,
        pages[0]!.pfn,
      ]);
    });
  }

  it('asks for a slot that is not in the TLB, on the machines that have anything there', () => {
    const { machine, task, pages, job } = transferFixture('highmem', { mode: 'checked' });
    const { addresses } = machine.hardware;
    task.cpu.tlb.fill(addresses.local(0), pages[0]!.pfn);
    expect([transferLocal(task, job()), task.localMaps.idx, task.migrateDisabled]).to.deep.equal([0, 0, 0]);
    task.cpu.tlb.flushPage(addresses.local(0));
    task.cpu.tlb.fill(addresses.local(1), pages[0]!.pfn);
    expect(transferLocal(task, job())).to.equal(4);
    expect(machine.ledger.maps).to.equal(4);
  });

  it('takes the slots of the CPU that the task is on, and leaves them empty', () => {
    const { machine, task, pages, job } = transferFixture('highmem', { cpus: 2 });
    const { ptes } = machine.localSlots;
    const kmMaxIdx = machine.config.kmMaxIdx;
    machine.migrate(task, 1);
    ptes[kmMaxIdx] = 1 + pages[0]!.pfn;
    expect(transferLocal(task, job())).to.equal(0);
    ptes[kmMaxIdx] = 0;
    ptes[0] = 1 + pages[0]!.pfn;
    expect(transferLocal(task, job())).to.equal(4);
    expect([ptes[0], ptes[kmMaxIdx]]).to.deep.equal([1 + pages[0]!.pfn, 0]);
  });

  it('moves on a checked machine too, while no rule could be broken', () => {
    const { machine, task, pages, job } = transferFixture('highmem', { mode: 'checked' });
    expect([machine.isUnwatched, machine.isUnseen]).to.deep.equal([false, true]);
    expect(transferLocal(task, job())).to.equal(4);
    expect([machine.ledger.maps, machine.ledger.pteWrites, machine.live.size]).to.deep.equal([4, 8, 0]);
    const held = kmapLocalPage(task, pages[0]!);
    expect(transferLocal(task, job())).to.equal(4);
    expect(held.bytes[0]).to.equal(1);
    expect([machine.isUnseen, transferLocal(task, job())]).to.deep.equal([false, 0]);
    kunmapLocal(task, held);
    expect(transferLocal(task, job())).to.equal(4);
    machine.memoryErrors.poison(pages[0]!, 0);
    expect(transferLocal(task, job())).to.equal(0);
    for (const options of [{ trace: true }, { trackUninitialised: true }, { dcacheColours: 2 }]) {
      const watched = transferFixture('highmem', { mode: 'checked', ...options });
      expect(transferLocal(watched.task, watched.job())).to.equal(0);
    }
  });
});
