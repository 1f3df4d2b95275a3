import { expect } from 'chai';
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
