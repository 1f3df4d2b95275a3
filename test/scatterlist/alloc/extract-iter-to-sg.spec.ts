import { expect } from 'chai';
import {
  SgTable,
  createMachine,
  extractIterToSg,
  iovIterBvec,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterUser,
  sgAllocTable,
  sgNents,
  unpinUserPage,
} from 'scatterlist';
import type { SgOptions } from 'scatterlist';
import { Folio } from 'scatterlist/machine';
import { PAGE, entryOf, page, pages } from '../sg-fixture.ts';

const COMPATIBLE = { semantics: 'compatible' } as const;

/** A table of 8 slots that holds nothing yet. */
function emptyTable(how: SgOptions = {}): SgTable<'lowmem'> {
  const made = sgAllocTable<'lowmem'>(8, how);
  if (!made.ok) throw new Error(made.error.code);
  const table = new SgTable<'lowmem'>();
  table.sgl = made.value.sgl;
  table.how = how;
  return table;
}

function filled(table: SgTable): readonly (readonly number[])[] {
  return Array.from({ length: table.nents }, (_, i) => entryOf(table.sgl!.array.entry(i)));
}

describe('extractIterToSg', () => {
  it('takes nothing where nothing may be taken', () => {
    const iter = iovIterBvec([{ page: page(1), offset: 0, length: 10 }]);
    expect(extractIterToSg(iter, emptyTable(), { maxBytes: 0, maxEntries: 1 })).to.deep.include({ value: 0 });
    expect(extractIterToSg(iter, emptyTable(), { maxBytes: 9, maxEntries: 0 })).to.deep.include({ value: 0 });
    expect(iter.count).to.equal(10);
  });

  it('takes a part, the remainder, the tail', () => {
    const iter = iovIterUser([{ pages: pages(7, 3, 9), offset: 100, length: 2 * PAGE }]);
    const table = emptyTable();
    const take = (maxBytes: number, maxEntries: number) =>
      extractIterToSg(iter, table, { maxBytes, maxEntries });
    expect(take(1e6, 1)).to.deep.include({ value: PAGE - 100 });
    expect(take(1000, 4)).to.deep.include({ value: 1000 });
    expect(take(1e6, 4)).to.deep.include({ value: 2 * PAGE - (PAGE - 100) - 1000 });
    expect(take(1e6, 1)).to.deep.include({ value: 0 });
    expect(filled(table)).to.deep.equal([
      [7, 100, PAGE - 100],
      [3, 0, 1000],
      [3, 1000, PAGE - 1000],
      [9, 0, 100],
    ]);
  });

  it('makes one entry of each run and folio', () => {
    const table = emptyTable();
    const limits = { maxBytes: 1e6, maxEntries: 2 };
    void extractIterToSg(iovIterBvec([{ page: page(1), offset: 5000, length: 9000 }]), table, limits);
    void extractIterToSg(iovIterFolioQueue([new Folio(page(8), 4)]), table, limits);
    expect(filled(table)).to.deep.equal([
      [1, 5000, 9000],
      [8, 0, 4 * PAGE],
    ]);
  });

  it('pins the pages of users, once for each entry, and no others', () => {
    const iter = iovIterUser([{ pages: pages(7, 7), offset: 0, length: 2 * PAGE }]);
    const table = emptyTable();
    void extractIterToSg(iter, table, { maxBytes: 1e6, maxEntries: 8 });
    expect([...iter.pins]).to.deep.equal([[page(7), 2]]);
    for (const sg of table) if (sg.page !== null) unpinUserPage(iter, sg.page);
    expect(iter.pins.size).to.equal(0);
    const bvec = iovIterBvec([{ page: page(1), offset: 0, length: 10 }]);
    void extractIterToSg(bvec, emptyTable(), { maxBytes: 10, maxEntries: 1 });
    expect(bvec.pins.size).to.equal(0);
  });

  it('keeps counts and end mark right (strict), or counts in nents only (compatible)', () => {
    for (const how of [{}, COMPATIBLE]) {
      const table = emptyTable(how);
      const iter = iovIterUser([{ pages: pages(7, 3, 9), offset: 0, length: 3 * PAGE }]);
      void extractIterToSg(iter, table, { maxBytes: PAGE, maxEntries: 8 });
      void extractIterToSg(iter, table, { maxBytes: 1e6, maxEntries: 7 });
      expect(table.nents).to.equal(3);
      expect([table.origNents, sgNents(table.sgl)]).to.deep.equal(how === COMPATIBLE ? [0, 8] : [3, 3]);
    }
  });

  it('fills as many slots as are free, and says how many those are', () => {
    const iter = () => iovIterUser([{ pages: pages(7, 3, 9), offset: 0, length: 3 * PAGE }]);
    const refused = (got: number, free: number) => ({
      ok: false,
      error: {
        code: 'InvalidArgument',
        argument: 'maxEntries',
        got,
        expected: `at most the ${String(free)} free slots of the array`,
      },
    });
    const table = emptyTable();
    expect(extractIterToSg(iter(), table, { maxBytes: 1, maxEntries: 9 })).to.deep.equal(refused(9, 8));
    expect(extractIterToSg(iter(), table, { maxBytes: PAGE + 1, maxEntries: 8 })).to.deep.include({
      value: PAGE + 1,
    });
    expect(extractIterToSg(iter(), table, { maxBytes: 1, maxEntries: 7 })).to.deep.equal(refused(7, 6));
    expect(extractIterToSg(iter(), table, { maxBytes: 1e6, maxEntries: 6 })).to.deep.include({
      value: 3 * PAGE,
    });
    expect(extractIterToSg(iter(), new SgTable(), { maxBytes: 1, maxEntries: 1 })).to.deep.equal(
      refused(1, 0),
    );
    const within = emptyTable();
    within.sgl = within.sgl!.array.entry(5);
    expect(extractIterToSg(iter(), within, { maxBytes: 1, maxEntries: 4 })).to.deep.equal(refused(4, 3));
    expect(extractIterToSg(iter(), within, { maxBytes: 1e6, maxEntries: 3 })).to.deep.include({
      value: 3 * PAGE,
    });
    expect(within.nents).to.equal(3);
    expect([4, 5, 6, 7].map((slot) => entryOf(within.sgl!.array.entry(slot))[0])).to.deep.equal([
      -1, 7, 3, 9,
    ]);
    expect(sgNents(within.sgl)).to.equal(3);
    for (const limits of [
      { maxBytes: -1, maxEntries: 1 },
      { maxBytes: 1, maxEntries: -1 },
    ])
      expect(extractIterToSg(iter(), emptyTable(), limits)).to.have.nested.property(
        'error.expected',
        'a whole number from 0 to 9007199254740991',
      );
  });

  it('leaves marks and counts alone where there was nothing to take', () => {
    const table = emptyTable();
    const iter = iovIterUser([{ pages: pages(7), offset: 0, length: 10 }]);
    void extractIterToSg(iter, table, { maxBytes: 10, maxEntries: 2 });
    expect(extractIterToSg(iter, table, { maxBytes: 10, maxEntries: 2 })).to.deep.include({ value: 0 });
    expect([table.nents, table.origNents, sgNents(table.sgl)]).to.deep.equal([1, 1, 1]);
  });

  it('refuses a discard iterator, and more entries than there are slots', () => {
    const machine = createMachine({ onViolation: 'record' });
    const limits = { maxBytes: 1, maxEntries: 1 };
    expect(extractIterToSg(iovIterDiscard(9), emptyTable({ machine }), limits)).to.have.nested.property(
      'error.code',
      'NotSupported',
    );
    expect(machine.violations.map(({ rule }) => rule)).to.deep.equal(['sg-discard-iterator']);
    const iter = iovIterBvec([{ page: page(1), offset: 0, length: 10 }]);
    expect(extractIterToSg(iter, emptyTable(), { maxBytes: 1, maxEntries: 9 })).to.have.nested.property(
      'error.code',
      'InvalidArgument',
    );
  });
});
