import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import type { Machine, Page } from 'scatterlist';
import { iomemBounce } from 'scatterlist/backends/iomem-bounce';
import type { BounceOptions } from 'scatterlist/backends/iomem-bounce';
import { conformance } from 'scatterlist/conformance';
import { BouncePool } from 'scatterlist/machine';
import { jobOf, segmentsOf } from '../kernel/transfer-fixture.ts';

function device(options: object = {}): { readonly machine: Machine; readonly page: Page<'iomem'> } {
  const machine = createMachine(options);
  const [page] = machine.ioRegion(1);
  machine.physical(page!).set([1, 2, 3, 4]);
  return { machine, page: page! };
}

/** The four bytes that a mapping shows, and those of the device after one of them was stored and it was released. */
function seen(options: BounceOptions, direct = false): readonly number[] {
  const { machine, page } = device({ mode: direct ? 'direct' : 'checked' });
  const mapped = iomemBounce(machine.task(), options);
  const got = mapped.map(page, 0, 4);
  if (!got.ok) throw new Error(got.error.code);
  const before = [0, 1, 2, 3].map((at) => got.value.load8(at));
  got.value.store8(1, 9);
  mapped.unmap(got.value);
  return [...before, ...machine.physical(page).subarray(0, 4)];
}

describe('iomemBounce', () => {
  it('follows swiotlb where nothing is said, and else what is said', () => {
    for (const direct of [false, true]) {
      expect(seen({}, direct)).to.deep.equal([1, 2, 3, 4, 1, 9, 3, 4]);
      expect(seen({ prefill: 'zero' }, direct)).to.deep.equal([0, 0, 0, 0, 0, 9, 0, 0]);
      expect(seen({ prefill: 'zero', writeBack: 'touched' }, direct)).to.deep.equal([0, 0, 0, 0, 1, 9, 3, 4]);
      expect(seen({ sync: 'explicit' }, direct)).to.deep.equal([1, 2, 3, 4, 1, 2, 3, 4]);
      expect(seen({ prefill: 'none', sync: 'explicit' }, direct).slice(4)).to.deep.equal([1, 2, 3, 4]);
    }
  });

  it('takes slots of the pool that it is given, of its own machine only', () => {
    const { machine, page } = device({ bounceSlots: 2 });
    const pool = new BouncePool(machine);
    const task = machine.task();
    const [one, two] = [iomemBounce(task, { pool }), iomemBounce(task, { pool })];
    const held = one.map(page, 0, 4096);
    expect(held.ok).to.equal(true);
    expect(two.map(page, 0, 1)).to.have.nested.property('error.code', 'BounceExhausted');
    const own = iomemBounce(task);
    const first = own.map(page, 0, 4096);
    expect(first.ok).to.equal(true);
    expect(own.map(page, 0, 1)).to.deep.equal({
      ok: false,
      error: { code: 'BounceExhausted', needBytes: 1, freeBytes: 0 },
    });
    if (held.ok) one.unmap(held.value);
    if (first.ok) own.unmap(first.value);
    machine.checkLeaks();
    expect(() => iomemBounce(createMachine().task(), { pool })).to.throw(ConfigError, 'another machine');
  });

  it('moves pieces of devices and of RAM at once, each in its own way', () => {
    const { machine, page } = device({ mode: 'direct' });
    const ram = machine.allocPage({ zone: 'highmem' });
    machine.physical(ram).set([5, 6]);
    for (const [of, expected, bounced] of [
      [page, [1, 2], 2 * 2],
      [ram, [5, 6], 0],
    ] as const) {
      const buffer = new Uint8Array(2);
      const job = jobOf(segmentsOf([[of, 0, 2]]), { buffer });
      const before = machine.ledger.bytesBounced;
      expect(iomemBounce(machine.task()).transfer(job)).to.equal(1);
      expect([...buffer]).to.deep.equal(expected);
      expect(machine.ledger.bytesBounced - before).to.equal(bounced);
    }
  });
});

conformance({ describe, it }, { backend: (context) => iomemBounce(context) });
