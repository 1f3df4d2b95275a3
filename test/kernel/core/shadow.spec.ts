import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine, ViolationError } from 'scatterlist';
import { kmapLocalPage, kunmapLocal, pageAddress, vmap, vunmap } from 'scatterlist/machine';
import type { DirectMapping } from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

/** Three windows over the same two pages: each page alone, and both in a row. */
function windows(): { all: readonly DirectMapping[]; starts: readonly number[]; physical: () => number[] } {
  const machine = createMachine({ pageSize: 256 });
  const task = machine.task();
  const pages = machine.allocPages(2, { zone: 'lowmem', layout: 'scattered' });
  const both = vmap(task, pages);
  const single = pages.map((page) => pageAddress(task, page));
  if (!both.ok || !single[0] || !single[1]) throw new Error('no windows');
  return {
    all: [single[0], single[1], both.value],
    starts: [0, 256, 0],
    physical: () => pages.flatMap((page) => [...machine.physical(page)]),
  };
}

describe('Shadows', () => {
  it('keep arrays, accessors and memory one and the same, whatever the order', () => {
    const operation = fc.record({
      window: fc.nat(2),
      at: fc.nat(255),
      value: fc.nat(255),
      how: fc.constantFrom('array', 'accessor', 'fill', 'read'),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (script) => {
        const { all, starts, physical } = windows();
        const oracle = new Uint8Array(512);
        for (const { window, at, value, how } of script) {
          const m = all[window]!;
          const start = starts[window]!;
          if (how === 'array') m.bytes[at] = value;
          else if (how === 'accessor') m.store8(at, value);
          else if (how === 'fill') m.fill(value, at, 256 - at);
          else expect([m.bytes[at], m.load8(at)]).to.deep.equal([oracle[start + at], oracle[start + at]]);
          if (how === 'array' || how === 'accessor') oracle[start + at] = value;
          else if (how === 'fill') oracle.fill(value, start + at, start + 256);
        }
        expect(physical()).to.deep.equal([...oracle]);
      }),
      { numRuns: 60 },
    );
  });

  it('are one array a mapping, brought in step by the next operation', () => {
    const { all } = windows();
    const [a, , both] = all;
    const kept = a!.bytes;
    expect(a!.bytes).to.equal(kept);
    kept[3] = 9;
    expect(both!.load8(3)).to.equal(9);
    both!.store8(4, 8);
    expect(kept[4]).to.equal(8);
  });

  it('write back only what changed, so that a neighbour’s store survives', () => {
    const { all } = windows();
    const [a, , both] = all;
    const [x, y] = [a!.bytes, both!.bytes];
    x[0] = 1;
    y[1] = 2;
    expect([a!.load8(0), a!.load8(1)]).to.deep.equal([1, 2]);
  });

  it('write back on release, then read as poison', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const m = kmapLocalPage(task, page);
    const kept = m.bytes;
    kept.set([1, 2, 3]);
    kunmapLocal(task, m);
    expect([...machine.physical(page).subarray(0, 4)]).to.deep.equal([1, 2, 3, 0]);
    expect(kept.every((byte) => byte === 0x6b)).to.equal(true);
  });

  it('tell who executed when an array was written too late, and where it was released', () => {
    const machine = createMachine();
    const task = machine.task('late');
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    const kept = m.bytes;
    kunmapLocal(task, m);
    kept[0] = 1;
    try {
      machine.enter(machine.task('other'));
      expect.fail('not found');
    } catch (error) {
      if (!(error instanceof ViolationError)) throw error;
      expect(error.violation.rule).to.equal('use-after-unmap');
      expect(error.violation.context?.name).to.equal('late');
      expect(error.violation.mapping?.unmappedAt?.file).to.match(/shadow\.spec\.ts$/);
    }
  });

  it('are watched before an operation begins, which is then left undone', () => {
    const machine = createMachine();
    const task = machine.task();
    const [p, q] = machine.allocPages(2, { zone: 'highmem' });
    const second = kmapLocalPage(task, p!);
    const first = kmapLocalPage(task, q!);
    const kept = first.bytes;
    kunmapLocal(task, first);
    kept[0] = 1;
    const before = machine.ledger;
    expect(violationOf(() => kunmapLocal(task, second))).to.equal('use-after-unmap');
    expect([second.live, task.localMaps.idx, machine.ledger.unmaps]).to.deep.equal([true, 1, before.unmaps]);
    kunmapLocal(task, second);
    machine.checkLeaks();
  });

  it('report a late write once, and let go of the oldest of many', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const kept = Array.from({ length: 34 }, () => {
      const m = kmapLocalPage(task, page);
      const { bytes } = m;
      kunmapLocal(task, m);
      return bytes;
    });
    kept[33]![1] = 0;
    expect(violationOf(() => machine.checkLeaks())).to.equal('use-after-unmap');
    kept[2]![1] = 0;
    expect(violationOf(() => machine.checkLeaks())).to.equal('use-after-unmap');
    for (const forgotten of [kept[0]!, kept[1]!]) forgotten[1] = 0;
    expect(violationOf(() => machine.checkLeaks())).to.equal('none');
  });

  it('cover windows over several pages', () => {
    const machine = createMachine({ pageSize: 256 });
    const task = machine.task();
    const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
    const m = vmap(task, pages);
    if (!m.ok) return;
    m.value.bytes.forEach((_, i, bytes) => (bytes[i] = i % 251));
    vunmap(task, m.value);
    const seen = pages.flatMap((page) => [...machine.physical(page)]);
    expect(seen).to.deep.equal(Array.from({ length: 768 }, (_, i) => i % 251));
  });
});
