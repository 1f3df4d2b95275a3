/** Lists of more than 4 GiB: no sum of lengths wraps, and no page is backed that nothing touches. */
import { expect } from 'chai';
import {
  DmaDevice,
  SgAppendTable,
  SgMiter,
  createMachine,
  dmaMapSg,
  dmaMapSgtable,
  dmaUnmapSgtable,
  mappedNents,
  sgAllocAppendTableFromPages,
  origNents,
  sgAllocTable,
  sgCompare,
  sgCopyList,
  sgDmaLen,
  sgMap,
  sgNentsForDma,
  sgNentsForLen,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgSetPage,
  sgSplit,
  sgUnmap,
  sgZeroBuffer,
} from 'scatterlist';
import type { Machine, MapBackend, Ok, SgTable } from 'scatterlist';
import { iomemBounce, kmapLocal, pageAddress, vmap } from 'scatterlist/backends';

const PAGE = 4096;
const FULL = 2 ** 32 - PAGE;
/** Pages that get bytes of their own together, where one of them is touched, and some more. */
const FEW = 32;

/** A table of entries 4 GiB apart, from a frame on. */
function tableOf(
  machine: Machine,
  firstPfn: number,
  lengths: readonly number[],
  offset = 0,
): SgTable<'lowmem'> {
  const { memory } = machine.hardware;
  const made = sgAllocTable<'lowmem'>(lengths.length);
  if (!made.ok) throw new Error(made.error.code);
  for (const [i, sg] of [...made.value].entries()) {
    const page = memory.page(firstPfn + i * 2 ** 20);
    if (page.kind === 'lowmem') sgSetPage(sg, page as never, lengths[i] ?? 0, offset);
  }
  return made.value;
}

/** A table of two entries of 4 GiB less a page each. */
function hugeTable(machine: Machine): SgTable<'lowmem'> {
  return tableOf(machine, machine.hardware.memory.zones[0]!.firstPfn, [FULL, FULL]);
}

/** Backends that map an entry in one go, or page by page in different ways. */
const BACKENDS = { kmapLocal, pageAddress, vmap, iomemBounce } as const;

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

  for (const [name, bind] of Object.entries(BACKENDS)) {
    for (const trace of [false, true]) {
      it(`are copied and compared with each other behind the first 4 GiB: ${name}, trace ${String(trace)}`, () => {
        const machine = createMachine({ mode: 'direct', trace, lowmemPages: 2 ** 22, bounceSlots: 4 });
        const { memory } = machine.hardware;
        const [from, to] = [tableOf(machine, 0, [FULL, FULL]), tableOf(machine, 2 ** 21, [FULL, FULL])];
        const backend: MapBackend = bind(machine.task());
        // Near the end of an entry: vmap takes the pages of what is left of it.
        const [srcSkip, dstSkip] = [2 * FULL - 8192, FULL - 2];
        const bytes = Uint8Array.of(9, 8, 7, 6);
        expect(sgPcopyFromBuffer(from, bytes, kmapLocal(machine.task()), srcSkip)).to.deep.include({
          value: 4,
        });
        const range = { skipFirstBytes: dstSkip, skipSecondBytes: srcSkip, lengthBytes: 4 };
        expect(sgCopyList(to, from, range, backend)).to.deep.equal({ ok: true, value: 4 });
        expect([...machine.physical(memory.page(2 ** 21 + 2 ** 20 - 2)).subarray(4094)]).to.deep.equal([
          9, 8,
        ]);
        expect([...machine.physical(memory.page(2 ** 21 + 2 ** 20)).subarray(0, 3)]).to.deep.equal([7, 6, 0]);
        expect(sgCompare(to, from, range, backend)).to.deep.equal({ ok: true, value: { equal: true } });
        machine.physical(memory.page(2 ** 21 + 2 ** 20))[1] = 5;
        const differ = sgCompare(to, from, range, backend);
        expect(differ.ok && !differ.value.equal && differ.value).to.deep.include({ equal: false });
        expect(memory.touchedPages).to.be.at.most(FEW);
      });
    }
  }

  for (const [name, bind] of Object.entries({ pageAddress, vmap })) {
    it(`are walked as whole entries, one of which is used up in part behind 4 GiB from its page: ${name}`, () => {
      const machine = createMachine({ mode: 'direct', lowmemPages: 2 ** 21, vmallocPages: 2 ** 20 });
      const { memory } = machine.hardware;
      // The last of its bytes lies in a page more.
      const length = name === 'vmap' ? FULL - 2 * PAGE : FULL + 4095;
      const list = tableOf(machine, 0, [8, 16]);
      // As fields that are written one after the other may leave it.
      list.sgl!.array.set(0, memory.page(0) as never, length, 4095, 'compatible');
      const backend: MapBackend = bind(machine.task());
      const it = new SgMiter(list, backend, 'fromSg');
      const more: Ok<boolean> = { ok: true, value: true };
      expect([it.next(), it.length]).to.deep.equal([more, length]);
      it.consumed = length - 8;
      expect([it.next(), it.length]).to.deep.equal([more, 8]);
      const last = 4095 + length - 8;
      expect([it.page?.pfn, it.mapping.pageOffset]).to.deep.equal([Math.floor(last / PAGE), last % PAGE]);
      expect([it.next(), it.length, it.page?.pfn]).to.deep.equal([more, 16, 2 ** 20]);
      expect(it.next()).to.deep.equal({ ok: true, value: false });
      expect(memory.touchedPages).to.be.at.most(FEW);
    });

    it(`are mapped whole without a page that is not touched: ${name}`, () => {
      const machine = createMachine({ mode: 'direct', lowmemPages: 2 ** 21, vmallocPages: 2 ** 20 });
      const { memory } = machine.hardware;
      const list = tableOf(machine, 0, [FULL - PAGE, 16]);
      const mapped = sgMap(list.sgl!, 0, bind(machine.task()));
      if (!mapped.ok) throw new Error(mapped.error.code);
      expect(mapped.value.length).to.equal(FULL - PAGE);
      mapped.value.store8(FULL - PAGE - 1, 7);
      sgUnmap(mapped.value);
      expect(machine.physical(memory.page(2 ** 20 - 3))[4095]).to.equal(7);
      expect(memory.touchedPages).to.be.at.most(FEW);
    });
  }

  it('are mapped for a device in segments of 32 bits, however much it would merge', () => {
    const machine = createMachine({ mode: 'direct', lowmemPages: 2 ** 21 });
    const task = machine.task();
    const half = 2 ** 31;
    const cases = [
      { options: { maxSegmentBytes: Infinity }, lengths: [FULL, FULL], segments: [FULL, FULL] },
      {
        options: { maxSegmentBytes: Infinity, iommu: { pages: 2 ** 22 } },
        lengths: [FULL - half, half],
        segments: [FULL],
      },
      {
        options: { maxSegmentBytes: 2 ** 40, iommu: { pages: 2 ** 22 } },
        lengths: [half, half],
        segments: [half, half],
      },
    ];
    for (const { options, lengths, segments } of cases) {
      const device = new DmaDevice(machine, options);
      const list = tableOf(machine, 0, lengths);
      const total = lengths[0]! + lengths[1]!;
      expect(dmaMapSgtable(task, device, list, 'toDevice').ok).to.be.true;
      expect(list.nents).to.equal(segments.length);
      const seen = Array.from(list, sgDmaLen).slice(0, segments.length);
      expect(seen).to.deep.equal(segments);
      expect(sgNentsForDma(list.sgl, list.nents, PAGE)).to.deep.equal({ ok: true, value: total / PAGE });
      dmaUnmapSgtable(task, device, list, 'toDevice');
      expect(device.liveMappings).to.equal(0);
      const again = dmaMapSg(task, device, list.sgl, origNents(2), 'fromDevice');
      expect(again).to.deep.equal({ ok: true, value: segments.length });
    }
    expect(machine.hardware.memory.touchedPages).to.equal(0);
  });
});
