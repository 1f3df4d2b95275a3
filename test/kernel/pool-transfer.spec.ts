import { expect } from 'chai';
import { kmap, preemptDisable, preemptEnable, runAlone } from 'scatterlist/machine';
import { transferPool } from '../../lib/kernel/pool-transfer.ts';
import { PAGE, transferFixture } from './transfer-fixture.ts';

describe('transferPool', () => {
  it('moves every entry through its slot and leaves the slots unused but warm', () => {
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
  });
});
