import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError } from 'scatterlist';
import type { Page } from 'scatterlist';
import type { IoRegionOptions } from '../../lib/machine/io-region.ts';
import { PhysicalMemory } from '../../lib/machine/memory.ts';
import { ALLOCATED, FREED } from '../../lib/machine/page-owner.ts';

const memory = (
  sizes: Partial<{
    lowmem: number;
    highmem: number;
    protected: number;
    unmappable: number;
    directMapsHighmem: boolean;
  }> = {},
): PhysicalMemory =>
  new PhysicalMemory(256, {
    lowmem: 16,
    highmem: 64,
    protected: 4,
    unmappable: 2,
    directMapsHighmem: false,
    ...sizes,
  });

describe('PhysicalMemory', () => {
  it('has lowmem first, then what needs a key, then what was unmapped, then what needs a map', () => {
    const m = memory();
    expect(m.zones.map(({ kind, firstPfn, pages }) => [kind, firstPfn, pages])).to.deep.equal([
      ['lowmem', 0, 16],
      ['protected', 16, 4],
      ['unmappable', 20, 2],
      ['highmem', 22, 64],
    ]);
    expect([m.directEnd, m.endPfn]).to.deep.equal([22, 86]);
    const [io] = m.addIoRegion(1, {});
    const pages = [m.page(19), m.page(21), m.page(22), io!];
    expect(pages.map((page) => m.isHighmem(page))).to.deep.equal([false, false, true, false]);
    expect(pages.map((page) => m.isDirect(page))).to.deep.equal([true, false, false, false]);
  });

  it('finds the first page of a kind in a run of bytes', () => {
    const m = memory();
    const first = (pfn: number, pages: number, ...kinds: string[]) =>
      m.firstOfKind(m.page(pfn), pages * m.pageSize, ({ kind }) => kinds.includes(kind))?.pfn;
    expect(first(3, 1 / m.pageSize, 'lowmem')).to.equal(3);
    expect(first(3, 13, 'protected', 'highmem')).to.equal(undefined);
    expect(first(3, 13 + 1 / m.pageSize, 'protected', 'highmem')).to.equal(16);
    expect(first(3, 2 ** 20, 'highmem')).to.equal(22);
    expect(first(16, 4, 'unmappable')).to.equal(undefined);
    expect(first(16, 5, 'unmappable')).to.equal(20);
    expect(first(0, 2 ** 20, 'iomem')).to.equal(undefined);
    m.addIoRegion(1, {});
    expect(first(0, 2 ** 20, 'iomem')).to.equal(86);
  });

  it('maps highmem directly where there is no such thing', () => {
    const m = memory({ directMapsHighmem: true });
    expect([m.directEnd, m.isHighmem(m.page(40)), m.page(40).kind]).to.deep.equal([86, false, 'highmem']);
  });

  it('has one page object a frame, and none where there is no memory', () => {
    const m = memory({ highmem: 100_000 });
    fc.assert(
      fc.property(fc.array(fc.nat(100_100), { maxLength: 200 }), (frames) => {
        for (const n of frames) {
          const page = m.pageAt(n);
          expect(page?.pfn).to.equal(n < m.endPfn ? n : undefined);
          expect(m.pageAt(n)).to.equal(page);
          if (page) expect(page.phys).to.equal(n * 256);
        }
      }),
    );
    expect([m.pageAt(-1), m.pageAt(1.5)]).to.deep.equal([undefined, undefined]);
    expect(() => m.page(m.endPfn)).to.throw(ConfigError, 'this machine ends at 0x186b6');
  });

  it('costs nothing until it is touched, and zeroes then', () => {
    const m = memory();
    expect([m.touchedPages, m.backingBytes]).to.deep.equal([0, 0]);
    expect(m.bytesOf(m.page(30)).every((byte) => byte === 0)).to.equal(true);
    expect([m.touchedPages, m.page(31).chunk]).to.deep.equal([1, undefined]);
  });

  it('lays a run that nobody touched side by side, and says where it cannot', () => {
    const m = memory();
    expect(m.isOneRun(m.page(30), 8)).to.equal(true);
    m.touch(m.page(42));
    expect([m.isOneRun(m.page(40), 4), m.isOneRun(m.page(43), 3), m.isOneRun(m.page(31), 7)]).to.deep.equal([
      false,
      true,
      true,
    ]);
    const { touchedPages } = m;
    // 256 MiB and more are not touched to find out.
    expect([m.isOneRun(m.page(0), 2 ** 28 / m.pageSize + 1), m.touchedPages]).to.deep.equal([
      false,
      touchedPages,
    ]);
    m.bytesOf(m.page(40))[0] = 1;
    expect(m.bytesOf(m.page(41))[0]).to.equal(0);
  });

  it('never gives a page to two, and has everything again in one run at the end', () => {
    const step = fc.record({
      count: fc.nat(20),
      layout: fc.constantFrom('contiguous' as const, 'scattered' as const),
      free: fc.array(fc.nat(63), { maxLength: 10 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (script) => {
        const m = memory();
        const held = new Set<Page>();
        for (const { count, layout, free } of script) {
          for (const n of free) {
            const page = m.page(20 + n);
            expect(m.free(page)).to.equal(held.delete(page));
          }
          const before = m.freePages('highmem');
          expect(before).to.equal(64 - held.size);
          const pages = m.allocate('highmem', count, layout);
          if (pages === undefined) {
            expect(m.freePages('highmem')).to.equal(before);
            if (layout === 'scattered') expect(count).to.be.above(before);
            continue;
          }
          expect(pages.length).to.equal(count);
          for (const [i, page] of pages.entries()) {
            expect([held.has(page), page.kind, m.isFree(page)]).to.deep.equal([false, 'highmem', false]);
            if (layout === 'contiguous') expect(page.pfn).to.equal(pages[0]!.pfn + i);
            held.add(page);
          }
        }
        for (const page of held) m.free(page);
        expect(m.allocate('highmem', 64, 'contiguous')?.length).to.equal(64);
      }),
    );
  });

  it('scatters pages apart and out of order while there is room', () => {
    const frames = memory({ highmem: 400 })
      .allocate('highmem', 100, 'scattered')!
      .map((page) => page.pfn as number);
    const sorted = frames.toSorted((a, b) => a - b);
    expect(sorted.every((n, i) => i === 0 || n - sorted[i - 1]! >= 2)).to.equal(true);
    expect(frames.filter((n, i) => i > 0 && n < frames[i - 1]!).length).to.be.above(20);
    for (let count = 1; count <= 120; count += 1) {
      const of = memory({ highmem: 2 * count }).allocate('highmem', count, 'scattered')!;
      expect(new Set(of).size, String(count)).to.equal(count);
      if (count > 37 && count % 37 !== 0) expect(of[1]!.pfn - of[0]!.pfn, String(count)).to.equal(2 * 37);
    }
  });

  it('looks at a run of 256 MiB, and at no longer one', () => {
    const m = new PhysicalMemory(65536, {
      lowmem: 2,
      highmem: 0,
      protected: 0,
      unmappable: 0,
      directMapsHighmem: false,
    });
    m.touch(m.page(1));
    for (const [pages, touched] of [
      [4097, 1],
      [4096, 2],
    ] as const)
      expect([m.isOneRun(m.page(0), pages), m.touchedPages]).to.deep.equal([false, touched]);
  });

  it('poisons what is given back, once, and finds the first byte that was written to since', () => {
    const m = memory();
    const [page, untouched] = m.allocate('lowmem', 2, 'contiguous')!;
    expect(m.damageOf(page!)).to.equal(undefined);
    m.bytesOf(page!).fill(5);
    expect([m.free(page!), m.free(untouched!), m.free(page!), m.free(m.page(40))]).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
    expect([m.frees, m.isFree(page!), m.touchedPages]).to.deep.equal([2, true, 1]);
    expect(new Set(m.bytesOf(page!))).to.deep.equal(new Set([0xaa]));
    expect(new Set(m.bytesOf(untouched!))).to.deep.equal(new Set([0xaa]));
    for (const at of [255, 17, 0]) {
      expect(m.damageOf(page!)).to.equal(at === 255 ? undefined : at === 17 ? 255 : 17);
      m.bytesOf(page!)[at] = 0;
      expect(m.damageOf(page!)).to.equal(at);
    }
    const damaged: (readonly [number, number])[] = [];
    const again = m.allocate('lowmem', 3, 'contiguous', ALLOCATED, (of, at) => damaged.push([of.pfn, at]));
    expect(again!.map(({ pfn }) => pfn as number)).to.deep.equal([0, 1, 2]);
    expect(damaged).to.deep.equal([[0, 0]]);
    for (const of of again!) expect(m.bytesOf(of).every((byte) => byte === 0)).to.equal(true);
    expect(m.damageOf(page!)).to.equal(undefined);
  });

  it('looks for no damage where a write was reported, or where nobody asks', () => {
    const m = memory();
    const [page] = m.allocate('lowmem', 1, 'contiguous')!;
    m.touch(page!);
    m.free(page!, { ...FREED, isPoisoned: false });
    m.bytesOf(page!)[3] = 0;
    expect(m.damageOf(page!)).to.equal(undefined);
    page!.owner = FREED;
    expect(m.damageOf(page!)).to.equal(3);
    expect(m.allocate('lowmem', 1, 'contiguous')).to.deep.equal([page]);
    expect(new Set(m.bytesOf(page!))).to.deep.equal(new Set([0]));
  });

  it('tells its page maps apart, those of devices too, and ends where they end', () => {
    const m = memory();
    const [low, key, high, none] = [0, 16, 22, 20].map((pfn) => m.page(pfn).zone.pageMapId);
    expect(low).to.equal(high);
    const devices = Array.from({ length: 40 }, () => m.addIoRegion(2, {})[0]!);
    const ids = [low, key, none, ...devices.map(({ zone }) => zone.pageMapId)];
    expect(new Set(ids).size).to.equal(43);
    expect([m.ramEnd, m.endFor(m.page(3)), m.endFor(devices[1]!)]).to.deep.equal([86, 86, 90]);
    expect([m.freePages('iomem'), m.free(devices[0]!), m.frees]).to.deep.equal([0, false, 0]);
    expect([m.slotZone?.kind, memory({ directMapsHighmem: true }).slotZone]).to.deep.equal([
      'highmem',
      undefined,
    ]);
  });

  it('has zones without pages only of lowmem and highmem, and takes no fewer pages than none', () => {
    const m = memory({ lowmem: 0, highmem: 0, protected: 0, unmappable: 0 });
    expect(m.zones.map(({ kind }) => kind)).to.deep.equal(['lowmem', 'highmem']);
    expect([m.allocate('lowmem', 0, 'contiguous')]).to.deep.equal([[]]);
    expect(() => m.allocate('lowmem', -1, 'contiguous')).to.throw(RangeError, 'count is -1');
    expect([m.allocate('protected', 0, 'contiguous'), m.allocate('lowmem', 1, 'scattered')]).to.deep.equal([
      undefined,
      undefined,
    ]);
  });

  it('refuses regions that no device has', () => {
    const m = memory();
    const wrong: readonly (readonly [number, IoRegionOptions, string])[] = [
      [0, {}, 'pages of an ioRegion is 0'],
      [2 ** 20 + 1, {}, 'a whole number from 1 to 1048576'],
      [1, { widths: [3 as never] }, 'a width of an ioRegion is 3'],
      [1, { handlers: { read: () => 0n } as never }, 'handlers.write of an ioRegion is undefined'],
      [1, { handlers: { write: () => undefined } as never }, 'handlers.read of an ioRegion is undefined'],
    ];
    for (const [pages, options, message] of wrong)
      expect(() => m.addIoRegion(pages, options)).to.throw(ConfigError, message);
    expect(m.endPfn).to.equal(86);
  });

  it('adds device regions at the end, each of its own kind of page', () => {
    const m = memory();
    const [a] = [m.addIoRegion(2, { name: 'bar0', widths: [4] }), m.addIoRegion(1, {})];
    expect(a.map((page) => [page.pfn, page.kind, m.isFree(page)])).to.deep.equal([
      [86, 'iomem', false],
      [87, 'iomem', false],
    ]);
    expect(m.page(88).zone.region).to.include({ name: 'io@0x5800', pages: 1 });
    expect([86, 88].map((pfn) => m.page(pfn).zone.region?.widths)).to.deep.equal([[4], [1, 2, 4, 8]]);
    expect(m.page(86).zone.pageMapId).not.to.equal(m.page(88).zone.pageMapId);
    expect([m.endPfn, m.allocate('iomem', 1, 'contiguous')]).to.deep.equal([89, undefined]);
  });
});
