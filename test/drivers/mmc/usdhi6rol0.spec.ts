import { expect } from 'chai';
import { createMachine, runAlone, sgAllocTable, sgSetPage } from 'scatterlist';
import { faultInjection, kmap, kmapLocal } from 'scatterlist/backends';
import { defineMatrix, observe, runRow } from 'scatterlist/ports';
import port, {
  moveBlock,
  sgAdvance,
  sgMap,
  sgPrep,
  sgUnmap,
} from '../../../examples/drivers/mmc/usdhi6rol0.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 9001 }, (_, i) => (i * 7) & 0xff),
});

/** A list of two blocks, the first of which crosses into the second page. */
function request() {
  const machine = createMachine();
  const task = machine.task('irq/usdhi6');
  const pages = machine.allocPages(2, { zone: 'highmem', layout: 'contiguous' });
  const made = sgAllocTable(1);
  const [page] = pages;
  if (!made.ok || page === undefined || made.value.sgl === null) throw new Error('no list');
  sgSetPage(made.value.sgl, page, 1024, 4096 - 200);
  return { machine, task, pages, table: made.value };
}

describe('the usdhi6rol0 port', () => {
  it('needs a map for all contexts that is held across sleeps', () => {
    const { needs, moved } = observe(LOADED, 'original', 'highmem');
    expect(moved?.verifiedBytes).to.equal(18002);
    expect(needs.flatMap(({ usedBy }) => usedBy)).to.include('task "irqThread"');
    expect(needs.flatMap(({ sleptOn }) => sleptOn).length).to.be.greaterThan(0);
  });

  it('holds two pages in the thread where a block crosses, and releases the older first', () => {
    const { needs } = observe(LOADED, 'mapped in the thread', 'highmem');
    expect(Math.max(...needs.map(({ heldAtOnce }) => heldAtOnce))).to.equal(2);
    expect(needs.some(({ isReleasedInOrder }) => !isReleasedInOrder)).to.equal(true);
  });

  it('breaks unmap-order with kmap_local, even if the thread alone maps', () => {
    const row = { port, variant: 'mapped in the thread', memory: 'highmem' } as const;
    const cells = [...runRow(defineMatrix({ ports: [port] }), row, LOADED)];
    const local = cells.filter(
      ({ column, configuration }) => column.contract.name === 'kmap_local' && configuration === '32-bit',
    );
    expect(
      local.map(({ outcome }) => (outcome.result === 'violation' ? outcome.violation.rule : '')),
    ).to.deep.equal(['unmap-order']);
  });

  for (const variant of ['resumable miter', 'copy helper'])
    it(`holds one mapping, and none between two blocks: ${variant}`, () => {
      for (const site of observe(LOADED, variant, 'highmem').needs)
        expect(site).to.deep.include({ heldAtOnce: 1, usedBy: [], sleptOn: [], isReleasedInOrder: true });
    });

  it('moves a block that crosses through the bounce buffer, and holds one page for the next', () => {
    const { machine, task, pages, table } = request();
    const backend = kmap(task);
    const pio = sgPrep(table, true);
    expect(runAlone(task, sgMap(backend, pio)).ok).to.equal(true);
    expect(machine.liveMappings).to.equal(2);
    moveBlock(
      pio,
      Uint8Array.from({ length: 512 }, (_, i) => i & 0xff),
      4096,
    );
    expect(runAlone(task, sgAdvance(backend, pio)).ok).to.equal(true);
    expect(machine.liveMappings).to.equal(1);
    const [first, second] = pages.map((page) => machine.physical(page));
    expect([first?.[4095], second?.[0], second?.[311], second?.[312]]).to.deep.equal([199, 200, 255, 0]);
    expect(runAlone(task, sgAdvance(backend, pio)).ok).to.equal(true);
    expect([machine.liveMappings, pio.sg]).to.deep.equal([0, null]);
  });

  it('gives the first page back if the second cannot be mapped', () => {
    const { machine, task, table } = request();
    const pio = sgPrep(table, false);
    const mapped = runAlone(task, sgMap(faultInjection(kmap(task), { failAt: 1 }), pio));
    expect(mapped.ok).to.equal(false);
    expect(machine.liveMappings).to.equal(0);
  });

  it('releases both pages of a request that is given up', () => {
    const { machine, task, table } = request();
    const pio = sgPrep(table, false);
    expect(runAlone(task, sgMap(kmap(task), pio)).ok).to.equal(true);
    sgUnmap(kmap(task), pio);
    expect(machine.liveMappings).to.equal(0);
    expect(() => {
      const local = kmapLocal(task);
      if (runAlone(task, sgMap(local, pio)).ok) sgUnmap(local, pio);
    }).to.throw(/unmap-order/);
  });
});
