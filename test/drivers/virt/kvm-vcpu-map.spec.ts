import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { kmap, kmapLocal } from 'scatterlist/backends';
import { observe } from 'scatterlist/ports';
import port, { vcpuMap, vcpuMapByVmap, vcpuUnmap } from '../../../examples/drivers/virt/kvm-vcpu-map.ts';
import type { GuestMemory, HostMap } from '../../../examples/drivers/virt/kvm-vcpu-map.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 2500 }, (_, i) => i & 0xff),
});

function guest() {
  const machine = createMachine();
  const task = machine.task('vcpu');
  const memory: GuestMemory = {
    frames: [machine.allocPage({ zone: 'highmem' }), ...machine.ioRegion(1)],
    dirty: [false, false],
  };
  return { machine, task, memory };
}

describe('the kvm vcpu map port', () => {
  it('holds three frames while it sleeps, and releases the oldest first', () => {
    const { needs } = observe(LOADED, 'original', 'highmem');
    expect(needs.map(({ mechanism, maps, heldAtOnce }) => [mechanism, maps, heldAtOnce])).to.deep.equal([
      [undefined, 6, 3],
      ['ioremap', 3, 3],
    ]);
    expect(needs[0]?.heldOfBackendAtOnce).to.equal(2);
    expect(needs[0]?.isReleasedInOrder).to.equal(false);
    expect(needs[0]?.sleptOn).to.include('guest exit');
    expect(needs[0]?.usedBy).to.deep.equal([]);
  });

  it('is in order if the newest is released first', () => {
    const { needs } = observe(LOADED, 'newest first', 'highmem');
    expect(needs.every(({ isReleasedInOrder }) => isReleasedInOrder)).to.equal(true);
  });

  it('holds no frame while the guest runs if it maps for each access', () => {
    const { needs } = observe(LOADED, 'map per access', 'highmem');
    expect(needs.every(({ heldAtOnce }) => heldAtOnce === 1)).to.equal(true);
    expect(needs.flatMap(({ sleptOn }) => sleptOn)).not.to.include('guest exit');
  });

  for (const [name, map] of Object.entries({ vcpuMap, vcpuMapByVmap }))
    it(`remembers how each frame was mapped, and marks only what was written: ${name}`, () => {
      const { machine, task, memory } = guest();
      const backend = kmap(task);
      const maps: HostMap[] = [];
      for (const gfn of [0, 1]) {
        const mapped = runAlone(task, map(backend, memory, gfn));
        if (!mapped.ok) throw new Error(mapped.error.code);
        mapped.value.mapping.store8(4095, 7);
        maps.push(mapped.value);
      }
      expect(maps.map(({ by }) => by)).to.deep.equal([map === vcpuMap ? 'backend' : 'vmap', 'memremap']);
      for (const held of maps) vcpuUnmap(backend, memory, held, held.gfn === 1);
      machine.checkLeaks();
      expect(memory.dirty).to.deep.equal([false, true]);
      expect(memory.frames.map((frame) => machine.physical(frame)[4095])).to.deep.equal([7, 7]);
    });

  it('has an error for a frame that the guest does not have', () => {
    const { task, memory } = guest();
    expect(runAlone(task, vcpuMap(kmapLocal(task), memory, 2))).to.deep.equal({
      ok: false,
      error: { code: 'OutOfRange', haveBytes: 8192, wantBytes: 12288 },
    });
  });

  it('has an error, and no mapping, if there is no room for a device frame', () => {
    const machine = createMachine({ vmallocPages: 1 });
    const task = machine.task('vcpu');
    const memory = { frames: machine.ioRegion(1), dirty: [false] };
    const mapped = runAlone(task, vcpuMap(kmapLocal(task), memory, 0));
    expect(mapped.ok ? 'mapped' : mapped.error.code).to.equal('NoVirtualSpace');
    machine.checkLeaks();
  });
});
