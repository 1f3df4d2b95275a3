import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { CONSTANTS } from 'scatterlist/lab';
import { readerOf } from '../../../lib/lab/experiment/constants.ts';
import { Interned, makespan } from '../../../lib/lab/experiments/makespan.ts';
import type { Operation } from '../../../lib/lab/experiments/makespan.ts';

const { ledger: none } = createMachine();
const { cycles } = readerOf({
  ...CONSTANTS,
  map: { cycles: 10, source: '', how: 'estimate' },
  lock: { cycles: 20, source: '', how: 'estimate' },
  lineMove: { cycles: 100, source: '', how: 'estimate' },
  ipi: { cycles: 50, source: '', how: 'estimate' },
  tlbRefill: { cycles: 7, source: '', how: 'estimate' },
});
const locked = { ...none, lockAcquisitions: 1 };
const at = (cpu: number, counts = locked, work = 0, refills = 0): Operation => ({
  cpu,
  counts,
  work,
  refills,
});

describe('a time line of CPUs that share a lock', () => {
  it('adds up what takes no lock', () => {
    expect(makespan([at(0, { ...none, maps: 2 }), at(1, { ...none, maps: 1 })], cycles, 0)).to.deep.equal({
      total: 30,
      waited: 0,
    });
  });

  it('lets a CPU wait for the lock, and fetch its cache line', () => {
    // The second waits 20 for the first, then 100 for the line.
    expect(makespan([at(0), at(1)], cycles, 0)).to.deep.equal({ total: 20 + 140, waited: 120 });
  });

  it('fetches no cache line for the CPU that had the lock last', () => {
    expect(makespan([at(0), at(0)], cycles, 0)).to.deep.equal({ total: 40, waited: 0 });
  });

  it('gives the lock to the CPU that comes first, whatever the order of the run', () => {
    const late = at(0, locked, 1);
    expect(makespan([late, at(1)], cycles, 1000)).to.deep.equal({ total: 20 + 120, waited: 100 });
  });

  it('lets the other CPUs pay half of an interrupt, and does not count the work of the callers', () => {
    const flush = { ...locked, ipis: 2 };
    const { total } = makespan([at(0, flush, 1), at(1, none), at(2, none)], cycles, 300);
    expect(total).to.equal(20 + 50 + 25 + 25);
  });

  it('refills the TLB outside the lock', () => {
    // The second waits for the lock of the first and its line, and not for what follows the lock.
    const { total, waited } = makespan([at(0, locked, 0, 2), at(1)], cycles, 0);
    expect({ total, waited }).to.deep.equal({ total: 20 + 2 * 7 + 140, waited: 120 });
    expect(makespan([at(0, none, 0, 3)], cycles, 0).total).to.equal(21);
  });

  it('keeps equal counts once', () => {
    const shared = new Interned();
    const first = shared.of({ ...none, maps: 1 });
    expect(shared.of({ ...none, maps: 1 })).to.equal(first);
    expect(shared.of({ ...none, maps: 2 })).to.not.equal(first);
  });
});
