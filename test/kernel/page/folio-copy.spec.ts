import { expect } from 'chai';
import fc from 'fast-check';
import { memcpyFolio, memcpyFromFileFolio, memcpyFromFolio, memcpyToFolio } from 'scatterlist/machine';
import { PAGE, REACH, setUp, contents, flushed, maps } from './folio-fixture.ts';
import { AS_LINUX, violationOf } from '../violations.ts';

const range = fc
  .tuple(fc.integer({ min: 0, max: 4 * PAGE }), fc.integer({ min: 0, max: 4 * PAGE }))
  .map(([a, b]) => ({ offset: Math.min(a, b), length: Math.abs(a - b) }));

describe('copying folios', () => {
  for (const [reach, options] of Object.entries(REACH)) {
    it(`moves the bytes asked for and no others, ${reach}`, () => {
      fc.assert(
        fc.property(range, fc.nat(4 * PAGE), fc.boolean(), ({ offset, length }, other, toHigh) => {
          const { machine, task, low, high } = setUp(options);
          const [to, from] = toHigh ? [high, low] : [low, high];
          const was = contents(machine, to);
          const source = contents(machine, from);
          const otherOffset = Math.min(other, 4 * PAGE - length);
          memcpyFolio(task, to, offset, from, otherOffset, length);
          was.set(source.subarray(otherOffset, otherOffset + length), offset);
          expect(contents(machine, to)).to.deep.equal(was);

          const read = new Uint8Array(length);
          memcpyFromFolio(task, read, from, otherOffset);
          expect(read).to.deep.equal(source.slice(otherOffset, otherOffset + length));
          read.reverse();
          memcpyToFolio(task, from, offset, read);
          source.set(read, offset);
          expect(contents(machine, from)).to.deep.equal(source);
          expect([task.localMaps.idx, machine.liveMappings]).to.deep.equal([0, 0]);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('flushes every page after memcpy_to_folio, none after the others', () => {
    const { machine, task, low, high } = setUp();
    memcpyFolio(task, high, 0, low, 0, PAGE);
    memcpyFromFolio(task, new Uint8Array(5), high, 0);
    expect(flushed(machine)).to.deep.equal([]);
    memcpyToFolio(task, high, 0, new Uint8Array(1));
    expect(flushed(machine)).to.deep.equal([0, 1, 2, 3].map((n) => high.head.pfn + n));
  });

  it('reports a range over the end before it maps', () => {
    const { machine, task, low, high } = setUp(AS_LINUX);
    const actions = [
      () => {
        memcpyFolio(task, high, 4 * PAGE - 1, low, 0, 2);
      },
      () => {
        memcpyFolio(task, high, 0, low, 4 * PAGE - 1, 2);
      },
      () => {
        memcpyFromFolio(task, new Uint8Array(2), high, 4 * PAGE - 1);
      },
      () => {
        memcpyToFolio(task, high, 4 * PAGE - 1, new Uint8Array(2));
      },
    ];
    expect(actions.map(violationOf)).to.deep.equal(Array(4).fill('range-overrun'));
    expect(maps(machine)).to.deep.equal([]);
  });

  it('maps the page behind the folio to copy nothing at its end: compatible only', () => {
    for (const [options, expected] of [
      [{}, []],
      [AS_LINUX, [4, 4]],
    ] as const) {
      const { machine, task, high } = setUp(options);
      memcpyFromFolio(task, new Uint8Array(0), high, 4 * PAGE);
      const at = machine.events.flatMap((e) => (e.event === 'map' || e.event === 'unmap' ? [e.pfn] : []));
      expect(at.map((pfn) => pfn - high.head.pfn)).to.deep.equal(expected);
    }
  });

  it('runs past the mapped page of a low folio with forced maps: compatible only', () => {
    const { task, low } = setUp({ ...AS_LINUX, forceMap: true });
    expect(
      violationOf(() => {
        memcpyFolio(task, low, 0, low, 2 * PAGE, PAGE + 1);
      }),
    ).to.equal('page-overrun');
  });
});

describe('memcpy_from_file_folio', () => {
  it('copies what one map reaches from the file position on', () => {
    const reached = Object.values(REACH).map((options) => {
      const { machine, task, low, high } = setUp(options);
      return [low, high].map((folio) => {
        const to = new Uint8Array(3 * PAGE).fill(0xee);
        const count = memcpyFromFileFolio(task, to, folio, 8 * PAGE + PAGE + 100);
        expect(to.subarray(0, count)).to.deep.equal(
          contents(machine, folio).subarray(PAGE + 100, PAGE + 100 + count),
        );
        expect(to.subarray(count).every((byte) => byte === 0xee)).to.equal(true);
        return count;
      });
    });
    const [page, rest] = [PAGE - 100, 3 * PAGE - 100];
    expect(reached).to.deep.equal([
      [rest, rest],
      [rest, page],
      [page, page],
    ]);
  });

  it('takes positions that a double cannot hold', () => {
    const { machine, task, high } = setUp();
    const to = new Uint8Array(1);
    memcpyFromFileFolio(task, to, high, 2n ** 62n + 7n);
    expect(to[0]).to.equal(contents(machine, high)[7]);
  });
});
