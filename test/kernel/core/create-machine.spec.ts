import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { LocalSlots } from '../../../lib/kernel/parts/local-slots.ts';
import { PkmapPool } from '../../../lib/kernel/parts/pkmap.ts';

describe('createMachine', () => {
  it('takes less memory for the first page where the machine is checked', () => {
    const bytes = (['checked', 'direct'] as const).map((mode) => {
      const machine = createMachine({ mode });
      machine.hardware.memory.touch(machine.allocPage({ zone: 'lowmem' }));
      return machine.hardware.memory.backingBytes;
    });
    expect(bytes).to.deep.equal([4 * 4096, 16 * 4096]);
  });

  it('sets the watch on checked machines only', () => {
    expect(createMachine().guard).not.to.equal(undefined);
    expect(createMachine({ mode: 'direct' }).guard).to.equal(undefined);
  });

  it('takes other parts for its own', () => {
    class Slots extends LocalSlots {}
    class Pool extends PkmapPool {}
    const machine = createMachine(
      {},
      { localSlots: (hardware) => new Slots(hardware), pkmap: (hardware) => new Pool(hardware) },
    );
    expect(machine.localSlots).to.be.instanceOf(Slots);
    expect(machine.pkmap).to.be.instanceOf(Pool);
  });

  it('refuses what no machine could have', () => {
    expect(() => createMachine({ cpus: 0 })).to.throw(ConfigError, 'cpus is 0');
  });

  it('is cheap: a thousand of them in a blink, and 64 GiB costs what is touched of it', () => {
    const began = performance.now();
    for (let i = 0; i < 1000; i += 1) createMachine({ highmemPages: 4 });
    expect(performance.now() - began).to.be.below(2000);

    const machine = createMachine({ mode: 'direct', highmemPages: 2 ** 24 });
    const { memory } = machine.hardware;
    expect([memory.endPfn, memory.backingBytes]).to.deep.equal([2 ** 24 + 4096, 0]);
    // One page in a hundred of the first GiB.
    const touched = 2622;
    for (let i = 0; i < touched; i += 1) memory.touch(memory.page(4096 + i * 100));
    expect(memory.touchedPages).to.equal(touched);
    expect(memory.backingBytes).to.be.within(touched * 4096, touched * 4096 * 1.02 + 65536);
  });
});
