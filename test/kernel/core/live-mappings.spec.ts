import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { kmapLocalPage, kunmapLocal, pageAddress } from 'scatterlist/machine';
import { AS_LINUX, rulesOf, violationOf } from '../violations.ts';

describe('the live mappings of a machine', () => {
  it('are kept on a checked machine, oldest first and by who made them', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    const [p, q, r] = machine.allocPages(3, { zone: 'highmem' });
    const [first, other, second] = [kmapLocalPage(a, p!), kmapLocalPage(b, q!), kmapLocalPage(a, r!)];
    expect([...machine.live]).to.deep.equal([first, other, second]);
    expect(machine.mappings.heldBy(a)).to.deep.equal([first, second]);
    expect(machine.newestMappingOf(a)).to.equal(second);
    expect([first.serial, other.serial, second.serial]).to.deep.equal([2, 3, 4]);
    expect(machine.stamp()).to.equal(5);
    kunmapLocal(a, second);
    expect([machine.newestMappingOf(a), machine.liveMappings]).to.deep.equal([first, 2]);
    kunmapLocal(a, first);
    expect(machine.newestMappingOf(a)).to.equal(undefined);
  });

  it('are told to the trace with their slot, if they have one, from slot 0 on', () => {
    const machine = createMachine({ trace: true });
    const task = machine.task();
    const high = machine.allocPages(2, { zone: 'highmem' });
    for (const page of high) kmapLocalPage(task, page);
    kunmapLocal(task, machine.newestMappingOf(task)!);
    pageAddress(task, machine.allocPage({ zone: 'lowmem' }));
    const slots = machine.events.flatMap((event) =>
      event.event === 'map' || event.event === 'unmap' ? [[event.event, event.slot]] : [],
    );
    expect(slots).to.deep.equal([
      ['map', 0],
      ['map', 1],
      ['unmap', 1],
      ['map', undefined],
    ]);
  });

  it('are counted only on a direct machine, which uses a window again', () => {
    const machine = createMachine({ mode: 'direct' });
    const task = machine.task();
    const [p, q] = machine.allocPages(2, { zone: 'lowmem' });
    const window = machine.ramWindow(task, p!, 8, 16);
    machine.mapped(window, task);
    expect([window.live, machine.liveMappings, machine.live.size]).to.deep.equal([true, 1, 0]);
    window.store8(0, 7);
    machine.unmapped(window, task);
    expect([window.live, machine.liveMappings]).to.deep.equal([false, 0]);
    const next = machine.ramWindow(task, q!, 0, 4096);
    expect(next).to.equal(window);
    machine.mapped(next, task);
    expect([next.page, next.pageOffset, next.length, next.load8(8)]).to.deep.equal([q, 0, 4096, 0]);
  });

  it('are never two with one window on a checked machine', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'lowmem' });
    const window = machine.ramWindow(task, page, 0, 4096);
    machine.mapped(window, task);
    machine.unmapped(window, task);
    expect(machine.ramWindow(task, page, 0, 4096)).to.not.equal(window);
  });

  it('are not made of a page of another machine', () => {
    const machine = createMachine();
    const page = createMachine().allocPage({ zone: 'lowmem' });
    expect(() => machine.ramWindow(machine.task(), page, 0, 1)).to.throw(ConfigError, 'another machine');
  });

  it('carry the line of the caller of a helper, of the outer one if there are two', () => {
    for (const callSites of [true, false]) {
      const machine = createMachine({ callSites });
      const task = machine.task();
      const page = machine.allocPage({ zone: 'highmem' });
      const made = (): { line: number | undefined } => {
        const window = kmapLocalPage(task, page);
        kunmapLocal(task, window);
        expect(window.unmappedAt?.line).to.equal(callSites ? window.mappedAt?.line : undefined);
        return { line: window.mappedAt?.line };
      };
      const here = machine.helper(() => machine.helper(made));
      const sites = machine.helper(() => [made(), made()]);
      expect(sites[0]).to.deep.equal(sites[1]);
      expect(here.line === sites[0]?.line).to.equal(!callSites);
      expect(() =>
        machine.helper(() => {
          throw new RangeError('mine');
        }),
      ).to.throw(RangeError);
      // A helper that threw is over: the next map has a line of its own again.
      const window = kmapLocalPage(task, page);
      expect(window.mappedAt === undefined).to.equal(!callSites);
      if (callSites) expect(window.mappedAt?.line).to.be.greaterThan(sites[0]?.line ?? Infinity);
    }
  });

  describe('that are left', () => {
    it('are found by count on a direct machine, too', () => {
      const machine = createMachine({ mode: 'direct' });
      const task = machine.task();
      pageAddress(task, machine.allocPage({ zone: 'lowmem' }));
      expect(violationOf(() => machine.checkLeaks())).to.equal('leak');
      kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
      expect(violationOf(() => task.exit())).to.equal('leak');
    });

    it('are told by how many their maker has, and the oldest of them', () => {
      const machine = createMachine(AS_LINUX);
      const task = machine.task('keeper');
      const [p, q] = machine.allocPages(2, { zone: 'highmem' });
      kmapLocalPage(task, p!);
      kmapLocalPage(task, q!);
      machine.checkLeaks();
      expect(rulesOf(machine)).to.deep.equal(['leak']);
      const [leak] = machine.violations;
      expect(leak?.what).to.equal('task "keeper" still holds 2 mappings at a check');
      expect(leak?.mapping?.pfn).to.equal(p!.pfn);
    });
  });
});
