/** Lists of more than 4 GiB: no sum of lengths wraps, and no page is backed that nothing touches. */
import { expect } from 'chai';
import {
  SgAppendTable,
  SgMiter,
  createMachine,
  mappedNents,
  sgAllocAppendTableFromPages,
  sgAllocTable,
  sgNentsForLen,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgSetPage,
  sgSplit,
  sgZeroBuffer,
} from 'scatterlist';
import type { Machine, SgTable } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';

const PAGE = 4096;
const FULL = 2 ** 32 - PAGE;

/** A table of two entries of 4 GiB less a page each. */
function hugeTable(machine: Machine): SgTable<'lowmem'> {
  const { memory } = machine.hardware;
  const made = sgAllocTable<'lowmem'>(2);
  if (!made.ok) throw new Error(made.error.code);
  const zone = memory.zones[0]!;
  for (const [i, sg] of [...made.value].entries()) {
    const page = memory.page(zone.firstPfn + i * 2 ** 20);
    if (page.kind === 'lowmem') sgSetPage(sg, page as never, FULL);
  }
  return made.value;
}

describe('lists of more than 4 GiB', () => {
  it('begin another entry where 32 bits of length end', () => {
    const machine = createMachine({ mode: 'direct', lowmemPages: 2 ** 21 });
    const { memory } = machine.hardware;
    const append = new SgAppendTable<'lowmem'>();
    const at = (pfn: number) => memory.page(pfn) as never;
    const first = sgAllocAppendTableFromPages(append, [at(0)], { size: PAGE, leftPages: 8 });
    expect(first.ok).to.be.true;
    // What a million appends would have left.
    append.prv!.length = FULL;
    const more = [0, 1, 2, 3, 4].map((i) => at(2 ** 20 - 1 + i));
    expect(sgAllocAppendTableFromPages(append, more, { size: 5 * PAGE }).ok).to.be.true;
    expect(Array.from(append.sgt, ({ length }) => length)).to.deep.equal([FULL, 5 * PAGE]);
    expect(append.sgt.totalBytes).to.equal(FULL + 5 * PAGE);
    expect(memory.touchedPages).to.equal(0);
  });

  // With a trace each page is mapped by itself; without, pieces are moved in runs.
  for (const trace of [false, true]) {
    it(`are copied, filled, walked, counted and split behind the first 4 GiB, trace ${String(trace)}`, () => {
      const machine = createMachine({ mode: 'direct', trace, lowmemPages: 2 ** 21 });
      const { memory } = machine.hardware;
      const table = hugeTable(machine);
      const local = kmapLocal(machine.task());
      const skip = FULL + 2 ** 31 + 100;
      const bytes = Uint8Array.of(1, 2, 3, 4);
      expect(table.totalBytes).to.equal(2 * FULL);
      for (let time = 0; time < 2; time += 1) {
        expect(sgPcopyFromBuffer(table, bytes, local, skip)).to.deep.equal({ ok: true, value: 4 });
        const out = new Uint8Array(4);
        expect(sgPcopyToBuffer(table, out, local, skip)).to.deep.equal({ ok: true, value: 4 });
        expect(out).to.deep.equal(bytes);
      }
      expect(machine.physical(memory.page(2 ** 20 + 2 ** 19)).subarray(100, 104)).to.deep.equal(bytes);
      expect(sgZeroBuffer(table, 2, local, skip)).to.deep.equal({ ok: true, value: 2 });
      const it = new SgMiter(table, local, 'fromSg');
      expect(it.skip(skip)).to.be.true;
      expect([it.next().value, it.mapping.load8(2)]).to.deep.equal([true, 3]);
      it.stop();
      expect(sgNentsForLen(table.sgl, FULL + 1)).to.deep.equal({ ok: true, value: 2 });
      const parts = sgSplit(table.sgl, mappedNents(0), 0, [FULL + 8, FULL - 8]);
      if (!parts.ok) throw new Error(parts.error.code);
      expect(parts.value.map(({ origNents }) => origNents)).to.deep.equal([2, 1]);
      expect(parts.value[1]?.sgl.length).to.equal(FULL - 8);
      expect(memory.touchedPages).to.be.at.most(2);
    });
  }
});
