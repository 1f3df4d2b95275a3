import { expect } from 'chai';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { transferLocal } from '../../lib/kernel/local-transfer.ts';
import { PAGE, transferFixture } from './transfer-fixture.ts';

describe('transferLocal', () => {
  it('moves every entry, counts each map and leaves the slots as they were', () => {
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

  it('stops at the first entry that is not plain', () => {
    const { task, job } = transferFixture('highmem');
    expect(transferLocal(task, job([PAGE, 0, PAGE, PAGE]))).to.equal(1);
    expect(transferLocal(task, job([PAGE, PAGE, PAGE + 1, PAGE]))).to.equal(2);
    const guarded = transferFixture('protected', { protectedPages: 8 });
    expect(guarded.machine.isUnwatched).to.equal(true);
    expect(transferLocal(guarded.task, guarded.job())).to.equal(0);
  });

  it('leaves what would be reported to the path that reports it', () => {
    const full = transferFixture('highmem', { kmMaxIdx: 2 });
    kmapLocalPage(full.task, full.pages[0]!);
    expect(transferLocal(full.task, full.job())).to.equal(0);
    const watched = transferFixture('highmem', { trace: true });
    expect(transferLocal(watched.task, watched.job())).to.equal(0);
    const checked = transferFixture('highmem', { mode: 'checked' });
    expect(transferLocal(checked.task, checked.job())).to.equal(0);
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
});
