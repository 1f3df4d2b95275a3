import { expect } from 'chai';
import fc from 'fast-check';
import { SgArray, sgAssignPage, sgChain, sgInitMarker, sgMarkEnd, sgSetPage, sgUnmarkEnd } from 'scatterlist';
import { SG_CHAIN, SG_END } from '../../../lib/scatterlist/list/sg-array.ts';
import { violationOf } from '../../kernel/violations.ts';
import { PAGE, entryOf, machine, page, pages } from '../sg-fixture.ts';

describe('SgArray', () => {
  it('has one pointer object for each slot', () => {
    const array = new SgArray(4);
    expect(array.entry(2)).to.equal(array.entry(2));
    expect(array.entry(2)).to.not.equal(array.entry(3));
  });

  for (const slots of [1, 16, 17, 128, 5000]) {
    it(`keeps ${String(slots)} slots apart from those of other arrays`, () => {
      const arrays = [0, 1, 2].map(() => new SgArray(slots));
      for (const [i, array] of arrays.entries()) {
        for (let slot = 0; slot < slots; slot += 1) {
          array.set(slot, null, 10 * (i + 1), i + 1);
          array.mark(slot, SG_END * i);
        }
      }
      for (const [i, array] of arrays.entries()) {
        expect(new Set(array.offsets)).to.deep.equal(new Set([i + 1]));
        expect(new Set(array.lengths)).to.deep.equal(new Set([10 * (i + 1)]));
        expect(new Set(array.marks)).to.deep.equal(new Set([SG_END * i]));
        expect([
          array.offsets.length,
          array.lengths.length,
          array.marks.length,
          array.pages.length,
        ]).to.deep.equal([slots, slots, slots, slots]);
      }
    });
  }

  it('shares buffers between arrays of some size, and with no array that is short or fills a quarter of one', () => {
    const buffersOf = (slots: number): readonly unknown[] =>
      [new SgArray(slots), new SgArray(slots)].flatMap(({ offsets, lengths, marks }) =>
        [offsets, lengths, marks].map((field) => (field as Uint32Array).buffer),
      );
    const shared = (slots: number): number => new Set(buffersOf(slots)).size;
    expect([1, 16, 911].map(shared)).to.deep.equal([6, 6, 6]);
    // A new buffer may begin between the two.
    for (const slots of [17, 100, 910]) {
      expect(shared(slots), String(slots)).to.be.at.most(2);
      expect((buffersOf(slots)[0] as ArrayBuffer).byteLength, String(slots)).to.equal(32768);
    }
  });

  it('has as many slots, marks and links as it says, and takes none beyond', () => {
    const array = new SgArray<'lowmem'>(3);
    for (const [act, said] of [
      [() => array.set(3, null, 0, 0), 'is 3; it must be a whole number from 0 to 2'],
      [() => array.mark(3, 0), 'is 3; it must be a whole number from 0 to 2'],
      [() => array.mark(0, 256), 'marks is 256; it must be a whole number from 0 to 255'],
      [() => array.mark(0, -1), 'marks is -1'],
      [() => array.setOffset(3, 0), 'is 3'],
      [() => array.setLink(3, array.entry(0)), 'is 3'],
      [() => array.clear(4), 'slots is 4; it must be a whole number from 0 to 3'],
      [() => array.entry(3), 'entry of an array of 3 slots is 3; it must be a whole number from 0 to 2'],
      [() => new SgArray(2 ** 24 + 1), 'is 16777217; it must be a whole number from 0 to 16777216'],
    ] as const)
      expect(act, act.toString()).to.throw(RangeError, said);
    array.mark(2, 255);
    array.clear(3);
    expect([array.marks[2], array.firstMark, new SgArray(0).slots]).to.deep.equal([0, 3, 0]);
  });

  it('refuses runs that are not there, and slots for them that are not', () => {
    const array = new SgArray<'lowmem'>(3);
    const runs = { pages: pages(1, 2, 5), ends: Int32Array.of(1, 2, 3) };
    const set =
      (slot: number, run: number, count: number, pageSize: number = PAGE, of = runs) =>
      () =>
        array.setRuns(slot, of, run, count, pageSize);
    for (const [act, said] of [
      [set(4, 1, 0), 'slot is 4; it must be a whole number from 0 to 3'],
      [set(0, 0, 1), 'run is 0; it must be a whole number from 1 to 3'],
      [set(0, 4, 0), 'run is 4'],
      [set(2, 1, 2), 'count is 2; it must be a whole number from 0 to 1'],
      [set(0, 1, 3), 'count is 3; it must be a whole number from 0 to 2'],
      [set(0, 1, 1, PAGE + 1), `pageSize is ${String(PAGE + 1)}`],
      [set(0, 1, 2, PAGE, { ...runs, ends: Int32Array.of(1, 2, 4) }), 'the end of the last run is 4'],
    ] as const)
      expect(act, said).to.throw(RangeError, said);
    expect([...array.lengths]).to.deep.equal([0, 0, 0]);
    expect(set(1, 1, 2)()).to.equal(3);
    expect(array.pages.map((it) => it?.pfn)).to.deep.equal([undefined, 2, 5]);
    expect(set(3, 3, 0)()).to.equal(3);
  });

  it('clears the DMA fields of the first slots', () => {
    const array = new SgArray(3);
    const { addresses, lengths, flags } = array.dma;
    for (const field of [addresses, lengths, flags]) field.fill(1);
    array.clear(2);
    expect([addresses, lengths, flags].map((field) => [...field])).to.deep.equal([
      [0, 0, 1],
      [0, 0, 1],
      [0, 0, 1],
    ]);
    expect([addresses.length, lengths.length, flags.length]).to.deep.equal([3, 3, 3]);
  });

  it('keeps a link for each slot that has one, and the last that was set', () => {
    const [array, other] = [new SgArray(4), new SgArray(2)];
    array.setLink(1, other.entry(0));
    array.setLink(3, array.entry(2));
    array.setLink(1, other.entry(1));
    expect([0, 1, 2, 3].map((slot) => array.linkAt(slot))).to.deep.equal([
      undefined,
      other.entry(1),
      undefined,
      array.entry(2),
    ]);
  });

  it('begins empty, also behind arrays that were filled', () => {
    for (let i = 0; i < 100; i += 1) {
      const array = new SgArray(100);
      expect(new Set([...array.offsets, ...array.lengths, ...array.marks])).to.deep.equal(new Set([0]));
      for (let slot = 0; slot < 100; slot += 1) {
        array.set(slot, null, 9, 9);
        array.mark(slot, 9);
      }
    }
  });

  it('clears the first slots and no others', () => {
    const array = new SgArray<'lowmem'>(3);
    for (const slot of [0, 1, 2]) sgSetPage(array.entry(slot), page(slot + 1), 10, 20);
    array.dma.lengths.fill(7);
    array.clear(2);
    expect(array.pages.map((p) => p?.pfn)).to.deep.equal([undefined, undefined, 3]);
    expect([...array.lengths]).to.deep.equal([0, 0, 10]);
    expect([...array.dma.lengths]).to.deep.equal([0, 0, 7]);
  });

  it('knows its first mark, whatever is marked, unmarked and cleared', () => {
    const operation = fc.oneof(
      { weight: 8, arbitrary: fc.record({ mark: fc.constantFrom(0, SG_END, SG_CHAIN), slot: fc.nat(8) }) },
      { weight: 1, arbitrary: fc.record({ clear: fc.nat(9) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const array = new SgArray(9);
        for (const one of operations) {
          if ('clear' in one) array.clear(one.clear);
          else array.mark(one.slot, one.mark);
          const first = [...array.marks].findIndex((marks) => marks !== 0);
          expect(array.firstMark).to.equal(first < 0 ? 9 : first);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('counts every change of an entry, and no other', () => {
    const array = new SgArray<'lowmem'>(4);
    const other = new SgArray<'lowmem'>(1);
    const sg = array.entry(1);
    const changes: readonly (() => void)[] = [
      () => array.set(1, page(1), 10, 20),
      () => array.mark(1, SG_END),
      () => array.setLink(3, other.entry(0)),
      () => array.setLink(3, array.entry(0)),
      () => array.clear(1),
      () => (sg.length = 5),
      () => (sg.offset = 6),
      () => sgSetPage(sg, page(2), 10, 20),
      () => sgAssignPage(sg, page(3)),
      () => array.setRuns(1, { pages: [page(3), page(5)], ends: Int32Array.of(1, 2) }, 1, 1, PAGE),
      () => sgInitMarker(array, 2),
      () => sgUnmarkEnd(sg),
      () => sgMarkEnd(sg),
      () => sgChain(array, 4, other.entry(0)),
    ];
    for (const [i, change] of changes.entries()) {
      const [one, two] = [{ holds: true }, { holds: true }];
      array.tell(one);
      array.tell(two);
      array.tell(one);
      change();
      expect([one.holds, two.holds], String(i)).to.deep.equal([false, false]);
    }
    const [reader, done, otherReader] = [{ holds: true }, { holds: true }, { holds: true }];
    array.tell(done);
    array.tell(reader);
    other.tell(otherReader);
    done.holds = false;
    array.tell(reader);
    array.dma.lengths.fill(7);
    array.entry(2);
    expect([reader.holds, otherReader.holds, array.linkAt(3)]).to.deep.equal([true, true, other.entry(0)]);
    sg.length = 7;
    expect([reader.holds, otherReader.holds]).to.deep.equal([false, true]);
  });

  it('tells each reader once, and none that needs it no more', () => {
    const array = new SgArray(2);
    const told: string[] = [];
    const readerOf = (name: string) => ({
      isHolding: true,
      get holds() {
        return this.isHolding;
      },
      set holds(holds: boolean) {
        told.push(name);
        this.isHolding = holds;
      },
    });
    const [one, two, done] = ['one', 'two', 'done'].map(readerOf);
    array.tell(done!);
    array.tell(one!);
    array.tell(one!);
    done!.isHolding = false;
    array.tell(two!);
    array.mark(0, 1);
    array.mark(0, 0);
    expect(told).to.deep.equal(['one', 'two']);
  });

  it('sets slots to runs of whole pages, whatever was there, and keeps their marks', () => {
    const array = new SgArray<'lowmem'>(5);
    for (let slot = 0; slot < 5; slot += 1) array.set(slot, page(9), 7, 7);
    array.mark(3, SG_END);
    const runs = { pages: pages(1, 2, 5, 7, 8, 9), ends: Int32Array.of(2, 3, 6) };
    expect(array.setRuns(2, runs, 1, 2, PAGE)).to.equal(6);
    expect(array.pages.map((it) => it?.pfn)).to.deep.equal([9, 9, 5, 7, 9]);
    expect([...array.lengths]).to.deep.equal([7, 7, PAGE, 3 * PAGE, 7]);
    expect([...array.offsets]).to.deep.equal([7, 7, 0, 0, 7]);
    expect([...array.marks]).to.deep.equal([0, 0, 0, SG_END, 0]);
  });

  it('has entries whose length and offset are set as in C', () => {
    const array = new SgArray<'lowmem'>(2);
    const sg = array.entry(1);
    sgSetPage(sg, page(4), 10, 20);
    sgMarkEnd(sg);
    sg.length = 30;
    expect([sg.page, sg.offset, sg.length, sg.isLast]).to.deep.equal([page(4), 20, 30, true]);
    sg.offset = 40;
    expect([sg.page, sg.offset, sg.length, sg.isLast]).to.deep.equal([page(4), 40, 30, true]);
    expect(array.entry(0).length).to.equal(0);
  });

  it('refuses what C would store as something else or past the array, and changes nothing', () => {
    const array = new SgArray<'lowmem'>(2);
    const sg = array.entry(1);
    sgSetPage(sg, page(4), 10, 20);
    for (const bad of [-1, 1.5, NaN, Infinity, 2 ** 32, 2 ** 53]) {
      expect(
        violationOf(() => (sg.length = bad)),
        `length ${String(bad)}`,
      ).to.equal('sg-field-width');
      expect(
        violationOf(() => (sg.offset = bad)),
        `offset ${String(bad)}`,
      ).to.equal('sg-field-width');
      for (const act of [
        () => array.set(bad, page(1), 1, 0),
        () => array.set(bad, null, 0, 0),
        () => {
          array.setOffset(bad, 0);
        },
        () => {
          array.mark(bad, 1);
        },
        () => {
          array.setLink(bad, sg);
        },
        () => {
          array.clear(bad);
        },
        () => array.entry(bad),
        () => array.setRuns(bad, { pages: [page(1)], ends: Int32Array.of(0, 1) }, 1, 1, PAGE),
        () => new SgArray(bad),
      ])
        expect(act, act.toString()).to.throw(RangeError, `is ${String(bad)}; it must be a whole number`);
    }
    expect(() => array.entry(2)).to.throw(RangeError, 'is 2; it must be a whole number from 0 to 1');
    expect([entryOf(array.entry(0)), entryOf(sg), array.firstMark]).to.deep.equal([
      [-1, 0, 0],
      [4, 20, 10],
      2,
    ]);
  });

  it('lets offset and length follow one another, as C sets them, and looks when both are there', () => {
    const last = machine.hardware.memory.ramEnd - 1;
    const sg = new SgArray<'lowmem'>(1).entry(0);
    sgSetPage(sg, page(last), PAGE, 0);
    sg.offset += 100;
    sg.length -= 100;
    expect(entryOf(sg)).to.deep.equal([last, 100, PAGE - 100]);
    expect(violationOf(() => (sg.length += 1))).to.equal('sg-entry-range');
    expect(violationOf(() => (sg.offset = PAGE + 1))).to.equal('sg-entry-range');
    expect(entryOf(sg)).to.deep.equal([last, 100, PAGE - 100]);
  });

  it('has DMA fields and links only where something was set', () => {
    const array = new SgArray(2);
    expect(array.dmaIfMapped).to.equal(undefined);
    expect(array.linkAt(1)).to.equal(undefined);
    sgChain(array, 2, array.entry(0));
    expect(array.linkAt(1)).to.equal(array.entry(0));
    expect(array.dma).to.equal(array.dmaIfMapped);
  });
});
