import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Page } from 'scatterlist';
import {
  formatAddressSpace,
  ioremap,
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kunmap,
  kunmapAtomic,
  kunmapLocal,
  runAlone,
  vmap,
} from 'scatterlist/machine';
import { observe } from 'scatterlist/ports';
import port, { lookUp } from '../../../examples/drivers/mm/dump-pagetables.ts';
import { parsePageTables, rangeAt } from '../../../examples/drivers/mm/page-tables.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 9001 }, (_, i) => (17 * i) & 0xff),
});

describe('the port of the page-table dump', () => {
  it('holds one mapping at a time and sleeps only where another task reads', () => {
    const [original] = observe(LOADED, 'original', 'highmem').needs;
    expect(original).to.deep.include({ heldAtOnce: 1, sleptOn: [], usedBy: [] });
    const [asked] = observe(LOADED, 'read by another task', 'highmem').needs;
    expect(asked?.sleptOn.join()).to.include('the text of the dump');
  });

  it('finds every mapping under its marker, by every way of mapping', () => {
    for (const variant of Object.keys(port.variants))
      for (const memory of port.memory)
        expect(observe(LOADED, variant, memory).moved, `${variant} ${memory}`).to.deep.equal({
          verifiedBytes: 9001,
        });
  });

  it('says of each mapping function where it maps', () => {
    const machine = createMachine({ lowmemPages: 16, highmemPages: 16, vmallocPages: 16 });
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'highmem' });
    const said = (address: number, { pfn }: Page = page): string =>
      lookUp(machine, address).replace(`frame ${String(pfn)}`, 'its frame');
    const slot = runAlone(task, kmap(task, page));
    expect(said(slot.vaddr + 5)).to.equal('Persistent kmap() Area, its frame');
    kunmap(task, slot);
    expect(said(slot.vaddr)).to.equal('Persistent kmap() Area, its frame, unused');
    const local = kmapLocalPage(task, page);
    expect(said(local.vaddr)).to.equal('Fixmap Area, its frame');
    machine.schedule(machine.task('reader'));
    expect(said(local.vaddr)).to.equal('not mapped');
    kunmapLocal(task, local);
    const atomic = kmapAtomic(task, page);
    expect(said(atomic.vaddr)).to.equal('Fixmap Area, its frame');
    kunmapAtomic(task, atomic);
    expect(said(atomic.vaddr)).to.equal('not mapped');
    const pages = machine.allocPages(2, { zone: 'lowmem' });
    const area = vmap(task, [page, ...pages]);
    const io = machine.ioRegion(1)[0]!;
    const device = ioremap(task, io.phys, 64);
    if (!area.ok || !device.ok) throw new Error('no room');
    expect(said(area.value.vaddr + 2 * machine.pageSize, pages[1])).to.equal('vmalloc() Area, its frame');
    expect(said(device.value.vaddr, io)).to.equal('vmalloc() Area, its frame');
    const low = kmapLocalPage(task, pages[0]!);
    expect(said(low.vaddr, pages[0])).to.equal('Kernel Mapping, its frame');
  });
});

describe('parsePageTables', () => {
  it('has a range for each of the dump, under the marker above it, with what follows in the next line', () => {
    const machine = createMachine({ lowmemPages: 16, highmemPages: 64, pkmapSlots: 32 });
    const task = machine.task('a task whose name is too long for the rest of a line with an address');
    const pages = machine.allocPages(40, { zone: 'highmem' });
    for (let i = 0; i < 20; i += 2) runAlone(task, kmap(task, pages[i]!));
    const dump = machine.dumpAddressSpace();
    const parsed = parsePageTables(formatAddressSpace(dump));
    const ranges = dump.areas.flatMap(({ marker, ranges: all }) =>
      all.map(({ start, end, firstPfn }) => ({ marker, start, end, firstPfn })),
    );
    expect(parsed.map(({ rest: _, ...range }) => range)).to.deep.equal(ranges);
    expect(parsed.filter(({ rest }) => /count 2, kmap by "a task whose/.test(rest))).to.have.length(10);
  });

  it('ends a range before its last address', () => {
    const text = '---[ A ]---\n0x1000-0x2000            4K RW  pfn 0x7 highmem\n---[ B ]---';
    const parsed = parsePageTables(text);
    expect(rangeAt(parsed, 0x1fff)?.firstPfn).to.equal(7);
    expect(rangeAt(parsed, 0x2000)).to.equal(undefined);
    expect(parsePageTables('')).to.deep.equal([]);
  });
});
