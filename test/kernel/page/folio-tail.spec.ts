import { expect } from 'chai';
import { folioFillTail, folioZeroTail, kmapLocalFolio, kunmapLocal } from 'scatterlist/machine';
import { PAGE, REACH, setUp, contents, flushed } from './folio-fixture.ts';
import { AS_LINUX, rulesOf, violationOf } from '../violations.ts';

const PLACES = [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 3 * PAGE + 5, 4 * PAGE - 1, 4 * PAGE];

describe('the tail of a folio', () => {
  for (const [reach, options] of Object.entries(REACH)) {
    it(`is filled with data and zeroes on a strict machine, wherever the data end, ${reach}`, () => {
      for (const offset of PLACES) {
        for (const end of PLACES.filter((place) => place >= offset)) {
          const { machine, task, low, high } = setUp(options);
          for (const folio of [low, high]) {
            const data = Uint8Array.from({ length: end - offset }, (_, i) => i * 3 + 1);
            const was = contents(machine, folio);
            folioFillTail(task, folio, offset, data);
            was.set(data, offset);
            was.fill(0, end);
            expect(contents(machine, folio), `${String(offset)}-${String(end)}`).to.deep.equal(was);
            expect([task.localMaps.idx, machine.liveMappings]).to.deep.equal([0, 0]);
          }
        }
      }
    });

    it(`is zeroed from any byte, ${reach}`, () => {
      for (const offset of PLACES.slice(0, -1)) {
        const { machine, task, low, high } = setUp(options);
        for (const folio of [low, high]) {
          const was = contents(machine, folio);
          const window = folioZeroTail(task, folio, offset, kmapLocalFolio(task, folio, offset));
          kunmapLocal(task, window);
          expect(contents(machine, folio)).to.deep.equal(was.fill(0, offset));
          expect(task.localMaps.idx).to.equal(0);
        }
      }
    });
  }

  it('is flushed, every page of the folio', () => {
    const { machine, task, high } = setUp();
    folioFillTail(task, high, 5, new Uint8Array(1));
    expect(flushed(machine)).to.deep.equal([0, 1, 2, 3].map((n) => high.head.pfn + n));
  });

  it('is checked: strict before it maps, compatible after', () => {
    for (const [options, idx] of [
      [{}, 0],
      [AS_LINUX, 1],
    ] as const) {
      const { task, high } = setUp(options);
      expect(
        violationOf(() => {
          folioFillTail(task, high, 4 * PAGE - 1, new Uint8Array(2));
        }),
      ).to.equal('range-overrun');
      expect(task.localMaps.idx).to.equal(idx);
    }
  });

  it('is written behind the map where the data end with a page: compatible only', () => {
    const { task, high } = setUp(AS_LINUX);
    expect(
      violationOf(() => {
        folioFillTail(task, high, 0, new Uint8Array(PAGE));
      }),
    ).to.equal('page-overrun');
  });

  it('leaves its map behind where the data end with the folio: compatible, one map at a time', () => {
    const { machine, task, high } = setUp(AS_LINUX);
    folioFillTail(task, high, 3 * PAGE, new Uint8Array(PAGE));
    expect([task.localMaps.idx, machine.liveMappings]).to.deep.equal([1, 1]);
    expect(machine.events.some(({ event }) => event === 'unmap-astray')).to.equal(true);
  });

  it('warns and releases the newest map there: compatible, forced maps', () => {
    const { machine, task, low } = setUp({ ...AS_LINUX, forceMap: true });
    folioFillTail(task, low, 3 * PAGE, new Uint8Array(PAGE));
    expect(rulesOf(machine)).to.deep.equal(['unmap-order']);
    expect(task.localMaps.idx).to.equal(0);
  });

  it('takes whole places inside the folio and its map only', () => {
    const { machine, task, high } = setUp();
    const was = contents(machine, high);
    const window = kmapLocalFolio(task, high, 0);
    for (const [offset, at] of [
      [-1, 0],
      [0.5, 0],
      [4 * PAGE + 1, 0],
      [0, -1],
      [0, 0.5],
      [0, window.length + 1],
    ] as const)
      expect(violationOf(() => folioZeroTail(task, high, offset, window, at))).to.equal('bad-number');
    kunmapLocal(task, window);
    expect(contents(machine, high)).to.deep.equal(was);
  });
});
