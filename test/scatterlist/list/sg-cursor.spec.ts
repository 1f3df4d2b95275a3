import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Machine } from 'scatterlist';
import { SgCursor } from '../../../lib/scatterlist/list/sg-cursor.ts';
import { buildList } from '../../vectors/lists.ts';
import type { Entry } from '../../vectors/lists.ts';

const machine: Machine = createMachine({ lowmemPages: 2 ** 22 });

function cursor(
  entries: readonly Entry[],
  options: { strict?: boolean; wholeEntries?: boolean; nents?: number; chunks?: readonly number[] } = {},
): SgCursor {
  const { strict = true, wholeEntries = false, nents = entries.length } = options;
  const list = buildList(machine, { entries, chunks: options.chunks ?? [entries.length] });
  return new SgCursor(list, nents, { pageSize: machine.pageSize, strict, wholeEntries });
}

/** The chunks up to the end of the list: `[pfn, offset in page, length]`. */
function chunks(at: SgCursor): readonly (readonly number[])[] {
  const found: number[][] = [];
  while (at.load() && found.length < 20) {
    found.push([at.page.pfn, at.offset, at.remaining]);
    at.consume(at.remaining);
  }
  return found;
}

describe('SgCursor', () => {
  it('cuts entries at page boundaries, offsets beyond a page included', () => {
    expect(
      chunks(
        cursor([
          [3, 4090, 10],
          [9, 8200, 4096],
        ]),
      ),
    ).to.deep.equal([
      [3, 4090, 6],
      [4, 0, 4],
      [11, 8, 4088],
      [12, 0, 8],
    ]);
  });

  it('walks chained arrays as it walks one', () => {
    const entries = [
      [3, 0, 5],
      [4, 0, 6],
      [5, 0, 7],
    ];
    expect(chunks(cursor(entries, { chunks: [1, 1, 1] }))).to.deep.equal(chunks(cursor(entries)));
  });

  for (const strict of [true, false]) {
    it(`goes on in a later page of a whole entry after a skip, and then in the next one, ${strict ? 'strict' : 'compatible'}`, () => {
      const at = cursor(
        [
          [3, 0, 12288],
          [20, 0, 12288],
        ],
        { wholeEntries: true, strict },
      );
      expect(at.skip(4100)).to.equal(true);
      expect(chunks(at)).to.deep.equal([
        [4, 4, 8188],
        [20, 0, 12288],
      ]);
    });
  }

  it('gives whole entries to contiguous mappings', () => {
    expect(
      chunks(
        cursor(
          [
            [3, 4090, 10000],
            [9, 8200, 1],
          ],
          { wholeEntries: true },
        ),
      ),
    ).to.deep.equal([
      [3, 4090, 10000],
      [11, 8, 1],
    ]);
  });

  it('stops at the count and at the end mark, whichever is first', () => {
    const entries = [
      [3, 0, 5],
      [4, 0, 6],
    ];
    expect(chunks(cursor(entries, { nents: 1 }))).to.have.length(1);
    expect(chunks(cursor(entries, { nents: 9 }))).to.have.length(2);
    expect(chunks(cursor(entries, { nents: 0 }))).to.have.length(0);
  });

  it('skips across entries and says when the list ends first', () => {
    const at = cursor([
      [3, 0, 5],
      [4, 0, 6],
    ]);
    expect(at.skip(7)).to.equal(true);
    expect([at.page.pfn, at.offset, at.remaining]).to.deep.equal([4, 2, 4]);
    expect(at.skip(5)).to.equal(false);
  });

  it('is at an entry with a page, or says so', () => {
    expect(() => cursor([]).page).to.throw(RangeError, 'no page');
  });

  describe('an empty entry with an offset', () => {
    const entries = [
      [3, 100, 0],
      [4, 0, 6],
    ];

    it('strict: is passed over', () => {
      expect(chunks(cursor(entries))).to.deep.equal([[4, 0, 6]]);
    });

    it('compatible: is an empty chunk', () => {
      expect(chunks(cursor(entries, { strict: false }))).to.deep.equal([
        [3, 100, 0],
        [4, 0, 6],
      ]);
    });
  });

  describe('an empty entry at a multiple of the page size', () => {
    const entries = [
      [3, 4096, 0],
      [20, 0, 9000],
    ];

    it('strict: leaves the next entry whole', () => {
      expect(chunks(cursor(entries))).to.deep.equal([
        [20, 0, 4096],
        [21, 0, 4096],
        [22, 0, 808],
      ]);
    });

    it('compatible: makes the next entry lose its first page', () => {
      expect(chunks(cursor(entries, { strict: false }))).to.deep.equal([
        [4, 0, 0],
        [21, 0, 4096],
        [22, 0, 808],
      ]);
    });
  });

  describe('an entry that ends behind 32 bits', () => {
    const entries = [
      [3, 4096 + 16, 2 ** 32 - 4096],
      [20, 0, 6],
    ];

    it('strict: has all its bytes', () => {
      const at = cursor(entries);
      expect(at.skip(2 ** 32 - 4096)).to.equal(true);
      expect(at.load()).to.equal(true);
      expect(at.page.pfn).to.equal(20);
    });

    it('compatible: wraps to one page, and takes the next entry with it', () => {
      expect(chunks(cursor(entries, { strict: false }))).to.deep.equal([[4, 16, 4080]]);
    });
  });

  it('skips pages of an entry as it would one by one, and at once', () => {
    const entries = [
      [3, 4090, 20000],
      [9, 0, 0],
      [20, 8200, 4097],
      [30, 0, 2 ** 32 - 4096],
      [40, 5, 2 ** 32 - 100],
    ] as const;
    for (const skip of [
      0,
      1,
      6,
      7,
      4102,
      4103,
      19999,
      20000,
      20001,
      24097,
      2 ** 32 + 24096,
      2 ** 33 + 19900,
    ]) {
      const far = cursor(entries);
      expect(far.skip(skip)).to.equal(true);
      far.load();
      let before = 0;
      const at = entries.find(([, , length]) => (before += length) > skip);
      const inEntry = (at?.[1] ?? 0) + skip - (before - (at?.[2] ?? 0));
      const end = (at?.[1] ?? 0) + (at?.[2] ?? 0);
      expect([far.page.pfn, far.offset, far.remaining]).to.deep.equal([
        (at?.[0] ?? 0) + Math.floor(inEntry / 4096),
        inEntry % 4096,
        Math.min(end - inEntry, 4096 - (inEntry % 4096)),
      ]);
    }
    expect(cursor(entries).skip(2 ** 33 + 20001)).to.equal(false);
  });

  describe('consuming more than the chunk has', () => {
    it('wraps the rest to 4 GiB, for a machine that goes on after the report', () => {
      const at = cursor(
        [
          [3, 0, 100],
          [9, 0, 100],
        ],
        { strict: false },
      );
      at.load();
      at.consume(101);
      expect([at.offset, at.remaining]).to.deep.equal([101, 2 ** 32 - 1]);
      expect(at.load()).to.equal(true);
      expect(at.page.pfn).to.equal(3);
      at.consume(at.remaining);
      expect([at.offset, at.remaining]).to.deep.equal([100, 0]);
    });
  });
});
