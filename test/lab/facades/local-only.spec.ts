import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import { FacadeError, NULL, failCall, failEach, localOnly, runJob } from 'scatterlist/lab';
import type { Faults } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import candidate from '../../../examples/lab/local-only.ts';
import { describeFacade } from './facade-suite.ts';

describe('localOnly', () => {
  describeFacade(candidate, {
    // A local map does not fail, so it returns an address for device memory too.
    outcomes: { deviceMiddle: 'violation no-linear-address' },
  });

  const rig = (faults?: Faults) => {
    const machine = createMachine({ highmemPages: 16, vmallocPages: 8 });
    const task = machine.task('mapper');
    const pages = machine.allocPages(3, { zone: 'highmem' });
    const [page, other] = pages;
    if (page === undefined || other === undefined) throw new Error('no page');
    const design = localOnly.on(machine, faults);
    return { machine, task, page, other, pages, design, api: design.open(task), mem: new AddressSpace(task) };
  };

  it('maps locally: preemption stays on, and any address in the page releases', () => {
    const { machine, task, page, api, mem } = rig();
    const address = api.kmapLocal(page);
    expect([task.preemptCount, task.migrateDisabled, task.localMaps.idx]).to.deep.equal([0, 1, 1]);
    mem.store8(address + 5, 9);
    expect(machine.physical(page)[5]).to.equal(9);
    api.kunmapLocal(address + 4095);
    expect([task.migrateDisabled, task.localMaps.idx]).to.deep.equal([0, 0]);
    machine.checkLeaks();
  });

  it('wants the newest local map released first', () => {
    const { page, other, api } = rig();
    const older = api.kmapLocal(page);
    api.kmapLocal(other);
    expect(() => {
      api.kunmapLocal(older);
    }).to.throw(ViolationError, 'unmap-order');
  });

  it('does not let another context use a local address, as code for kmap would', () => {
    const { machine, page, api } = rig();
    const address = api.kmapLocal(page);
    expect(() => new AddressSpace(machine.task('other')).load8(address)).to.throw(ViolationError);
  });

  it('maps pages one after the other with vmap, for every context', () => {
    const { machine, pages, design, api, mem } = rig();
    const address = api.vmap(pages);
    mem.copyFrom(Uint8Array.of(1, 2), address + 8191);
    expect(pages.map((page) => [machine.physical(page)[0], machine.physical(page)[4095]])).to.deep.equal([
      [0, 0],
      [0, 1],
      [2, 0],
    ]);
    const other = machine.task('other');
    expect(new AddressSpace(other).load8(address + 8192)).to.equal(2);
    design.open(other).vunmap(address);
    machine.checkLeaks();
  });

  it('returns NULL if vmap has no room, or fails', () => {
    const { page, api } = rig();
    const areas = Array.from({ length: 5 }, () => api.vmap([page]));
    expect(areas.map((address) => address === NULL)).to.deep.equal([false, false, false, false, true]);
    expect(rig(failCall(0)).api.vmap([page])).to.equal(NULL);
  });

  it('refuses a vunmap of what vmap did not return', () => {
    const { page, api } = rig();
    const local = api.kmapLocal(page);
    expect(() => {
      api.vunmap(local);
    }).to.throw(FacadeError, 'WARNING');
    const address = api.vmap([page]);
    api.vunmap(address);
    expect(() => {
      api.vunmap(address);
    }).to.throw(FacadeError, `0x${address.toString(16)}`);
  });

  it('can fail in one job only, which then changes nothing', () => {
    // Besides the socket of a job.
    expect(runJob(candidate, 'manyMaps').asked).to.deep.equal(['sendmsg']);
    expect(failEach(candidate, 'contiguousView').map(({ call, outcome }) => [call, outcome])).to.deep.equal([
      ['vmap', { kind: 'refused', errno: -12 }],
    ]);
  });

  it('takes no lock and flushes no other CPU for a local map', () => {
    const { lockAcquisitions, flushesGlobal } = runJob(candidate, 'twoLists').ledger;
    expect([lockAcquisitions, flushesGlobal]).to.deep.equal([0, 0]);
  });
});
