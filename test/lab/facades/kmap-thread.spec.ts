import { expect } from 'chai';
import { ViolationError, createMachine, runAlone } from 'scatterlist';
import type { MachineOptions } from 'scatterlist';
import { kmapThread, runJob } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import candidate from '../../../examples/lab/kmap-thread.ts';
import { describeFacade } from './facade-suite.ts';

describe('kmapThread', () => {
  describeFacade(candidate, {
    // No map fails, so there is an address for device memory too.
    outcomes: { deviceMiddle: 'violation no-linear-address' },
  });

  const rig = (options: MachineOptions = {}) => {
    const machine = createMachine({ highmemPages: 16, protectedPages: 4, ...options });
    const task = machine.task('mapper');
    const other = machine.task('other');
    const page = machine.allocPage({ zone: 'highmem' });
    const guarded = machine.allocPage({ zone: 'protected' });
    const design = kmapThread.on(machine);
    const memory = { own: new AddressSpace(task), other: new AddressSpace(other) };
    return { machine, task, other, page, guarded, design, api: design.open(task), memory };
  };

  it('takes a slot of the pool for either map of a highmem page, the same one for one page', () => {
    const { machine, task, page, api } = rig();
    const thread = runAlone(task, api.kmapThread(page));
    const global = runAlone(task, api.kmap(page));
    expect(thread).to.equal(global);
    expect(machine.ledger.pteWrites).to.equal(1);
    expect([task.localMaps.idx, task.preemptCount]).to.deep.equal([0, 0]);
    api.kunmap(page);
    api.kunmapThread(page);
    machine.checkLeaks();
  });

  it('does not notice another thread that uses the address of a highmem page', () => {
    const { task, page, api, memory } = rig();
    const address = runAlone(task, api.kmapThread(page));
    memory.other.store8(address, 5);
    expect(memory.own.load8(address)).to.equal(5);
  });

  it('gives the key of a protected page to this thread only; kmap gives it to all', () => {
    const { task, other, guarded, api, memory } = rig();
    const address = runAlone(task, api.kmapThread(guarded));
    memory.own.store8(address, 5);
    expect(() => memory.other.load8(address)).to.throw(ViolationError, 'protected-access');
    expect(runAlone(task, api.kmap(guarded))).to.equal(address);
    expect(memory.other.load8(address)).to.equal(5);
    api.kunmap(guarded);
    expect(() => memory.other.load8(address)).to.throw(ViolationError, 'protected-access');
    api.kunmapThread(guarded);
    expect([task.keyGrants, other.keyGrants]).to.deep.equal([0, 0]);
    expect(() => memory.own.load8(address)).to.throw(ViolationError);
  });

  it('sleeps until the pool has a slot, with both maps', () => {
    const { machine, task, page, api } = rig({ pkmapSlots: 1 });
    const second = machine.allocPage({ zone: 'highmem' });
    for (const map of [() => api.kmapThread(second), () => api.kmap(second)]) {
      runAlone(task, api.kmapThread(page));
      const work = map();
      expect(work.next().value).to.have.property('sleepOn');
      api.kunmapThread(page);
      expect(work.next()).to.have.property('done', true);
      api.kunmap(second);
    }
  });

  it('counts the maps of each thread that are not released, and says so at the end', () => {
    const { task, page, api, design } = rig();
    expect(design.close()).to.equal(undefined);
    runAlone(task, api.kmapThread(page));
    runAlone(task, api.kmapThread(page));
    // The other of the two functions: the pool is content, the count is not.
    api.kunmap(page);
    api.kunmapThread(page);
    expect(design.close()).to.equal('WARNING: task "mapper": failed to kunmap_thread() [cnt 1]');
  });

  it('keeps preemption off for kmap_atomic, and waits for nothing', () => {
    const { machine, task, page, api } = rig({ pkmapSlots: 1 });
    const address = api.kmapAtomic(page);
    expect(task.preemptCount).to.equal(1);
    api.kunmapAtomic(address + 9);
    expect(task.preemptCount).to.equal(0);
    machine.checkLeaks();
  });

  it('hangs if one user wants more maps at once than the pool has slots', () => {
    const run = (pkmapSlots: number) =>
      runJob(candidate, 'manyMaps', { machine: { pkmapSlots } }).outcome.kind;
    expect([run(4), run(2)]).to.deep.equal(['done', 'hung']);
  });
});
