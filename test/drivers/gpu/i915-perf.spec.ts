import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { Sleeping } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { observe } from 'scatterlist/ports';
import port, { byPinnedMap, heldAcrossBatch, mappedTwice } from '../../../examples/drivers/gpu/i915-perf.ts';
import { gemObject } from '../../../examples/drivers/gpu/i915-pin-map.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff),
});
const sites = (variant: string) =>
  observe(LOADED, variant, 'highmem').needs.map(({ mechanism, maps, sleptOn, usedBy }) => ({
    isOwn: mechanism !== undefined,
    maps,
    waitsForGpu: sleptOn.includes('the GPU'),
    usedBy,
  }));

describe('the i915 perf port', () => {
  it('sleeps with the page mapped, or does not, or has one map for all batches', () => {
    expect(sites('original')).to.deep.equal([{ isOwn: false, maps: 2, waitsForGpu: true, usedBy: [] }]);
    expect(sites('two short maps')).to.deep.equal([
      { isOwn: false, maps: 2, waitsForGpu: false, usedBy: [] },
      { isOwn: false, maps: 2, waitsForGpu: false, usedBy: [] },
    ]);
    expect(sites('pinned map')).to.deep.equal([{ isOwn: true, maps: 1, waitsForGpu: true, usedBy: [] }]);
  });

  const tests = { heldAcrossBatch, mappedTwice, byPinnedMap };
  for (const name of ['heldAcrossBatch', 'mappedTwice', 'byPinnedMap'] as const)
    for (const spoiled of [undefined, 0, 4095])
      it(`${name}: tells whether a batch wrote to the page, at ${String(spoiled)}`, () => {
        const machine = createMachine();
        const task = machine.task('selftest');
        const page = machine.allocPage({ zone: 'highmem' });
        const object = gemObject(machine, [page]);

        function* batch(): Sleeping<void> {
          if (spoiled !== undefined) machine.physical(page, 'gpu')[spoiled] = 0x11;
        }
        const backend = kmapLocal(task);
        const test =
          name === 'byPinnedMap' ? byPinnedMap(backend, object, batch) : tests[name](backend, page, batch);
        const clean = runAlone(task, test);
        expect(clean.ok ? undefined : clean.error).to.deep.equal(
          spoiled === undefined
            ? undefined
            : {
                code: 'InvalidArgument',
                argument: 'scratch page',
                got: 0x11,
                expected: `the poison 107 at byte ${String(spoiled)}`,
              },
        );
        expect(object.pins).to.equal(0);
        if (name !== 'byPinnedMap') machine.checkLeaks();
      });
});
