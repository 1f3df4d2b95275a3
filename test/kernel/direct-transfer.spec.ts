import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { transferDirect } from '../../lib/kernel/direct-transfer.ts';
import { PAGE, jobOf, segmentsOf, transferFixture } from './transfer-fixture.ts';

describe('transferDirect', () => {
  it('moves lowmem pieces at their permanent addresses', () => {
    const { machine, task, buffer, job } = transferFixture('lowmem');
    expect(transferDirect(task, job())).to.equal(4);
    expect([buffer[0], buffer[3 * PAGE]]).to.deep.equal([1, 4]);
    const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
    expect([maps, unmaps, pteWrites, flushesLocal]).to.deep.equal([4, 4, 0, 0]);
  });

  it('moves a piece of many pages in one go', () => {
    const machine = createMachine({ mode: 'direct' });
    const pages = machine.allocPages(3, { zone: 'lowmem' });
    machine.hardware.memory.isOneRun(pages[0]!, 3);
    pages.forEach((page, i) => machine.physical(page).fill(i + 1));
    const buffer = new Uint8Array(3 * PAGE);
    const segments = segmentsOf([[pages[0], 100, 2 * PAGE]]);
    expect(transferDirect(machine.task(), jobOf(segments, { buffer }))).to.equal(1);
    expect([buffer[0], buffer[PAGE], buffer[2 * PAGE - 1], buffer[2 * PAGE]]).to.deep.equal([1, 2, 3, 0]);
    expect(machine.ledger.maps).to.equal(1);
  });

  it('stops at highmem, however it comes', () => {
    const { machine, task, pages, buffer } = transferFixture('lowmem');
    const high = machine.allocPage({ zone: 'highmem' });
    const after = segmentsOf([
      [pages[0], 0, 8],
      [pages[1], 0, 8],
      [high, 0, 8],
      [pages[2], 0, 8],
    ]);
    expect(transferDirect(task, jobOf(after, { buffer }))).to.equal(2);
    const edge = { buffer, first: 2, end: 3, skipBytes: 1 };
    expect(transferDirect(task, jobOf(after, edge))).to.equal(0);
    const cut = { buffer, first: 1, end: 3, cutBytes: 1 };
    expect(transferDirect(task, jobOf(after, cut))).to.equal(1);
    expect([machine.ledger.maps, machine.ledger.unmaps]).to.deep.equal([3, 3]);
  });

  it('leaves highmem, and watched machines, to the other path', () => {
    const high = transferFixture('highmem');
    expect(transferDirect(high.task, high.job())).to.equal(0);
    const watched = transferFixture('lowmem', { trace: true });
    expect(transferDirect(watched.task, watched.job())).to.equal(0);
    const checked = transferFixture('lowmem', { mode: 'checked' });
    expect(transferDirect(checked.task, checked.job())).to.equal(4);
    checked.machine.memoryErrors.poison(checked.pages[0]!, 0);
    expect(transferDirect(checked.task, checked.job())).to.equal(0);
  });
});
