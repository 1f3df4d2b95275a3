import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { transferDirect } from '../../lib/kernel/direct-transfer.ts';
import { PAGE, transferFixture } from './transfer-fixture.ts';

describe('transferDirect', () => {
  it('moves lowmem entries at their permanent addresses', () => {
    const { machine, task, buffer, job } = transferFixture('lowmem');
    expect(transferDirect(task, job())).to.equal(4);
    expect([buffer[0], buffer[3 * PAGE]]).to.deep.equal([1, 4]);
    const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
    expect([maps, unmaps, pteWrites, flushesLocal]).to.deep.equal([4, 4, 0, 0]);
  });

  it('moves an entry of many pages in one go', () => {
    const machine = createMachine({ mode: 'direct' });
    const pages = machine.allocPages(3, { zone: 'lowmem' });
    machine.hardware.memory.isOneRun(pages[0]!, 3);
    pages.forEach((page, i) => machine.physical(page).fill(i + 1));
    const buffer = new Uint8Array(3 * PAGE);
    const list = {
      pages: [pages[0]!],
      offsets: Uint32Array.of(100),
      lengths: Uint32Array.of(2 * PAGE),
      kept: undefined,
    };
    expect(
      transferDirect(machine.task(), {
        list,
        firstSlot: 0,
        endSlot: 1,
        buffer,
        bufferOffset: 0,
        toBuffer: true,
      }),
    ).to.equal(1);
    expect([buffer[0], buffer[PAGE], buffer[2 * PAGE - 1], buffer[2 * PAGE]]).to.deep.equal([1, 2, 3, 0]);
    expect(machine.ledger.maps).to.equal(1);
  });

  it('leaves highmem, and the entry that ends with the direct map, to the other path', () => {
    const high = transferFixture('highmem');
    expect(transferDirect(high.task, high.job())).to.equal(0);
    const watched = transferFixture('lowmem', { trace: true });
    expect(transferDirect(watched.task, watched.job())).to.equal(0);
  });
});
