import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import {
  UserSpace,
  copyFromUserInatomic,
  kmapLocalPage,
  kunmapLocal,
  preemptDisable,
  preemptEnable,
  vmap,
  vunmap,
} from 'scatterlist/machine';
import { SiteWatch } from '../../lib/ports/site-watch.ts';

describe('SiteWatch', () => {
  it('tells the functions that a port calls itself, and views of many pages', () => {
    const machine = createMachine({ callSites: true });
    const watch = new SiteWatch(machine);
    machine.hardware.trace = watch;
    const task = machine.task();
    const pages = machine.allocPages(3, { zone: 'lowmem' });
    const view = vmap(task, pages);
    if (!view.ok) throw new Error('no space');
    vunmap(task, view.value);
    expect(watch.needs().map(({ mechanism, pages: n }) => [mechanism, n])).to.deep.equal([['vmap', 3]]);
  });

  it('counts the maps of one line together, and sees an atomic section in one of them', () => {
    const machine = createMachine({ callSites: true });
    const watch = new SiteWatch(machine);
    machine.hardware.trace = watch;
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    for (const isAtomic of [false, true]) {
      if (isAtomic) preemptDisable(task);
      kunmapLocal(task, kmapLocalPage(task, page));
      if (isAtomic) preemptEnable(task);
    }
    expect(watch.needs()).to.have.length(1);
    expect(watch.needs('protected')[0]).to.deep.include({ maps: 2, isAtomic: true, kinds: ['protected'] });
  });

  it('knows the mappings of the backend under test', () => {
    const machine = createMachine({ callSites: true });
    const watch = new SiteWatch(machine);
    machine.hardware.trace = watch;
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const backend = kmapLocal(task);
    const mapped = watch.asBackend(() => backend.map(page, 0, 8));
    if (!mapped.ok) throw new Error(mapped.error.code);
    backend.unmap(mapped.value);
    expect(watch.needs()[0]?.mechanism).to.equal(undefined);
  });

  it('does not count a release that may sleep as a sleep of what it releases, only of what is still held', () => {
    const machine = createMachine({ callSites: true });
    const watch = new SiteWatch(machine);
    machine.hardware.trace = watch;
    const task = machine.task();
    const pages = machine.allocPages(2, { zone: 'lowmem' });
    const [page] = pages;
    if (page === undefined) throw new Error('no page');
    const held = kmapLocalPage(task, page);
    const view = vmap(task, pages);
    if (!view.ok) throw new Error('no space');
    vunmap(task, view.value);
    kunmapLocal(task, held);
    expect(watch.needs().map(({ mechanism, sleptOn }) => [mechanism, sleptOn])).to.deep.equal([
      ['kmap_local', ['vmap', 'vunmap']],
      ['vmap', []],
    ]);
  });

  for (const isPresent of [true, false])
    it(`sees that a page of a user is ${isPresent ? '' : 'not '}present while a page is mapped`, () => {
      const machine = createMachine({ callSites: true });
      const watch = new SiteWatch(machine);
      machine.hardware.trace = watch;
      const task = machine.task();
      const user = new UserSpace(machine);
      const [page, own] = machine.allocPages(2, { zone: 'highmem' });
      if (page === undefined || own === undefined) throw new Error('no pages');
      if (isPresent) user.map(0x1000, own);
      const mapping = kmapLocalPage(task, page);
      const left = copyFromUserInatomic(task, { mapping, offset: 0, length: 8 }, user, 0x1000);
      kunmapLocal(task, mapping);
      expect(left).to.equal(isPresent ? 0 : 8);
      expect(watch.needs().map(({ isFaulting }) => isFaulting)).to.deep.equal([!isPresent]);
    });
});
