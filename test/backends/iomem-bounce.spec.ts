import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import type { Machine, Page } from 'scatterlist';
import { iomemBounce } from 'scatterlist/backends/iomem-bounce';
import type { BounceOptions } from 'scatterlist/backends/iomem-bounce';
import { conformance } from 'scatterlist/conformance';
import { BouncePool } from 'scatterlist/machine';
import type { PieceRange } from '../../lib/kernel/parts/piece-range.ts';
import { spanOf } from '../scatterlist/copy/pieces-fixture.ts';

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
      error: { code: 'BounceExhausted', needBytes: 1, freeBytes: 0, largestRunBytes: 0 },
    });
    if (held.ok) one.unmap(held.value);
    if (first.ok) own.unmap(first.value);
    machine.checkLeaks();
    expect(() => iomemBounce(createMachine().task(), { pool })).to.throw(ConfigError, 'another machine');
  });

  it('passes pieces of devices and of RAM, each in its own way', () => {
    const { machine, page } = device({ mode: 'direct' });
    const ram = machine.allocPage({ zone: 'highmem' });
    machine.physical(ram).set([5, 6]);
    const passed = (options: BounceOptions, of: Page, inner?: PieceRange): readonly number[] => {
      const before = machine.ledger.bytesBounced;
      const count = iomemBounce(machine.task(), options).pass?.(spanOf([[of, 0, 2]]), inner) ?? -1;
      return [count, machine.ledger.bytesBounced - before];
    };
    expect(passed({}, page)).to.deep.equal([1, 4]);
    expect(passed({}, ram)).to.deep.equal([1, 0]);
    // Two maps at a time, and buffers that others see, are mapped one by one.
    expect(passed({}, page, spanOf([[page, 0, 2]]))).to.deep.equal([0, 0]);
    expect(passed({}, ram, spanOf([[ram, 0, 2]]))).to.deep.equal([1, 0]);
    expect(passed({ pool: new BouncePool(machine) }, page)).to.deep.equal([0, 0]);
  });

  it('takes no memory for a pool before device memory is mapped', () => {
    const { machine, page } = device({ mode: 'direct' });
    const ram = machine.allocPage({ zone: 'highmem' });
    const free = (): number => machine.hardware.memory.freePages('lowmem');
    const before = free();
    const mapped = iomemBounce(machine.task());
    const handlers = { read: () => 0n, write: () => undefined };
    const [register] = machine.ioRegion(1, { handlers });
    for (const of of [ram, register, undefined]) mapped.pass?.(spanOf([[of, 0, 2]]));
    expect(free()).to.equal(before);
    mapped.pass?.(spanOf([[page, 0, 2]]));
    expect(free()).to.be.below(before);
  });
});

conformance({ describe, it }, { backend: (context) => iomemBounce(context) });
