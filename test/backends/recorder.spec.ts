import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { kmap, kmapLocal, recorder } from 'scatterlist/backends';
import { conformance } from 'scatterlist/conformance';

describe('recorder', () => {
  it('writes down maps, failures with their code, and unmaps, in order', () => {
    const machine = createMachine({ pkmapSlots: 1 });
    const task = machine.task();
    const [one, two] = machine.allocPages(2, { zone: 'highmem' });
    const recording = recorder(kmap(task));
    const first = runAlone(task, recording.mapWait(one!, 8, 16));
    const second = recording.map(two!, 0, 4);
    expect(second.ok).to.equal(false);
    if (first.ok) recording.unmap(first.value);
    expect(recording.calls).to.deep.equal([
      { call: 'map', pfn: one!.pfn, pageOffset: 8, lengthBytes: 16, failed: undefined },
      { call: 'map', pfn: two!.pfn, pageOffset: 0, lengthBytes: 4, failed: 'NoSlots' },
      { call: 'unmap', pfn: one!.pfn, pageOffset: 8, lengthBytes: 16, failed: undefined },
    ]);
  });

  it('has the contract of what it wraps', () => {
    const task = createMachine().task();
    expect(recorder(kmapLocal(task)).contract).to.equal(kmapLocal(task).contract);
  });
});

conformance(
  { describe, it },
  { name: 'kmap_local behind recorder', backend: (context) => recorder(kmapLocal(context)) },
);
