import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { MemoryKind } from 'scatterlist';
import { KMAP, kmap } from 'scatterlist/backends';
import { explore } from 'scatterlist/explore';
import type { MachineOptions } from 'scatterlist/machine';
import { COLUMNS, observe, takePages } from 'scatterlist/ports';
import port, {
  gemObject,
  mapOrWait,
  pinMap,
  shrink,
  unpinMap,
} from '../../../examples/drivers/gpu/i915-pin-map.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 9000 }, (_, i) => i & 0xff),
});

function gem(memory: MemoryKind, counts: readonly number[], options: MachineOptions = {}) {
  const machine = createMachine(options);
  const task = machine.task('submit');
  const objects = counts.map((count) => gemObject(machine, takePages(machine, memory, count)));
  const backend = kmap(task);
  const pin = (i: number, make?: typeof mapOrWait) => {
    const object = objects[i];
    if (object === undefined) throw new Error('no object');
    return runAlone(task, pinMap(backend, object, make));
  };
  const shrinkAll = () => objects.map((object) => runAlone(task, shrink(backend, object)));
  return { machine, objects, pin, shrinkAll };
}

describe('the i915 pin map port', () => {
  it('maps less often than it pins, sleeps meanwhile, and the shrinker releases', () => {
    const { needs } = observe(LOADED, 'original', 'highmem');
    expect(needs.map(({ mechanism, pages }) => [mechanism, pages])).to.deep.equal([
      [undefined, 1],
      ['vmap', 2],
    ]);
    // Three writes of the ring and four of the batch.
    expect(needs.reduce((sum, { maps }) => sum + maps, 0)).to.be.lessThan(7);
    for (const { usedBy, sleptOn } of needs) {
      expect(usedBy).to.deep.equal(['task "kswapd"']);
      expect(sleptOn).to.include('the GPU');
    }
  });

  it('needs no more than a page at a time if it maps for each write', () => {
    const { needs } = observe(LOADED, 'map per write', 'highmem');
    expect(needs).to.have.length(1);
    expect(needs[0]).to.deep.include({ pages: 1, usedBy: [], sleptOn: [], maps: 3 });
  });

  for (const [memory, count, by] of [
    ['lowmem', 1, 'page_address'],
    ['highmem', 1, 'vmap'],
    ['lowmem', 3, 'vmap'],
    ['highmem', 3, 'vmap'],
    ['iomem', 1, 'vmap_pfn'],
    ['iomem', 3, 'vmap_pfn'],
  ] as const)
    it(`maps ${String(count)} pages of ${memory} by ${by}, once, until it is unpinned and shrunk`, () => {
      const { machine, objects, pin, shrinkAll } = gem(memory, [count]);
      const [object] = objects;
      if (object === undefined) throw new Error('no object');
      const first = pin(0);
      const second = pin(0);
      if (!first.ok || !second.ok) throw new Error('no map');
      expect(second.value).to.equal(first.value);
      expect(object.map?.by).to.equal(by);
      unpinMap(object);
      expect(shrinkAll()).to.deep.equal([false]);
      first.value.store8(count * 4096 - 1, 9);
      unpinMap(object);
      expect(shrinkAll()).to.deep.equal([true]);
      expect(shrinkAll()).to.deep.equal([false]);
      machine.checkLeaks();
      const last = object.pages.at(-1);
      expect(last && machine.physical(last)[4095]).to.equal(9);
    });

  it('fails if there is no room, keeps nothing, and succeeds after the shrinker', () => {
    const { objects, pin, shrinkAll } = gem('highmem', [3, 3], { vmallocPages: 5 });
    expect(pin(0).ok).to.equal(true);
    const full = pin(1);
    expect(full.ok ? 'mapped' : full.error.code).to.equal('NoVirtualSpace');
    expect([objects[1]?.pins, objects[1]?.map]).to.deep.equal([0, undefined]);
    expect(shrinkAll()).to.deep.equal([false, false]);
    objects.slice(0, 1).forEach(unpinMap);
    expect(shrinkAll()).to.deep.equal([true, false]);
    expect(pin(1).ok).to.equal(true);
  });

  it('waits for ever by kmap where it fails otherwise', () => {
    const options = { pkmapSlots: 2, vmallocPages: 4 };
    const before = gem('highmem', [1, 1, 1], options);
    for (const i of [0, 1]) expect(before.pin(i, mapOrWait).ok).to.equal(true);
    expect(() => before.pin(2, mapOrWait)).to.throw('deadlock');
    const since = gem('highmem', [1, 1, 1], options);
    for (const i of [0, 1]) expect(since.pin(i).ok).to.equal(true);
    const third = since.pin(2);
    expect(third.ok ? 'mapped' : third.error.code).to.equal('NoVirtualSpace');
  });

  it('writes every byte in every order of the writer, the GPU and the shrinker', async () => {
    const small = await port.load({
      name: 'test',
      content: Uint8Array.from({ length: 3100 }, (_, i) => i & 0xff),
    });
    const column = COLUMNS.find(({ contract }) => contract === KMAP);
    if (column === undefined) throw new Error('no kmap');
    const { program, verify } = small.program('page_address or vmap', 'highmem', column);
    const outcome = explore({
      ...program,
      check: (final) => {
        verify(final, final.machine);
      },
    });
    expect(outcome.kind).to.equal('exhausted');
    expect(outcome.counts.schedules).to.be.greaterThan(1);
  });
});
