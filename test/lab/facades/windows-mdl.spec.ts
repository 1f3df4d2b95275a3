import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import type { MachineOptions, SgEntry } from 'scatterlist';
import { exhaustive, explore } from 'scatterlist/explore';
import { FacadeError, NULL, failCall, jobProgram, windowsMdl } from 'scatterlist/lab';
import type { Faults, OpenFacade, WindowsMdl } from 'scatterlist/lab';
import { AddressSpace, preemptDisable, preemptEnable } from 'scatterlist/machine';
import type { Machine, Task } from 'scatterlist/machine';
import candidate from '../../../examples/lab/windows-mdl.ts';
import { TestList, pattern } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

const PAGE = 4096;
const TAG = 7;

describe('windowsMdl', () => {
  describeFacade(candidate);

  interface Rig {
    readonly machine: Machine;
    readonly task: Task;
    readonly memory: AddressSpace;
    readonly api: WindowsMdl;
    readonly design: OpenFacade<WindowsMdl>;
    readonly list: TestList<'highmem'>;
    readonly entry: (n: number) => SgEntry;
  }

  const rig = (options: MachineOptions = {}, faults?: Faults): Rig => {
    const machine = createMachine({ highmemPages: 32, ...options });
    const task = machine.task('driver');
    const design = windowsMdl.on(machine, faults);
    const list = new TestList(
      machine,
      [
        { kind: 'highmem', offset: 100, length: PAGE - 100 },
        { kind: 'highmem', offset: 0, length: PAGE },
        { kind: 'highmem', offset: 0, length: 50 },
        { kind: 'highmem', offset: 8, length: 8 },
      ],
      1,
    );
    const entries = [...list.table];
    return {
      machine,
      task,
      memory: new AddressSpace(task),
      api: design.open(task),
      design,
      list,
      entry(n) {
        const sg = entries[n];
        if (sg === undefined) throw new Error('no entry');
        return sg;
      },
    };
  };

  it('maps entries that meet at the borders of pages as one range', () => {
    const { machine, memory, api, list, entry } = rig();
    const mdl = api.mdlOf([0, 1, 2].map(entry));
    expect([mdl.byteOffset, mdl.byteCount, mdl.pages.length]).to.deep.equal([100, 2 * PAGE - 50, 3]);
    const va = api.mmGetSystemAddressForMdlSafe(mdl, api.NormalPagePriority);
    const bytes = new Uint8Array(mdl.byteCount);
    memory.copyTo(bytes, va);
    expect(bytes).to.deep.equal(list.bytes().subarray(0, mdl.byteCount));
    api.mmUnmapLockedPages(va, mdl);
    expect(mdl.mappedSystemVa).to.equal(NULL);
    machine.checkLeaks();
  });

  it('refuses entries that do not meet', () => {
    const { api, entry } = rig();
    for (const pair of [
      [2, 0],
      [2, 3],
      [3, 1],
    ])
      expect(() => api.mdlOf(pair.map(entry)), String(pair)).to.throw(FacadeError, 'one range');
  });

  it('returns the address of an MDL that is mapped; one unmap ends the map of all who got it', () => {
    const { machine, memory, api, entry } = rig();
    const mdl = api.mdlOf([entry(0)]);
    const va = api.mmGetSystemAddressForMdlSafe(mdl, api.LowPagePriority);
    const { pteWrites } = machine.ledger;
    expect(api.mmGetSystemAddressForMdlSafe(mdl, api.LowPagePriority)).to.equal(va);
    expect(machine.ledger.pteWrites).to.equal(pteWrites);
    api.mmUnmapLockedPages(va, mdl);
    expect(() => memory.load8(va)).to.throw(ViolationError, 'unmapped-slot');
    expect(() => {
      api.mmUnmapLockedPages(va, mdl);
    }).to.throw(FacadeError, 'not mapped');
  });

  it('fails the sooner the lower the priority is: at a quarter, a sixteenth, none of the addresses', () => {
    // Each map of a page takes two pages of the area, one of them a guard.
    const { machine, api, entry } = rig({ vmallocPages: 64 });
    const counts = [api.LowPagePriority, api.NormalPagePriority, api.HighPagePriority].map((priority) => {
      let count = 0;
      for (;;) {
        const mdl = api.mdlOf([entry(3)]);
        if (api.mmGetSystemAddressForMdlSafe(mdl, priority) === NULL) break;
        count += 1;
      }
      return [count, machine.vmalloc.freePages];
    });
    expect(counts).to.deep.equal([
      [24, 16],
      [6, 4],
      [2, 0],
    ]);
  });

  it('stops the machine in place of NULL if the caller asked for that', () => {
    const { api, entry } = rig({ vmallocPages: 2 });
    const [one, two] = [api.mdlOf([entry(0)]), api.mdlOf([entry(1)])];
    expect(api.mmMapLockedPagesSpecifyCache(one, api.MmCached, true, api.HighPagePriority)).to.be.above(0);
    expect(api.mmMapLockedPagesSpecifyCache(two, api.MmCached, false, api.HighPagePriority)).to.equal(NULL);
    expect(() => api.mmMapLockedPagesSpecifyCache(two, api.MmCached, true, api.HighPagePriority)).to.throw(
      FacadeError,
      'NO_MORE_SYSTEM_PTES (0x3F): 1 pages',
    );
    expect(() => api.mmMapLockedPagesSpecifyCache(one, api.MmCached, false, api.HighPagePriority)).to.throw(
      FacadeError,
      'mapped already',
    );
  });

  it('reserves addresses, at which maps do not fail', () => {
    const { machine, memory, api, design, list, entry } = rig({ vmallocPages: 3 });
    const reserved = api.mmAllocateMappingAddress(PAGE + 1, TAG);
    expect(machine.vmalloc.freePages).to.equal(0);
    expect(api.mmAllocateMappingAddress(1, TAG)).to.equal(NULL);
    expect(design.close()).to.equal('1 mapping addresses still reserved');
    for (const n of [0, 1, 3]) {
      const mdl = api.mdlOf([entry(n)]);
      const va = api.mmMapLockedPagesWithReservedMapping(reserved, TAG, mdl, api.MmCached);
      expect(va).to.equal(reserved + entry(n).offset);
      memory.copyFrom(pattern(8, n), va);
      api.mmUnmapReservedMapping(reserved, TAG, mdl);
      expect(() => memory.load8(va)).to.throw(ViolationError, 'unmapped-slot');
    }
    expect(list.bytes().slice(0, 8)).to.deep.equal(pattern(8, 0));
    const long = api.mdlOf([0, 1, 2].map(entry));
    expect(api.mmMapLockedPagesWithReservedMapping(reserved, TAG, long, api.MmCached)).to.equal(NULL);
    api.mmFreeMappingAddress(reserved, TAG);
    expect(machine.vmalloc.freePages).to.equal(3);
    expect(design.close()).to.equal(undefined);
    machine.checkLeaks();
  });

  it('refuses wrong tags, addresses and MDLs', () => {
    const { api, entry } = rig();
    const [mdl, other] = [api.mdlOf([entry(0)]), api.mdlOf([entry(1)])];
    const reserved = api.mmAllocateMappingAddress(PAGE, TAG);
    const va = api.mmMapLockedPagesWithReservedMapping(reserved, TAG, mdl, api.MmCached);
    const refused = (text: string, wrong: () => unknown) => {
      expect(wrong, text).to.throw(FacadeError, `SYSTEM_PTE_MISUSE (0xDA): ${text}`);
    };
    refused('no addresses are reserved there with this tag', () => {
      api.mmUnmapReservedMapping(reserved, TAG + 1, mdl);
    });
    refused('no addresses are reserved there with this tag', () => {
      api.mmUnmapReservedMapping(va, TAG, mdl);
    });
    refused('the MDL is not mapped at these addresses', () => {
      api.mmUnmapReservedMapping(reserved, TAG, other);
    });
    refused('the MDL is mapped at reserved addresses', () => {
      api.mmUnmapLockedPages(va, mdl);
    });
    refused('the address is not that of the map', () => {
      api.mmUnmapLockedPages(reserved, mdl);
    });
    refused('the reserved addresses are in use', () => {
      api.mmFreeMappingAddress(reserved, TAG);
    });
    refused('the MDL or the addresses are mapped already', () =>
      api.mmMapLockedPagesWithReservedMapping(reserved, TAG, other, api.MmCached),
    );
  });

  it('maps at DISPATCH_LEVEL and below, and reserves below it only', () => {
    const { machine, task, api, design, entry } = rig();
    const mdl = api.mdlOf([entry(0)]);
    machine.interrupt('softirq', (irq) => {
      const inIrq = design.open(irq);
      const va = inIrq.mmGetSystemAddressForMdlSafe(mdl, api.HighPagePriority);
      inIrq.mmUnmapLockedPages(va, mdl);
      expect(() => inIrq.mmAllocateMappingAddress(PAGE, TAG)).to.throw(FacadeError, 'APC_LEVEL');
    });
    machine.interrupt('hardirq', (irq) => {
      expect(() => design.open(irq).mmGetSystemAddressForMdlSafe(mdl, api.HighPagePriority)).to.throw(
        FacadeError,
        'DISPATCH_LEVEL',
      );
    });
    preemptDisable(task);
    expect(() => api.mmAllocateMappingAddress(PAGE, TAG)).to.throw(FacadeError, 'APC_LEVEL');
    preemptEnable(task);
  });

  it('reaches device memory with the register functions, not with plain stores', () => {
    const { machine, memory, api } = rig();
    const list = new TestList(machine, [{ kind: 'iomem', offset: 16, length: 32 }], 5);
    const mdl = api.mdlOf([...list.table]);
    const va = api.mmMapLockedPagesSpecifyCache(mdl, api.MmNonCached, false, api.NormalPagePriority);
    api.writeRegisterBufferUchar(va, pattern(32, 9));
    expect(list.bytes()).to.deep.equal(pattern(32, 9));
    expect(() => {
      memory.copyFrom(pattern(32, 9), va);
    }).to.throw(ViolationError, 'iomem-plain-access');
    api.mmUnmapLockedPages(va, mdl);
  });

  it('fails where it can: each map, and the reservation, but no map at reserved addresses', () => {
    const first = rig({}, failCall(0));
    expect(first.api.mmGetSystemAddressForMdlSafe(first.api.mdlOf([first.entry(0)]), 32)).to.equal(NULL);
    const second = rig({}, failCall(0));
    expect(second.api.mmAllocateMappingAddress(PAGE, TAG)).to.equal(NULL);
    const { api, entry } = rig({}, failCall(1));
    const reserved = api.mmAllocateMappingAddress(PAGE, TAG);
    const mdl = api.mdlOf([entry(0)]);
    expect(api.mmMapLockedPagesWithReservedMapping(reserved, TAG, mdl, api.MmCached)).to.not.equal(NULL);
    const other = api.mdlOf([entry(1)]);
    expect(api.mmMapLockedPagesSpecifyCache(other, api.MmCached, false, 32)).to.equal(NULL);
  });

  it('never waits: users of few addresses fail and give back what they have', () => {
    const options = { users: 2, preemptible: true, machine: { vmallocPages: 12, callSites: false } };
    const outcome = explore(jobProgram(candidate, 'manyMaps', options), exhaustive(), {
      budget: { schedules: 2000 },
    });
    expect(outcome.kind).to.equal('exhausted');
  });
});
