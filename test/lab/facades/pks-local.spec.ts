import { expect } from 'chai';
import { ViolationError, createMachine, runAlone } from 'scatterlist';
import { FacadeError, pksLocal, runJob } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import type { Machine } from 'scatterlist/machine';
import candidate from '../../../examples/lab/pks-local.ts';
import { describeFacade } from './facade-suite.ts';

describe('pksLocal', () => {
  describeFacade(candidate, {
    outcomes: {
      // A local map does not fail, so it returns an address for device memory too.
      deviceMiddle: 'violation no-linear-address',
      // The interrupted task holds a grant, and the handler gets none.
      mustNotSleep: 'asserted',
    },
  });

  const rig = () => {
    const machine = createMachine({ ...pksLocal.machine, cpus: 2, protectedPages: 8 });
    const task = machine.task('mapper', { cpu: 0 });
    const other = machine.task('other', { cpu: 1 });
    const [page, second] = machine.allocPages(2, { zone: 'protected' });
    if (page === undefined || second === undefined) throw new Error('no page');
    const design = pksLocal.on(machine);
    const memory = { own: new AddressSpace(task), other: new AddressSpace(other) };
    return { machine, task, page, second, design, api: design.open(task), memory };
  };

  const keys = ({ ledger }: Machine): number => ledger.keySwitches;

  it('grants the key from the map to the unmap, to this thread only', () => {
    const { machine, page, api, memory } = rig();
    const address = api.kmapLocalPage(page);
    memory.own.store8(address, 4);
    expect(() => memory.other.load8(address)).to.throw(ViolationError, 'protected-access');
    api.kunmapLocal(address + 100);
    expect(() => memory.own.load8(address)).to.throw(ViolationError, 'protected-access');
    expect(keys(machine)).to.equal(2);
    machine.checkLeaks();
  });

  it('writes the key register at the first grant and the last, whatever made them', () => {
    const { machine, page, second, api, memory } = rig();
    const older = api.kmapLocalPage(page);
    const newer = api.kmapLocalPage(second);
    api.pgmapSetReadwrite(page);
    api.kunmapLocal(newer);
    api.kunmapLocal(older);
    expect(keys(machine)).to.equal(1);
    memory.own.store8(older, 4);
    api.pgmapSetNoaccess(page);
    expect(keys(machine)).to.equal(2);
    expect(() => {
      memory.own.store8(older, 5);
    }).to.throw(ViolationError, 'protected-access');
  });

  // One key for all pages: the grant does not say which page it is for.
  it('lets the thread write any protected page while it holds a grant for one', () => {
    const { machine, page, second, api, memory } = rig();
    const address = api.kmapLocalPage(page);
    memory.own.store8(address + 4096, 4);
    expect(machine.physical(second)[0]).to.equal(4);
  });

  it('gives an address without a grant with kmap', () => {
    const { task, page, api, memory } = rig();
    const address = runAlone(task, api.kmap(page));
    expect(() => memory.own.load8(address)).to.throw(ViolationError, 'protected-access');
    api.pgmapSetReadwrite(page);
    expect(memory.own.load8(address)).to.equal(0);
    api.pgmapSetNoaccess(page);
    api.kunmap(page);
  });

  it('counts the grants of a handler in the thread that it interrupts, and gives it access if there were none', () => {
    const { machine, task, page, second, design } = rig();
    machine.enter(task);
    machine.interrupt('softirq', (irq) => {
      const api = design.open(irq);
      const [one, two] = [api.kmapLocalPage(page), api.kmapLocalPage(second)];
      expect(task.keyGrants).to.equal(2);
      new AddressSpace(irq).store8(two, 9);
      api.kunmapLocal(two);
      api.kunmapLocal(one);
      api.pgmapSetReadwrite(page);
      api.pgmapSetNoaccess(page);
    });
    expect([task.keyGrants, keys(machine)]).to.deep.equal([0, 4]);
  });

  it('refuses the map of a handler on top of a thread that holds a grant, for a protected page only', () => {
    const { machine, page, second, design, api } = rig();
    const lowmem = machine.allocPage({ zone: 'lowmem' });
    const address = api.kmapLocalPage(page);
    machine.interrupt('softirq', (irq) => {
      const handler = design.open(irq);
      handler.kunmapLocal(handler.kmapLocalPage(lowmem));
      for (const map of ['kmapLocalPage', 'pgmapSetReadwrite'] as const)
        expect(() => handler[map](second)).to.throw(FacadeError, 'the count of "mapper" was 1');
    });
    api.kunmapLocal(address);
    machine.checkLeaks();
  });

  it('does its jobs in protected memory, and sees the highmem of another machine as kmap_local does', () => {
    expect(runJob(candidate, 'manyMaps').ledger.keySwitches).to.equal(2);
    const highmem = { highmem: true, highmemPages: 128, protectedPages: 0 };
    const { outcome, ledger } = runJob(candidate, 'mustNotSleep', { machine: highmem });
    expect([outcome.kind, ledger.keySwitches]).to.deep.equal(['done', 0]);
  });
});
