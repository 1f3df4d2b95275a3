import { expect } from 'chai';
import { ViolationError, createMachine, runAlone } from 'scatterlist';
import type { MachineOptions, SgEntry } from 'scatterlist';
import { EINVAL, ENOMEM, EREMOTEIO, FacadeError, failCall, isErr, now, sgMap2017 } from 'scatterlist/lab';
import type { Faults, SgMap2017 } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import type { Machine, Task } from 'scatterlist/machine';
import candidate from '../../../examples/lab/sg-map-2017.ts';
import { TestList } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

// Every job that maps the second page of an entry meets the defect of sg_unmap.
const DEFECT = 'violation unmap-address';

describe('sgMap2017', () => {
  describeFacade(candidate, {
    outcomes: {
      copyResponse: DEFECT,
      patchHead: DEFECT,
      pioBlocks: DEFECT,
      cursor: DEFECT,
      twoLists: DEFECT,
      mustNotSleep: DEFECT,
      deviceMiddle: DEFECT,
    },
  });

  interface Rig {
    readonly machine: Machine;
    readonly task: Task;
    readonly api: SgMap2017;
    readonly sg: SgEntry;
    readonly device: SgEntry;
  }

  const rig = (faults?: Faults, options: MachineOptions = {}): Rig => {
    const machine = createMachine({ highmemPages: 16, ...options });
    const task = machine.task('mapper');
    const list = new TestList<'highmem' | 'iomem'>(
      machine,
      [
        { kind: 'highmem', offset: 100, length: 8000 },
        { kind: 'iomem', offset: 0, length: 100 },
      ],
      1,
    );
    const [sg, device] = list.table;
    if (sg === undefined || device === undefined) throw new Error('no entry');
    return { machine, task, api: sgMap2017.on(machine, faults).open(task), sg, device };
  };

  it('maps with kmap or kmap_atomic, as the flags say, and with the latter if both are set', () => {
    const { machine, task, api, sg } = rig();
    const global = runAlone(task, api.sgMap(sg, 50, api.SG_KMAP));
    expect(task.preemptCount).to.equal(0);
    const atomic = runAlone(task, api.sgMap(sg, 50, api.SG_KMAP | api.SG_KMAP_ATOMIC));
    expect(task.preemptCount).to.equal(1);
    const memory = new AddressSpace(task);
    expect(memory.load8(global)).to.equal(memory.load8(atomic));
    expect(global % 4096).to.equal(150);
    api.sgUnmap(sg, atomic, 50, api.SG_KMAP_ATOMIC);
    api.sgUnmap(sg, global, 50, api.SG_KMAP);
    machine.checkLeaks();
  });

  it('returns an error pointer: no flag, device memory, a failure', () => {
    const { api, sg, device, task } = rig(failCall(2));
    const got = [api.sgMap(sg, 0, 0), api.sgMap(device, 0, api.SG_KMAP), api.sgMap(sg, 0, api.SG_KMAP)].map(
      (work) => runAlone(task, work),
    );
    expect(got).to.deep.equal([-EINVAL, -EREMOTEIO, -ENOMEM]);
    expect(got.every(isErr)).to.be.true;
  });

  it('stops the machine in place of a failure if it must not fail', () => {
    const { api, device } = rig();
    const flags = api.SG_KMAP_ATOMIC | api.SG_MAP_MUST_NOT_FAIL;
    expect(() => now(api.sgMap(device, 0, flags))).to.throw(FacadeError, '-121');
  });

  // The example of the review: page 1 is mapped, and page 0 unmapped.
  it('unmaps another page than it mapped if the offset of the entry leads into the next page', () => {
    const { machine, task, api, sg } = rig();
    const address = runAlone(task, api.sgMap(sg, 4000, api.SG_KMAP));
    expect(() => {
      api.sgUnmap(sg, address, 4000, api.SG_KMAP);
    }).to.throw(ViolationError);
    expect(() => {
      machine.checkLeaks();
    }).to.throw(ViolationError, 'leak');
  });
});
