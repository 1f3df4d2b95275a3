import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { MemoryKind } from 'scatterlist';
import { kmap } from 'scatterlist/backends';
import { ioremapWc } from 'scatterlist/machine';
import { observe, takePages } from 'scatterlist/ports';
import port, { boKmap, boKunmap, boVmap } from '../../../examples/drivers/gpu/ttm-bo-kmap.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 9000 }, (_, i) => i & 0xff),
});

function object(memory: MemoryKind, isPremapped = false) {
  const machine = createMachine();
  const task = machine.task('console');
  const pages = takePages(machine, memory, 4);
  const [first] = pages;
  if (first === undefined) throw new Error('no pages');
  const whole = isPremapped ? ioremapWc(task, first.phys, 4 * 4096) : undefined;
  if (whole?.ok === false) throw new Error(whole.error.code);
  const bo = { pages, premapped: whole?.value };
  return { machine, task, bo, backend: kmap(task), held: machine.live.size };
}

describe('the ttm bo kmap port', () => {
  it('maps one page by the backend and more by vmap; a handler uses both while the task sleeps', () => {
    const { needs } = observe(LOADED, 'original', 'highmem');
    expect(needs.map(({ mechanism, pages }) => [mechanism, pages])).to.deep.equal([
      [undefined, 1],
      ['vmap', 2],
    ]);
    for (const { usedBy, sleptOn } of needs) {
      expect(usedBy).to.deep.equal(['hardirq "vblank"']);
      expect(sleptOn).to.include('vertical blank');
    }
  });

  it('maps device memory once if it is premapped, and by range if not', () => {
    const maps = (variant: string) =>
      observe(LOADED, variant, 'iomem').needs.map((site) => [site.mechanism, site.maps]);
    expect(maps('premapped')).to.deep.equal([['ioremap', 1]]);
    expect(maps('original')).to.deep.equal([['ioremap', 2]]);
  });

  for (const [memory, isPremapped, count, kind] of [
    ['highmem', false, 1, 'kmap'],
    ['lowmem', false, 1, 'kmap'],
    ['highmem', false, 2, 'vmap'],
    ['iomem', false, 1, 'ioremap'],
    ['iomem', false, 3, 'ioremap'],
    ['iomem', true, 1, 'premapped'],
    ['iomem', true, 3, 'premapped'],
  ] as const)
    it(`has a token of kind ${kind} for ${String(count)} pages of ${memory}, which is enough to release it`, () => {
      const { machine, task, bo, backend, held } = object(memory, isPremapped);
      const mapped = runAlone(task, boKmap(backend, bo, 1, count));
      if (!mapped.ok) throw new Error(mapped.error.code);
      expect(mapped.value.kind).to.equal(kind);
      mapped.value.mapping.fill(5, mapped.value.offset, count * 4096);
      boKunmap(backend, mapped.value);
      expect(machine.live.size).to.equal(held);
      const filled = bo.pages.map((page) => machine.physical(page).every((byte) => byte === 5));
      expect(filled).to.deep.equal([0, 1, 2, 3].map((i) => i >= 1 && i < 1 + count));
    });

  for (const [start, count] of [
    [0, 5],
    [3, 2],
    [4, 1],
    [0, 0],
  ] as const)
    it(`has an error for ${String(count)} pages from page ${String(start)} of four`, () => {
      for (const memory of ['highmem', 'iomem'] as const) {
        const { machine, task, bo, backend } = object(memory);
        for (const mapped of [
          runAlone(task, boKmap(backend, bo, start, count)),
          boVmap(task, bo, start, count),
        ])
          expect(mapped.ok ? 'mapped' : mapped.error.code).to.equal('InvalidArgument');
        machine.checkLeaks();
      }
    });
});
