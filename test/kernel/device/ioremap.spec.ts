import { expect } from 'chai';
import { createMachine, physAddr } from 'scatterlist';
import {
  iounmap,
  ioremap,
  ioremapCache,
  ioremapNp,
  ioremapUc,
  ioremapWc,
  ioremapWt,
  preemptDisable,
} from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

function device(vmallocPages = 8) {
  const machine = createMachine({ vmallocPages });
  const pages = machine.ioRegion(4);
  const [first] = pages;
  if (first === undefined) throw new Error('no page');
  return { machine, task: machine.task(), pages, base: first.phys };
}

describe('ioremap', () => {
  for (const flavour of [ioremap, ioremapWc, ioremapWt, ioremapUc, ioremapNp, ioremapCache]) {
    it(`${flavour.name} reaches the bytes from the address asked for, over pages`, () => {
      const { machine, task, pages, base } = device();
      const mapped = flavour(task, physAddr(base + 4090), 12);
      if (!mapped.ok) throw new Error(mapped.error.code);
      mapped.value.copyFrom(Uint8Array.from({ length: 12 }, (_, i) => i + 1));
      const [a, b] = pages.map((page) => machine.physical(page));
      expect([...(a ?? []).slice(4090), ...(b ?? []).slice(0, 6)]).to.deep.equal([
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
      ]);
      expect(violationOf(() => mapped.value.load8(12))).to.equal('page-overrun');
      iounmap(task, mapped.value);
      expect(violationOf(() => mapped.value.load8(0))).to.equal('use-after-unmap');
      machine.checkLeaks();
    });
  }

  it('refuses memory, nothing, and more than the device has', () => {
    const { task, base } = device();
    const results = [
      ioremap(task, physAddr(0), 16),
      ioremap(task, base, 0),
      ioremap(task, physAddr(base + 4 * 4096 - 8), 9),
      ioremap(task, physAddr(base + 4 * 4096), 1),
    ];
    expect(results.map((r) => (r.ok ? 'ok' : r.error.code))).to.deep.equal(Array(4).fill('InvalidArgument'));
  });

  it('runs out of addresses, and has them again after iounmap', () => {
    const { task, base } = device(5);
    const one = ioremap(task, base, 2 * 4096);
    if (!one.ok) throw new Error(one.error.code);
    expect(ioremap(task, base, 3 * 4096)).to.deep.include({ ok: false });
    iounmap(task, one.value);
    expect(ioremap(task, base, 4 * 4096).ok).to.equal(true);
  });

  it('may sleep', () => {
    const { task, base } = device();
    preemptDisable(task);
    expect(violationOf(() => ioremap(task, base, 1))).to.equal('sleep-in-atomic');
  });
});
