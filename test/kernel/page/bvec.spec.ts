import { expect } from 'chai';
import {
  bvecKmapLocal,
  bvecVirt,
  kunmapLocal,
  memcpyFromBvec,
  memcpyToBvec,
  memzeroBvec,
} from 'scatterlist/machine';
import { PAGE, setUp, contents, flushed } from './folio-fixture.ts';
import { violationOf } from '../violations.ts';

describe('struct bio_vec', () => {
  it('is mapped from its offset to its end, or to the end of the page', () => {
    const { machine, task, high } = setUp();
    for (const [length, reached] of [
      [20, 20],
      [PAGE, PAGE - 30],
    ] as const) {
      const window = bvecKmapLocal(task, { page: high.page(1), offset: 30, length });
      expect(window.length).to.equal(reached);
      expect(window.load8(0)).to.equal(contents(machine, high)[PAGE + 30]);
      kunmapLocal(task, window);
    }
  });

  it('has a permanent address in lowmem only', () => {
    const { machine, task, low, high } = setUp();
    const window = bvecVirt(task, { page: low.head, offset: 7, length: 9 });
    expect(window?.vaddr).to.equal(machine.hardware.addresses.direct(low.head.pfn) + 7);
    expect(bvecVirt(task, { page: high.head, offset: 7, length: 9 })).to.equal(undefined);
  });

  it('is read, written and zeroed, its length and no more', () => {
    const { machine, task, high } = setUp();
    const vector = { page: high.head, offset: 8, length: 4 };
    const was = contents(machine, high);
    const read = new Uint8Array(6);
    memcpyFromBvec(task, read, vector);
    expect([...read]).to.deep.equal([...was.subarray(8, 12), 0, 0]);
    memcpyToBvec(task, vector, new Uint8Array(6).fill(9));
    expect(contents(machine, high)).to.deep.equal(was.fill(9, 8, 12));
    memzeroBvec(task, vector);
    expect(contents(machine, high)).to.deep.equal(was.fill(0, 8, 12));
    expect(flushed(machine)).to.deep.equal([high.head.pfn, high.head.pfn]);
  });

  it('does not run over its page', () => {
    const { task, high } = setUp();
    expect(
      violationOf(() => {
        memzeroBvec(task, { page: high.head, offset: 8, length: PAGE });
      }),
    ).to.equal('range-overrun');
  });
});
