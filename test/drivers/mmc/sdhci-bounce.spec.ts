import { expect } from 'chai';
import { createMachine, sgAllocTable, sgSetPage } from 'scatterlist';
import { faultInjection, kmapLocal } from 'scatterlist/backends';
import { observe } from 'scatterlist/ports';
import port, { preDmaTransfer, requestDone } from '../../../examples/drivers/mmc/sdhci-bounce.ts';
import type { MmcData } from '../../../examples/drivers/mmc/sdhci.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 9001 }, (_, i) => (i * 7) & 0xff),
});

/** A request of two pages. */
function request(direction: 'read' | 'write') {
  const machine = createMachine();
  const task = machine.task('mmcqd');
  const pages = machine.allocPages(2, { zone: 'highmem' });
  const table = sgAllocTable(2);
  if (!table.ok) throw new Error(table.error.code);
  for (const [i, sg] of [...table.value].entries()) {
    const page = pages[i];
    if (page !== undefined) sgSetPage(sg, page, 512, i);
  }
  const data: MmcData = { direction, table: table.value, blockBytes: 512, blocks: 2 };
  return { machine, task, pages, data };
}

describe('the sdhci bounce port', () => {
  it('maps in a task, one piece at a time, and not while the controller works', () => {
    const { needs, moved } = observe(LOADED, 'original', 'highmem');
    expect(moved?.verifiedBytes).to.equal(18002);
    expect(needs).to.have.length(2);
    for (const site of needs)
      expect(site).to.deep.include({ isAtomic: false, contexts: ['task'], heldAtOnce: 1, sleptOn: [] });
  });

  it('takes a request that fills the buffer, and refuses a larger one', () => {
    for (const direction of ['read', 'write'] as const) {
      const { task, data } = request(direction);
      expect(preDmaTransfer(kmapLocal(task), data, new Uint8Array(1024))).to.deep.equal({
        ok: true,
        value: 1024,
      });
      expect(preDmaTransfer(kmapLocal(task), data, new Uint8Array(1023))).to.deep.equal({
        ok: false,
        error: { code: 'OutOfRange', haveBytes: 1023, wantBytes: 1024 },
      });
    }
  });

  it('copies from the list only for writes, and to it only for reads', () => {
    for (const direction of ['read', 'write'] as const) {
      const { machine, task, pages, data } = request(direction);
      for (const page of pages) machine.physical(page).fill(3);
      const bounce = new Uint8Array(2000).fill(9);
      expect(preDmaTransfer(kmapLocal(task), data, bounce).ok).to.equal(true);
      expect([bounce[0], bounce[1023], bounce[1024]]).to.deep.equal(
        direction === 'write' ? [3, 3, 9] : [9, 9, 9],
      );
      expect(requestDone(kmapLocal(task), data, bounce.fill(5)).ok).to.equal(true);
      const last = pages.map((page) => machine.physical(page).subarray(511, 514).join());
      expect(last).to.deep.equal(direction === 'read' ? ['5,3,3', '5,5,3'] : ['3,3,3', '3,3,3']);
    }
  });

  it('keeps no mapping if the second page cannot be mapped', () => {
    const { machine, task, data } = request('write');
    const copied = preDmaTransfer(faultInjection(kmapLocal(task), { failAt: 1 }), data, new Uint8Array(1024));
    expect(copied).to.deep.include({ ok: false });
    machine.checkLeaks();
  });
});
