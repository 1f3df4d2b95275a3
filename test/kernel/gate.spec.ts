import { expect } from 'chai';
import { openings } from '../../lib/kernel/gate.ts';
import type { Gate } from '../../lib/kernel/gate.ts';
import { OPEN, jobOf, segmentsOf, world } from './transfer-fixture.ts';

describe('openings', () => {
  it('counts the pieces above the gate among those that moved', () => {
    const { machine, kinds } = world();
    const { directEnd } = machine.hardware.memory;
    const gate = (closedUpTo: number): Gate => ({
      ptes: new Int32Array(1),
      slot: 0,
      closedUpTo,
      openUpTo: OPEN,
    });
    const [low, high] = [kinds.lowmem[0], kinds.highmem[0]];
    const mixed = jobOf(segmentsOf([high, low, high, low, high].map((page) => [page, 0, 8])));
    expect([0, 1, 2, 3, 4, 5].map((moved) => openings(mixed, moved, gate(directEnd)))).to.deep.equal([
      0, 1, 1, 2, 2, 3,
    ]);
    expect(openings({ ...mixed, first: 1 }, 3, gate(directEnd))).to.equal(1);
    expect(openings(mixed, 4, gate(0))).to.equal(4);
    expect(openings(mixed, 4, gate(OPEN))).to.equal(0);
  });
});
