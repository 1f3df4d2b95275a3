import { expect } from 'chai';
import { ViolationError, createMachine, runAlone } from 'scatterlist';
import type { MachineOptions, SgEntry } from 'scatterlist';
import { hellwigKmap, runJob } from 'scatterlist/lab';
import type { HellwigKmap } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import type { Machine, Task } from 'scatterlist/machine';
import candidate from '../../../examples/lab/hellwig-kmap.ts';
import { TestList } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

describe('hellwigKmap', () => {
  describeFacade(candidate, {
    // It must not fail, so it returns an address for device memory too; the store to it is what goes wrong.
    outcomes: { deviceMiddle: 'violation no-linear-address' },
  });

  interface Rig {
    readonly machine: Machine;
    readonly task: Task;
    readonly api: HellwigKmap;
    readonly sg: SgEntry;
    readonly device: SgEntry;
  }

  const rig = (options: MachineOptions = {}): Rig => {
    const machine = createMachine({ highmemPages: 16, ...options });
    const task = machine.task('mapper');
    const list = new TestList<'highmem' | 'iomem'>(
      machine,
      [
        { kind: 'highmem', offset: 100, length: 8000 },
        { kind: 'iomem', offset: 40, length: 100 },
      ],
      1,
    );
    const [sg, device] = list.table;
    if (sg === undefined || device === undefined) throw new Error('no entry');
    return { machine, task, api: hellwigKmap.on(machine).open(task), sg, device };
  };

  it('maps in the pool or in a slot of the CPU, and adds the offset of the entry', () => {
    const { machine, task, api, sg } = rig();
    const global = runAlone(task, api.sgKmap(sg, 50));
    expect([task.preemptCount, task.localMaps.idx]).to.deep.equal([0, 0]);
    const atomic = api.sgKmapAtomic(sg, 50);
    expect([task.preemptCount, task.localMaps.idx]).to.deep.equal([1, 1]);
    const memory = new AddressSpace(task);
    memory.store8(atomic, 77);
    expect(memory.load8(global)).to.equal(77);
    expect([global % 4096, atomic % 4096]).to.deep.equal([150, 150]);
    api.sgKunmapAtomic(atomic);
    api.sgKunmap(sg, 50);
    machine.checkLeaks();
  });

  // Where the sg_unmap of 2017 found another page.
  it('releases the page that it mapped if the offset of the entry leads into the next page', () => {
    const { machine, task, api, sg } = rig();
    runAlone(task, api.sgKmap(sg, 4000));
    api.sgKunmap(sg, 4000);
    const address = api.sgKmapAtomic(sg, 4000);
    expect(address % 4096).to.equal(4);
    api.sgKunmapAtomic(address);
    machine.checkLeaks();
  });

  it('releases an atomic map by any address in its page, and by none beyond', () => {
    const { machine, api, sg } = rig();
    const address = api.sgKmapAtomic(sg, 0);
    expect(() => {
      api.sgKunmapAtomic(address + 4096);
    }).to.throw(ViolationError, 'unmap-address');
    api.sgKunmapAtomic(address + 300);
    machine.checkLeaks();
  });

  it('returns an address for device memory too, and the store through it is reported', () => {
    const { task, api, device } = rig();
    const address = api.sgKmapAtomic(device, 2);
    expect(address % 4096).to.equal(42);
    expect(() => {
      new AddressSpace(task).store8(address, 1);
    }).to.throw(ViolationError, 'no-linear-address');
  });

  it('never fails: no job asks for a failure of it', () => {
    const asked = (['copyResponse', 'manyMaps', 'sharedView', 'twoLists'] as const).map(
      (job) => runJob(candidate, job).asked,
    );
    // The socket of the job can fail.
    expect(asked).to.deep.equal([[], ['sendmsg'], [], []]);
  });

  it('sleeps until the pool has a slot', () => {
    const { task, api, sg } = rig({ pkmapSlots: 1 });
    runAlone(task, api.sgKmap(sg, 0));
    const work = api.sgKmap(sg, 4096);
    expect(work.next().value).to.have.property('sleepOn');
    api.sgKunmap(sg, 0);
    expect(work.next()).to.have.property('done', true);
  });
});
