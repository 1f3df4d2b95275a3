import { expect } from 'chai';
import { kmap, preemptDisable, preemptEnable, runAlone } from 'scatterlist/machine';
import { transferPool } from '../../lib/kernel/pool-transfer.ts';
import { PAGE, jobOf, segmentsOf, transferFixture } from './transfer-fixture.ts';

describe('transferPool', () => {
  it('moves every piece through its slot and leaves the slots unused but warm', () => {
    const { machine, task, buffer, job } = transferFixture('highmem', { pkmapSlots: 8 });
    expect(transferPool(task, job())).to.equal(4);
    expect(buffer[3 * PAGE]).to.equal(4);
    expect([...machine.pkmap.counts]).to.deep.equal([0, 1, 1, 1, 1, 0, 0, 0]);
    expect([machine.ledger.maps, machine.ledger.unmaps, machine.ledger.pteWrites]).to.deep.equal([4, 4, 4]);
    expect(transferPool(task, job())).to.equal(4);
    expect(machine.ledger.pteWrites).to.equal(4);
  });

  it('stops where the pool is full', () => {
    const { machine, task, pages, job } = transferFixture('highmem', { pkmapSlots: 1 });
    runAlone(task, kmap(task, pages[1]!));
    expect(transferPool(task, job())).to.equal(0);
    expect(machine.pkmap.count(0)).to.equal(2);
  });

  it('stops at a piece that is not system RAM, and moves parts of the first and the last', () => {
    const { machine, task, pages, buffer } = transferFixture('highmem', { pkmapSlots: 8 });
    const segments = segmentsOf([
      [pages[0], 0, 100],
      [pages[1], 0, 100],
      [machine.ioRegion(1)[0], 0, 100],
    ]);
    const job = jobOf(segments, { buffer, bufferOffset: 5, skipBytes: 30 });
    expect(transferPool(task, job)).to.equal(2);
    expect([buffer[4], buffer[5], buffer[74], buffer[75], buffer[174], buffer[175]]).to.deep.equal([
      0, 1, 1, 2, 2, 0,
    ]);
    expect(transferPool(task, { ...job, end: 2, cutBytes: 99, toBuffer: false })).to.equal(2);
    expect([machine.ledger.maps, machine.ledger.unmaps]).to.deep.equal([4, 4]);
  });

  it('uses no slot for lowmem', () => {
    const { machine, task, job } = transferFixture('lowmem');
    expect(transferPool(task, job())).to.equal(4);
    expect(machine.pkmap.slotsInUse + machine.ledger.pteWrites).to.equal(0);
  });

  it('leaves contexts that may not sleep, and watched machines, to the path that reports', () => {
    const { task, job } = transferFixture('highmem');
    preemptDisable(task);
    expect(transferPool(task, job())).to.equal(0);
    preemptEnable(task);
    expect(transferPool(task, job())).to.equal(4);
    const watched = transferFixture('highmem', { trace: true });
    expect(transferPool(watched.task, watched.job())).to.equal(0);
    const checked = transferFixture('highmem', { mode: 'checked' });
    expect(transferPool(checked.task, checked.job())).to.equal(0);
  });
});
