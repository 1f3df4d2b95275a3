import { expect } from 'chai';
import fc from 'fast-check';
import { Footprint } from '../../lib/explore/footprint.ts';

const make = (fill: (footprint: Footprint) => void): Footprint => {
  const footprint = new Footprint();
  fill(footprint);
  return footprint;
};

describe('a footprint that only reads', () => {
  it('writes nothing but what is left out', () => {
    const isLeftOut = (id: number): boolean => id === 9;
    const make = (work: (footprint: Footprint) => void): boolean => {
      const footprint = new Footprint();
      footprint.read(1);
      footprint.range(0, 8, false);
      footprint.write(9);
      work(footprint);
      return footprint.onlyReads(isLeftOut);
    };
    expect(make(() => undefined)).to.equal(true);
    for (const work of [
      (footprint: Footprint): void => {
        footprint.write(2);
      },
      (footprint: Footprint): void => {
        footprint.range(4, 8, true);
      },
      (footprint: Footprint): void => {
        footprint.everything = true;
      },
    ])
      expect(make(work)).to.equal(false);
  });
});

describe('Footprint', () => {
  const read = make((f) => {
    f.read(1);
  });
  const write = make((f) => {
    f.write(1);
  });
  const other = make((f) => {
    f.write(2);
  });
  const load = make((f) => {
    f.range(10, 12, false);
  });
  const store = make((f) => {
    f.range(11, 13, true);
  });

  it('conflicts where one writes what the other touches', () => {
    expect(read.conflicts(write)).to.equal(true);
    expect(write.conflicts(read)).to.equal(true);
    expect(write.conflicts(write)).to.equal(true);
    expect(read.conflicts(read)).to.equal(false);
    expect(write.conflicts(other)).to.equal(false);
  });

  it('compares bytes by their ranges', () => {
    expect(load.conflicts(store)).to.equal(true);
    expect(load.conflicts(load)).to.equal(false);
    expect(
      store.conflicts(
        make((f) => {
          f.range(13, 20, true);
        }),
      ),
    ).to.equal(false);
  });

  it('adds up', () => {
    const both = make((f) => {
      f.merge(load);
      f.merge(other);
    });
    expect(both.conflicts(store)).to.equal(true);
    expect(both.conflicts(other)).to.equal(true);
    expect(both.conflicts(read)).to.equal(false);
  });

  it('conflicts with everything after something that is not tracked', () => {
    const wild = make((f) => {
      f.everything = true;
    });
    expect(wild.conflicts(new Footprint())).to.equal(true);
    expect(
      make((f) => {
        f.merge(wild);
      }).conflicts(read),
    ).to.equal(true);
  });

  it('looks at every range of both, from its first byte to its last', () => {
    const ranges = (...all: readonly (readonly [number, number, boolean])[]): Footprint =>
      make((f) => {
        for (const [from, to, isWrite] of all) f.range(from, to, isWrite);
      });
    const two = ranges([10, 12, false], [30, 34, true]);
    for (const [from, to, isWrite, expected] of [
      [8, 10, true, false],
      [8, 11, true, true],
      [11, 12, true, true],
      [12, 13, true, false],
      [10, 12, false, false],
      [29, 30, false, false],
      [29, 31, false, true],
      [33, 40, false, true],
      [34, 40, true, false],
      [0, 99, false, true],
    ] as const) {
      const name = `${String(from)} to ${String(to)}, ${String(isWrite)}`;
      expect(two.conflicts(ranges([from, to, isWrite])), name).to.equal(expected);
      expect(ranges([90, 91, true], [from, to, isWrite]).conflicts(two), name).to.equal(expected);
    }
  });

  it('merges what was read, too', () => {
    const merged = make((f) => {
      f.merge(read);
    });
    expect([merged.conflicts(write), merged.conflicts(read), merged.everything]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it('touches what another wrote, not what it only read or what is left out', () => {
    const [mine, theirs] = [new Footprint(), new Footprint()];
    const touches = (isLeftOut = (): boolean => false): boolean => mine.touches(theirs, isLeftOut);
    mine.read(1);
    theirs.read(1);
    expect(touches()).to.equal(false);
    theirs.write(1);
    expect([touches(), touches(() => true)]).to.deep.equal([true, false]);
    const [bytes, others] = [new Footprint(), new Footprint()];
    bytes.range(10, 20, false);
    others.range(15, 30, false);
    expect(bytes.touches(others, () => false)).to.equal(false);
    others.range(19, 30, true);
    expect(bytes.touches(others, () => true)).to.equal(true);
    expect(others.touches(bytes, () => false)).to.equal(false);
  });

  it('of very many things is told like one of few', () => {
    const many = make((f) => {
      for (let i = 0; i < 100_000; i += 1) {
        f.read(2 * i);
        f.write(2 * i + 1);
        f.read(2 * i);
      }
    });
    for (const resource of [0, 199_998])
      expect(
        many.conflicts(
          make((f) => {
            f.write(resource);
          }),
        ),
      ).to.equal(true);
    expect(
      many.conflicts(
        make((f) => {
          f.read(0);
        }),
      ),
    ).to.equal(false);
    expect(
      many.conflicts(
        make((f) => {
          f.read(199_999);
        }),
      ),
    ).to.equal(true);
    expect(
      many.conflicts(
        make((f) => {
          f.write(200_000);
        }),
      ),
    ).to.equal(false);
  });

  const access = fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 3 }), fc.boolean());

  it('joins the ranges of a loop, and the same bytes are in them', () => {
    fc.assert(
      fc.property(
        fc.array(access, { minLength: 200, maxLength: 900, size: 'max' }),
        fc.array(access, { minLength: 1, maxLength: 2 }),
        (loop, few) => {
          const made = (list: typeof loop): Footprint =>
            make((f) => {
              for (const [from, length, isWrite] of list) f.range(from, from + length, isWrite);
            });
          const conflict = few.some(([from, length, isWrite]) =>
            loop.some(([at, size, writes]) => at < from + length && from < at + size && (isWrite || writes)),
          );
          expect(made(loop).conflicts(made(few))).to.equal(conflict);
          expect(made(few).conflicts(made(loop))).to.equal(conflict);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes ranges that are too many for all the bytes between them', () => {
    const spread = make((f) => {
      for (let i = 0; i < 200_000; i += 1)
        f.range(1000 + 2 * ((i * 7919) % 200_000), 1001 + 2 * ((i * 7919) % 200_000), true);
    });
    const touches = (from: number): boolean =>
      spread.conflicts(
        make((f) => {
          f.range(from, from + 1, false);
        }),
      );
    expect([999, 1000, 1_002, 200_000, 400_998].map(touches)).to.deep.equal([false, true, true, true, true]);
    expect([400_999, 500_000].map(touches)).to.deep.equal([false, false]);
    const loop = make((f) => {
      for (let i = 0; i < 1_000_000; i += 1) f.range(i, i + 1, i % 2 === 0);
    });
    expect(loop.conflicts(loop)).to.equal(true);
  });
});
