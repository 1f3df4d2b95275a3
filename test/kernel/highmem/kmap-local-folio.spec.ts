import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { folioReleaseKmap, folioTestPartialKmap, kmapLocalFolio, kunmapLocal } from 'scatterlist/machine';
import { PAGE, REACH, setUp, contents } from '../page/folio-fixture.ts';
import { AS_LINUX, violationOf } from '../violations.ts';

describe('kmap_local_folio', () => {
  for (const [reach, options] of Object.entries(REACH)) {
    it(`reaches from the byte asked for to the end of what one map reaches, ${reach}`, () => {
      const { machine, task, low, high } = setUp(options);
      for (const folio of [low, high]) {
        const partial = folioTestPartialKmap(machine, folio);
        const window = kmapLocalFolio(task, folio, PAGE + 5);
        expect(window.length).to.equal(partial ? PAGE - 5 : 3 * PAGE - 5);
        const bytes = new Uint8Array(window.length);
        window.copyTo(bytes);
        expect(bytes).to.deep.equal(contents(machine, folio).slice(PAGE + 5, PAGE + 5 + bytes.length));
        kunmapLocal(task, window);
      }
    });
  }

  for (const mode of ['direct', 'checked'] as const)
    for (const count of [2, 4])
      it(`reaches ${String(count)} pages whose bytes lie in no order in the host, ${mode}`, () => {
        const machine = createMachine({ mode, pageSize: PAGE, lowmemPages: 8 });
        const pages = machine.allocPages(count, { zone: 'lowmem' });
        const folio = machine.folios.compound(pages[0]!, count);
        for (const page of pages.toReversed()) machine.physical(page).fill(page.pfn);
        for (const from of [0, 5]) {
          const window = kmapLocalFolio(machine.task(), folio, from);
          expect(window.length).to.equal(count * PAGE - from);
          const seen = pages.map((_, n) => window.load8(Math.max(0, n * PAGE - from)));
          expect(seen).to.deep.equal(pages.map(({ pfn }) => pfn));
          window.store16(PAGE - 1 - from, 0xbbaa);
          expect(
            pages.slice(0, 2).map((page, n) => machine.physical(page)[n === 0 ? PAGE - 1 : 0]),
          ).to.deep.equal([0xaa, 0xbb]);
          window.store16(PAGE - 1 - from, pages[1]!.pfn * 256);
          expect(window.bytes.at(-1)).to.equal(pages.at(-1)!.pfn);
          kunmapLocal(machine.executing, window);
        }
      });

  it('says which folios are reached one page at a time', () => {
    const answers = Object.values(REACH).map((options) => {
      const { machine, low, high } = setUp(options);
      return [folioTestPartialKmap(machine, low), folioTestPartialKmap(machine, high)];
    });
    expect(answers).to.deep.equal([
      [false, false],
      [false, true],
      [true, true],
    ]);
  });

  it('refuses the end of the folio on a strict machine', () => {
    const { task, high } = setUp();
    expect(violationOf(() => kmapLocalFolio(task, high, 4 * PAGE))).to.equal('range-overrun');
    expect(task.localMaps.idx).to.equal(0);
  });

  it('maps the page that happens to follow on a compatible one', () => {
    const { task, high } = setUp(AS_LINUX);
    expect(kmapLocalFolio(task, high, 4 * PAGE).page.pfn).to.equal(high.head.pfn + 4);
  });

  it('is released by folio_release_kmap as by kunmap_local', () => {
    const { task, high } = setUp();
    const window = kmapLocalFolio(task, high, 0);
    folioReleaseKmap(task, window);
    expect(task.localMaps.idx).to.equal(0);
    expect(violationOf(() => kunmapLocal(task, window))).to.equal('double-unmap');
  });

  it('takes whole places only', () => {
    const { task, high } = setUp();
    for (const offset of [-1, 0.5, NaN])
      expect(violationOf(() => kmapLocalFolio(task, high, offset))).to.equal('bad-number');
    expect(task.localMaps.idx).to.equal(0);
  });
});
