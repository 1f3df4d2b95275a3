import { expect } from 'chai';
import { memcpyFromPage, memcpyPage, memcpyToPage, memsetPage, memzeroPage } from 'scatterlist/machine';
import type { Context } from 'scatterlist/machine';
import type { Page } from 'scatterlist';
import { PAGE, REACH, setUp, contents, flushed, maps } from './folio-fixture.ts';
import { AS_LINUX, violationOf } from '../violations.ts';

// Each helper on a range of one page.
const HELPERS: Readonly<
  Record<string, (context: Context, page: Page, other: Page, offset: number, length: number) => void>
> = {
  memcpy_page: (c, page, other, offset, length) => {
    memcpyPage(c, page, offset, other, 0, length);
  },
  'memcpy_page, from': (c, page, other, offset, length) => {
    memcpyPage(c, other, 0, page, offset, length);
  },
  memcpy_from_page: (c, page, _, offset, length) => {
    memcpyFromPage(c, new Uint8Array(length), page, offset);
  },
  memcpy_to_page: (c, page, _, offset, length) => {
    memcpyToPage(c, page, offset, new Uint8Array(length));
  },
  memset_page: (c, page, _, offset, length) => {
    memsetPage(c, page, offset, 1, length);
  },
  memzero_page: (c, page, _, offset, length) => {
    memzeroPage(c, page, offset, length);
  },
};

describe('copying to and from a page', () => {
  for (const [reach, options] of Object.entries(REACH)) {
    it(`moves the bytes asked for and no others, ${reach}`, () => {
      const { machine, task, low, high } = setUp(options);
      const was = contents(machine, high);
      const read = new Uint8Array(10);
      memcpyFromPage(task, read, low.page(1), 20);
      expect(read).to.deep.equal(contents(machine, low).slice(PAGE + 20, PAGE + 30));
      memcpyToPage(task, high.page(0), 3, read);
      was.set(read, 3);
      memcpyPage(task, high.page(0), 100, low.page(2), 5, 50);
      was.set(contents(machine, low).subarray(2 * PAGE + 5, 2 * PAGE + 55), 100);
      memsetPage(task, high.page(1), 0, 0x1ff, PAGE);
      was.fill(0xff, PAGE, 2 * PAGE);
      memzeroPage(task, high.page(3), PAGE - 1, 1);
      was.fill(0, 4 * PAGE - 1);
      expect(contents(machine, high)).to.deep.equal(was);
      expect(task.localMaps.idx).to.equal(0);
    });
  }

  it('flushes where Linux does: after memcpy_to_page and memzero_page', () => {
    for (const [name, run] of Object.entries(HELPERS)) {
      const { machine, task, low, high } = setUp();
      run(task, high.head, low.head, 1, 2);
      const expected = /to_page|memzero/.test(name) ? [high.head.pfn] : [];
      expect(flushed(machine), name).to.deep.equal(expected);
    }
  });

  it('memcpy_page maps where it copies to first and releases it last', () => {
    const { machine, task, low, high } = setUp();
    memcpyPage(task, high.head, 0, low.head, 0, 1);
    const to = String(high.head.pfn);
    const from = String(low.head.pfn);
    expect(maps(machine)).to.deep.equal([`map ${to}`, `map ${from}`, `unmap ${from}`, `unmap ${to}`]);
  });

  for (const [name, run] of Object.entries(HELPERS)) {
    it(`${name} reports a range over the end of the page: strict before it maps, compatible after`, () => {
      const strict = setUp();
      expect(
        violationOf(() => {
          run(strict.task, strict.high.head, strict.low.head, PAGE - 1, 2);
        }),
      ).to.equal('range-overrun');
      expect(maps(strict.machine)).to.deep.equal([]);
      const compatible = setUp(AS_LINUX);
      expect(
        violationOf(() => {
          run(compatible.task, compatible.high.head, compatible.low.head, PAGE - 1, 2);
        }),
      ).to.equal('range-overrun');
      expect(compatible.task.localMaps.idx).to.equal(1);
    });
  }
});
