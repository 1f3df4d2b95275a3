import { expect } from 'chai';
import fc from 'fast-check';
import {
  TrackingAllocator,
  dmaAddr,
  forEachSg,
  mappedNents,
  sgDmaAddress,
  sgDmaLen,
  sgNents,
  sgSetDma,
  sgSplit,
} from 'scatterlist';
import type { SgEntry, SgOptions } from 'scatterlist';
import { addressesOf, anyList, entriesOf, list } from '../sg-fixture.ts';

const COMPATIBLE = { semantics: 'compatible' } as const;
const NOT_MAPPED = mappedNents(0);

const twoTens = () =>
  list([
    [1, 0, 10],
    [3, 0, 10],
  ]);

function parts(sgl: SgEntry | null, skip: number, sizes: readonly number[], how: SgOptions = {}) {
  const made = sgSplit(sgl, NOT_MAPPED, skip, sizes, how);
  return made.ok ? made.value.map((part) => entriesOf(part.sgl)) : made.error.code;
}

/** Bus addresses of every byte of the first segments. */
function busAddresses(sgl: SgEntry, nents: number): readonly number[] {
  return Array.from(forEachSg(sgl, nents)).flatMap((sg) =>
    Array.from({ length: sgDmaLen(sg) }, (_, i) => sgDmaAddress(sg) + i),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

describe('sgSplit', () => {
  it('cuts between and inside entries', () => {
    expect(parts(twoTens(), 0, [10, 10])).to.deep.equal([[[1, 0, 10]], [[3, 0, 10]]]);
    expect(parts(twoTens(), 3, [4, 5, 6])).to.deep.equal([
      [[1, 3, 4]],
      [
        [1, 7, 3],
        [3, 0, 2],
      ],
      [[3, 2, 6]],
    ]);
  });

  it('gives each part the bytes a plain cut gives, and no empty entry', () => {
    fc.assert(
      fc.property(
        anyList,
        fc.nat({ max: 400 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 }),
        (shape, skip, sizes) => {
          const sgl = list(shape.entries, shape.chunks);
          const bytes = addressesOf(sgl);
          const allocator = new TrackingAllocator();
          const made = sgSplit(sgl, NOT_MAPPED, skip, sizes, { allocator });
          expect(made.ok).to.equal(skip + sum(sizes) <= bytes.length);
          if (!made.ok) {
            expect(made.error.code).to.equal('OutOfRange');
            expect(allocator.live).to.equal(0);
            return;
          }
          let at = skip;
          for (const [i, part] of made.value.entries()) {
            const size = sizes[i] ?? 0;
            expect(addressesOf(part.sgl)).to.deep.equal(bytes.slice(at, at + size));
            expect(entriesOf(part.sgl).every(([, , length]) => length !== 0)).to.be.true;
            expect(part.mappedNents).to.equal(sgNents(part.sgl));
            at += size;
          }
        },
      ),
    );
  });

  it("cuts the device's segments where they lie, whatever the entries are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
        fc.nat({ max: 50 }),
        (lengths, sizes, skip) => {
          const total = sum(lengths);
          fc.pre(skip + sum(sizes) <= total);
          const sgl = list(lengths.map((length, i) => [2 * i, 0, length]))!;
          // The device sees all in two segments, or one where there is one entry.
          const first = Math.min(total, 7);
          const segments = lengths.length === 1 ? [total] : [first, total - first];
          for (const [i, sg] of [...forEachSg(sgl, segments.length)].entries())
            sgSetDma(sg, dmaAddr(0x10000 * (i + 1)), segments[i] ?? 0);
          const bytes = busAddresses(sgl, segments.length);
          const made = sgSplit(sgl, mappedNents(segments.length), skip, sizes);
          if (!made.ok) throw new Error(made.error.code);
          let at = skip;
          for (const [i, part] of made.value.entries()) {
            const size = sizes[i] ?? 0;
            expect(busAddresses(part.sgl, part.mappedNents)).to.deep.equal(bytes.slice(at, at + size));
            at += size;
          }
        },
      ),
    );
  });

  it('refuses what is not there', () => {
    for (const how of [{}, COMPATIBLE]) {
      expect(parts(twoTens(), 0, [21], how)).to.equal('OutOfRange');
      expect(parts(twoTens(), 15, [6], how)).to.equal('OutOfRange');
      expect(parts(twoTens(), 0, [], how)).to.equal('InvalidArgument');
      expect(parts(null, 0, [1], how)).to.equal('OutOfRange');
    }
  });

  it('refuses a size of 0 (strict), or makes a list of bytes of it (compatible)', () => {
    expect(parts(twoTens(), 0, [0])).to.equal('InvalidArgument');
    expect(parts(twoTens(), 0, [0], COMPATIBLE)).to.deep.equal([
      [
        [1, 0, 10],
        [3, 0, 0],
      ],
    ]);
  });

  it('begins behind an entry that skip ends at (strict), or with nothing of it (compatible)', () => {
    expect(parts(twoTens(), 10, [10])).to.deep.equal([[[3, 0, 10]]]);
    expect(parts(twoTens(), 10, [10], COMPATIBLE)).to.deep.equal([
      [
        [1, 10, 0],
        [3, 0, 10],
      ],
    ]);
  });

  it('ends inside an entry (strict), or runs on to the end of the list (compatible)', () => {
    const three = () =>
      list([
        [1, 0, 10],
        [3, 0, 10],
        [5, 0, 10],
      ]);
    expect(parts(three(), 0, [2, 3])).to.deep.equal([[[1, 0, 2]], [[1, 2, 3]]]);
    expect(parts(three(), 0, [2, 3], COMPATIBLE)).to.deep.equal([
      [[1, 0, 2]],
      [
        [1, 2, 8],
        [3, 0, 10],
        [5, 0, 0],
      ],
    ]);
  });

  it('makes room for more segments than entries (strict), or refuses them (compatible)', () => {
    // One entry in the part, two segments: Linux writes behind the array it made for one.
    const sgl = () =>
      list([
        [1, 0, 20, 0x1000, 5],
        [3, 0, 10, 0x2000, 25],
      ]);
    const made = sgSplit(sgl(), mappedNents(2), 0, [20]);
    if (!made.ok) throw new Error(made.error.code);
    expect(made.value[0]?.mappedNents).to.equal(2);
    expect(made.value[0]?.origNents).to.equal(1);
    expect(busAddresses(made.value[0]!.sgl, 2)).to.deep.equal([
      ...Array.from({ length: 5 }, (_, i) => 0x1000 + i),
      ...Array.from({ length: 15 }, (_, i) => 0x2000 + i),
    ]);
    expect(addressesOf(made.value[0]!.sgl)).to.have.length(20);
    const allocator = new TrackingAllocator();
    const refused = sgSplit(sgl(), mappedNents(2), 0, [20], { ...COMPATIBLE, allocator });
    expect(refused).to.have.nested.property('error.code', 'InvalidArgument');
    expect(allocator.live).to.equal(0);
  });

  it('names what it refuses, with the numbers', () => {
    const wrong = (argument: string, got: number, least: number) => ({
      code: 'InvalidArgument',
      argument,
      got,
      expected: `a whole number from ${String(least)} to 9007199254740991`,
    });
    const error = (skip: number, sizes: readonly number[], mapped = 0, how: SgOptions = {}): unknown => {
      const made = sgSplit(twoTens(), mappedNents(mapped), skip, sizes, how);
      return made.ok ? 'made' : made.error;
    };
    expect(error(0, [5, -1])).to.deep.equal(wrong('sizes', -1, 1));
    expect(error(0, [5, 0])).to.deep.equal(wrong('sizes', 0, 1));
    expect(error(-1, [5])).to.deep.equal(wrong('skip', -1, 0));
    expect(error(0, [5], -1)).to.deep.equal(wrong('mapped', -1, 0));
    expect(error(0, [])).to.deep.equal({
      code: 'InvalidArgument',
      argument: 'sizes',
      got: 0,
      expected: 'at least 1',
    });
    for (const how of [{}, COMPATIBLE])
      expect(error(3, [5, 13], 0, how)).to.deep.equal({ code: 'OutOfRange', haveBytes: 20, wantBytes: 21 });
    expect([error(3, [5, 12]), error(0, [20]), error(0, [1], 0)]).to.deep.equal(['made', 'made', 'made']);
    for (const [failAt, wanted] of [
      [0, 3],
      [1, 1],
      [2, 2],
    ] as const)
      expect(error(0, [5, 7, 8], 0, { allocator: new TrackingAllocator({ failAt }) })).to.deep.equal({
        code: 'NoMemory',
        wanted,
        available: 0,
      });
  });

  it('refuses segments that are shorter than the bytes asked for, and says how short', () => {
    for (const how of [{}, COMPATIBLE]) {
      const allocator = new TrackingAllocator();
      const sgl = list([
        [1, 0, 10, 0x1000, 9],
        [3, 0, 10, 0x2000, 8],
      ]);
      expect(sgSplit(sgl, mappedNents(2), 1, [9, 8], { ...how, allocator })).to.deep.equal({
        ok: false,
        error: { code: 'OutOfRange', haveBytes: 17, wantBytes: 18 },
      });
      expect(allocator.live).to.equal(0);
    }
  });

  it('counts the entries of each part, and the segments where it is mapped', () => {
    const sgl = () =>
      list([
        [1, 0, 10, 0x1000, 20],
        [3, 0, 10, 0, 0],
      ]);
    const counts = (mapped: number) => {
      const made = sgSplit(sgl(), mappedNents(mapped), 4, [3, 12]);
      if (!made.ok) throw new Error(made.error.code);
      return made.value.map((part) => [
        part.origNents,
        part.mappedNents,
        sgDmaAddress(part.sgl),
        sgDmaLen(part.sgl),
      ]);
    };
    expect(counts(0)).to.deep.equal([
      [1, 1, 0, 0],
      [2, 2, 0, 0],
    ]);
    expect(counts(1)).to.deep.equal([
      [1, 1, 0x1004, 3],
      [2, 1, 0x1007, 12],
    ]);
  });

  it('leaves nothing allocated whichever allocation fails', () => {
    for (const how of [{}, COMPATIBLE]) {
      for (let failAt = 0; failAt < 4; failAt += 1) {
        const allocator = new TrackingAllocator({ failAt });
        expect(parts(twoTens(), 0, [5, 5, 10], { ...how, allocator })).to.equal('NoMemory');
        expect(allocator.live).to.equal(0);
      }
    }
  });
});
