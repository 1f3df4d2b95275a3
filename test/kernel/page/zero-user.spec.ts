import { expect } from 'chai';
import fc from 'fast-check';
import {
  folioZeroRange,
  folioZeroSegment,
  folioZeroSegments,
  zeroUser,
  zeroUserSegment,
  zeroUserSegments,
} from 'scatterlist/machine';
import { PAGE, REACH, setUp, contents, flushed } from './folio-fixture.ts';
import { AS_LINUX, violationOf } from '../violations.ts';

const place = fc.integer({ min: 0, max: 4 * PAGE });

describe('zeroing segments', () => {
  for (const [reach, options] of Object.entries(REACH)) {
    it(`touches the segments and nothing else, ${reach}`, () => {
      fc.assert(
        fc.property(place, place, place, place, fc.boolean(), (start1, end1, start2, end2, useHigh) => {
          const { machine, task, low, high } = setUp(options);
          const folio = useHigh ? high : low;
          const was = contents(machine, folio);
          folioZeroSegments(task, folio, start1, end1, start2, end2);
          if (start1 < end1) was.fill(0, start1, end1);
          if (start2 < end2) was.fill(0, start2, end2);
          expect(contents(machine, folio)).to.deep.equal(was);
          expect(task.localMaps.idx).to.equal(0);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('has forms with one segment', () => {
    const forms = [
      (b: ReturnType<typeof setUp>) => {
        zeroUserSegment(b.task, b.high.head, 10, 300);
      },
      (b: ReturnType<typeof setUp>) => {
        zeroUser(b.task, b.high.head, 10, 290);
      },
      (b: ReturnType<typeof setUp>) => {
        folioZeroSegment(b.task, b.high, 10, 300);
      },
      (b: ReturnType<typeof setUp>) => {
        folioZeroRange(b.task, b.high, 10, 290);
      },
    ];
    for (const form of forms) {
      const b = setUp();
      const was = contents(b.machine, b.high).fill(0, 10, 300);
      form(b);
      expect(contents(b.machine, b.high)).to.deep.equal(was);
    }
  });

  it('flushes the pages touched with high memory, all of them without', () => {
    const y = setUp();
    zeroUserSegments(y.task, y.high.head, PAGE, PAGE + 1, 3 * PAGE, 3 * PAGE + 1);
    expect(flushed(y.machine)).to.deep.equal([y.high.head.pfn + 1, y.high.head.pfn + 3]);
    const n = setUp({ highmem: false });
    zeroUserSegments(n.task, n.high.head, 5, 5, 0, 0);
    expect(flushed(n.machine)).to.deep.equal([0, 1, 2, 3].map((i) => n.high.head.pfn + i));
  });

  it('takes a tail page for itself alone', () => {
    const { task, high } = setUp();
    expect(
      violationOf(() => {
        zeroUserSegment(task, high.page(1), 0, PAGE + 1);
      }),
    ).to.equal('range-overrun');
  });

  it('reports an end behind the folio, even of an empty segment: strict before it maps', () => {
    for (const [options, open] of [
      [{ highmem: false }, 0],
      [{ ...AS_LINUX, highmem: false }, 1],
      [AS_LINUX, 0],
    ] as const) {
      const { machine, task, high } = setUp(options);
      expect(
        violationOf(() => {
          zeroUserSegments(task, high.head, 0, 4, 5 * PAGE, 4 * PAGE + 1);
        }),
      ).to.equal('range-overrun');
      expect(machine.liveMappings).to.equal(open);
    }
  });

  it('takes whole places only, in every form', () => {
    const { machine, task, high } = setUp();
    const was = contents(machine, high);
    for (const n of [-1, 0.5, NaN, 2 ** 53]) {
      const calls = [
        () => zeroUserSegments(task, high.head, n, 4, 0, 0),
        () => zeroUserSegments(task, high.head, 0, n, 0, 0),
        () => zeroUserSegments(task, high.head, 0, 0, n, 4),
        () => zeroUserSegments(task, high.head, 0, 0, 0, n),
        () => zeroUser(task, high.head, n, 1),
        () => zeroUser(task, high.head, 0, n),
        () => folioZeroRange(task, high, n, 1),
        () => folioZeroRange(task, high, 0, n),
      ];
      for (const call of calls) expect(violationOf(call)).to.equal('bad-number');
    }
    // What does not fit in 32 bits is no start and no length of a page.
    expect(violationOf(() => zeroUserSegment(task, high.head, 2 ** 32, 0))).to.equal('bad-number');
    expect(violationOf(() => zeroUser(task, high.head, 0, 2 ** 32))).to.equal('bad-number');
    expect(violationOf(() => zeroUserSegment(task, high.head, 2 ** 32 - 1, 0))).to.equal('none');
    expect(contents(machine, high)).to.deep.equal(was);
  });
});
