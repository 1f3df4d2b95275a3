import { expect } from 'chai';
import { kmap, preemptDisable, preemptEnable, runAlone } from 'scatterlist/machine';
import { passPool } from '../../../lib/kernel/highmem/kmap.ts';
import { piecesFixture, spanOf } from '../../scatterlist/copy/pieces-fixture.ts';

describe('passPool', () => {
  it('uses a slot for each piece and leaves the slots unused but warm', () => {
    const { machine, task, span } = piecesFixture('highmem', { pkmapSlots: 8 });
    expect(passPool(task, span())).to.equal(4);
    expect([...machine.pkmap.counts]).to.deep.equal([0, 1, 1, 1, 1, 0, 0, 0]);
    expect([machine.ledger.maps, machine.ledger.unmaps, machine.ledger.pteWrites]).to.deep.equal([4, 4, 4]);
    expect(passPool(task, span())).to.equal(4);
    expect(machine.ledger.pteWrites).to.equal(4);
  });

  it('stops where the pool is full, and leaves it to the next map to count that', () => {
    const { machine, task, pages, span } = piecesFixture('highmem', { pkmapSlots: 2 });
    for (const page of pages.slice(0, 2)) runAlone(task, kmap(task, page));
    expect(passPool(task, span())).to.equal(2);
    const { ledger } = machine;
    const { flushPasses } = machine.pkmap;
    expect([ledger.maps, ledger.unmaps]).to.deep.equal([4, 2]);
    expect(machine.pkmap.slotOf(pages[2]!)).to.equal(-1);
    expect(passPool(task, span({ first: 2 }))).to.equal(0);
    expect([machine.ledger, machine.pkmap.flushPasses]).to.deep.equal([ledger, flushPasses]);
  });

  it('stops at a piece that is not system RAM, and uses no slot for lowmem', () => {
    const { machine, task, pages } = piecesFixture('lowmem');
    const high = machine.allocPage({ zone: 'highmem' });
    const mixed = spanOf([pages[0], high, machine.ioRegion(1)[0], pages[1]].map((page) => [page, 0, 8]));
    expect(passPool(task, mixed)).to.equal(2);
    expect([machine.ledger.maps, machine.ledger.unmaps, machine.ledger.pteWrites]).to.deep.equal([2, 2, 1]);
    expect(machine.pkmap.slotOf(high)).to.be.at.least(0);
    expect(passPool(task, { ...mixed, first: 2 })).to.equal(0);
    const last = machine.hardware.memory.page(machine.hardware.memory.directEnd - 1);
    machine.physical(last);
    expect(passPool(task, spanOf([[last, 0, 8]]))).to.equal(1);
    expect(machine.pkmap.slotOf(last)).to.equal(-1);
  });

  it('passes nothing in pairs, in a context that may not sleep, or on a watched machine', () => {
    const { task, span } = piecesFixture('highmem');
    expect(passPool(task, span(), span())).to.equal(0);
    preemptDisable(task);
    expect(passPool(task, span())).to.equal(0);
    preemptEnable(task);
    expect(passPool(task, span())).to.equal(4);
    for (const options of [{ trace: true }, { mode: 'checked' as const }]) {
      const watched = piecesFixture('highmem', options);
      expect(passPool(watched.task, watched.span())).to.equal(0);
    }
  });
});
