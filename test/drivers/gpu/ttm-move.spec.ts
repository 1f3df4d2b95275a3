import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import { faultInjection, kmapLocal } from 'scatterlist/backends';
import { IoMapping, ioremapWc } from 'scatterlist/machine';
import { observe } from 'scatterlist/ports';
import port, {
  apertureIter,
  linearIter,
  moveMemcpy,
  pagesIter,
} from '../../../examples/drivers/gpu/ttm-move.ts';
import type { KmapIter } from '../../../examples/drivers/gpu/ttm-move.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff),
});

interface Resource {
  readonly pages: readonly Page[];
  readonly iter: KmapIter;
}

function device(machine: Machine): { readonly pages: readonly Page[]; readonly first: Page } {
  const pages = machine.ioRegion(2);
  const [first] = pages;
  if (first === undefined) throw new Error('no device');
  return { pages, first };
}

const RESOURCES: Readonly<Record<string, (machine: Machine, task: Task) => Resource>> = {
  memory: (machine, task) => {
    const pages = machine.allocPages(2, { zone: 'highmem', layout: 'scattered' });
    return { pages, iter: pagesIter(kmapLocal(task), pages) };
  },
  aperture: (machine, task) => {
    const { pages, first } = device(machine);
    return { pages, iter: apertureIter(task, new IoMapping(machine, first.phys, 8192)) };
  },
  'linear device memory': (machine, task) => {
    const { pages, first } = device(machine);
    const whole = ioremapWc(task, first.phys, 8192);
    if (!whole.ok) throw new Error('no room');
    return { pages, iter: linearIter(task, whole.value) };
  },
};

describe('the ttm move port', () => {
  it('maps two pages at a time and releases them in reverse', () => {
    const sites = observe(LOADED, 'original', 'highmem').needs;
    expect(sites.map(({ heldAtOnce }) => heldAtOnce)).to.deep.equal([2, 2]);
    expect(sites.every(({ isReleasedInOrder }) => isReleasedInOrder)).to.equal(true);
    expect(sites.flatMap(({ sleptOn }) => sleptOn)).to.deep.equal([]);
  });

  it('is seen to release the older one first in the variant that does', () => {
    const sites = observe(LOADED, 'released as mapped', 'highmem').needs;
    expect(sites.map(({ isReleasedInOrder }) => isReleasedInOrder)).to.deep.equal([false, false]);
  });

  for (const [from, source] of Object.entries(RESOURCES))
    for (const [to, target] of Object.entries(RESOURCES))
      it(`moves from ${from} to ${to}`, () => {
        const machine = createMachine();
        const task = machine.task('evict');
        const src = source(machine, task);
        const dst = target(machine, task);
        for (const [i, page] of src.pages.entries()) machine.physical(page).fill(i + 1);
        const { size } = machine.live;
        expect(runAlone(task, moveMemcpy(2, dst.iter, src.iter)).ok).to.equal(true);
        expect(machine.live.size).to.equal(size);
        for (const [i, page] of dst.pages.entries())
          expect(machine.physical(page).every((byte) => byte === i + 1)).to.equal(true);
      });

  it('keeps no mapping if the source cannot be mapped', () => {
    const machine = createMachine();
    const task = machine.task('evict');
    const pages = machine.allocPages(2, { zone: 'highmem' });
    const failing = faultInjection(kmapLocal(task), { failAt: 1 });
    const iter = pagesIter(failing, pages);
    const moved = runAlone(task, moveMemcpy(2, iter, iter));
    expect(moved.ok ? 'moved' : moved.error.code).to.equal('Injected');
    machine.checkLeaks();
  });

  it('breaks the order of local maps if it releases as it mapped', () => {
    const machine = createMachine();
    const task = machine.task('evict');
    const { iter: dst } = RESOURCES['aperture']?.(machine, task) ?? { iter: undefined };
    const { iter: src } = RESOURCES['memory']?.(machine, task) ?? { iter: undefined };
    if (dst === undefined || src === undefined) throw new Error('no resource');
    expect(() => runAlone(task, moveMemcpy(1, dst, src, 'as mapped'))).to.throw('unmap-order');
  });
});
