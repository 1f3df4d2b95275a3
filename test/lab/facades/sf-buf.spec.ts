import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError, ViolationError, createMachine, runAlone } from 'scatterlist';
import type { MachineOptions, Page, Sleeping } from 'scatterlist';
import { defineProgram, exhaustive, explore } from 'scatterlist/explore';
import type { TaskEnv } from 'scatterlist/explore';
import { FacadeError, failCall, jobProgram, now, sfBuf } from 'scatterlist/lab';
import type { Faults, OpenFacade, SfBuf, SfBufBuffer } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import type { Machine, Task } from 'scatterlist/machine';
import candidate from '../../../examples/lab/sf-buf.ts';
import { describeFacade } from './facade-suite.ts';

describe('sfBuf', () => {
  describeFacade(candidate, {
    // It maps device memory like any other page, and plain stores reach it.
    outcomes: { deviceMiddle: 'violation iomem-plain-access' },
  });

  interface Rig {
    readonly machine: Machine;
    readonly task: Task;
    readonly api: SfBuf;
    /** The functions in another context. */
    readonly open: (task: Task) => SfBuf;
    readonly close: () => string | undefined;
    readonly page: (n: number) => Page;
  }

  const rig = (options: MachineOptions = {}, faults?: Faults): Rig => {
    const machine = createMachine({ highmemPages: 16, pkmapSlots: 2, ...options });
    const task = machine.task('mapper');
    const pages = machine.allocPages(8, { zone: 'highmem' });
    const design = sfBuf.on(machine, faults);
    return {
      machine,
      task,
      api: design.open(task),
      open: design.open,
      close: design.close,
      page(n) {
        const page = pages[n];
        if (page === undefined) throw new Error('no page');
        return page;
      },
    };
  };

  it('gives the same buffer to all users of a page, and counts buffers, not references', () => {
    const { machine, task, api, page, close } = rig();
    const one = runAlone(task, api.sfBufAlloc(page(0), 0));
    const two = runAlone(task, api.sfBufAlloc(page(0), 0));
    api.sfBufRef(one);
    expect(two).to.equal(one);
    expect(api.sfBufPage(one)).to.equal(page(0));
    expect(api.counts).to.deep.equal({ nsfbufs: 2, nsfbufsused: 1, nsfbufspeak: 1 });
    new AddressSpace(task).store8(api.sfBufKva(one) + 7, 0x5a);
    expect(machine.physical(page(0))[7]).to.equal(0x5a);
    api.sfBufFree(one);
    api.sfBufFree(two);
    expect(close()).to.equal('1 sf_buf still in use');
    api.sfBufFree(one);
    expect(api.counts.nsfbufsused).to.equal(0);
    expect(close()).to.equal(undefined);
    machine.checkLeaks();
  });

  it('keeps a page mapped after its last user: the next one writes no entry and flushes nothing', () => {
    const { machine, task, api, page } = rig();
    const one = runAlone(task, api.sfBufAlloc(page(0), 0));
    const address = api.sfBufKva(one);
    api.sfBufFree(one);
    const before = machine.ledger;
    expect([before.pteWrites, before.flushesLocal]).to.deep.equal([1, 1]);
    const again = runAlone(task, api.sfBufAlloc(page(0), 0));
    const after = machine.ledger;
    expect(api.sfBufKva(again)).to.equal(address);
    expect(after.pteWrites - before.pteWrites).to.equal(0);
    expect(after.flushesLocal - before.flushesLocal).to.equal(0);
    api.sfBufFree(again);
    expect(() => new AddressSpace(task).load8(address)).to.throw(ViolationError, 'was released');
  });

  it('takes the buffer that has been free longest for another page', () => {
    const { task, api, page } = rig();
    const [zero, one] = [0, 1].map((n) => runAlone(task, api.sfBufAlloc(page(n), 0)));
    if (zero === undefined || one === undefined) throw new Error('no buffer');
    api.sfBufFree(one);
    api.sfBufFree(zero);
    expect(runAlone(task, api.sfBufAlloc(page(2), 0))).to.equal(one);
    expect(runAlone(task, api.sfBufAlloc(page(0), 0))).to.equal(zero);
  });

  it('returns NULL at once with SFB_NOWAIT', () => {
    const { task, api, page } = rig();
    for (const n of [0, 1]) runAlone(task, api.sfBufAlloc(page(n), 0));
    expect(runAlone(task, api.sfBufAlloc(page(2), api.SFB_NOWAIT))).to.equal(api.NULL);
    expect(() => api.sfBufKva(api.NULL)).to.throw(ViolationError, 'null-pointer');
    expect(() => {
      api.sfBufFree(api.NULL);
    }).to.throw(ViolationError, 'null-pointer');
  });

  it('waits for a buffer that another task frees', () => {
    const { machine, task, api, open, page } = rig();
    const held = [0, 1].map((n) => runAlone(task, api.sfBufAlloc(page(n), 0)));
    const waiter = machine.task('waiter');
    const work = open(waiter).sfBufAlloc(page(2), 0);
    expect(work.next().value).to.have.property('sleepOn');
    expect(waiter.asleepOn?.name).to.equal('sf_buf_freelist');
    api.psignal(waiter);
    expect(work.next().done).to.equal(false);
    const [first] = held;
    if (first === undefined) throw new Error('no buffer');
    api.sfBufFree(first);
    expect(waiter.asleepOn).to.equal(undefined);
    expect(work.next()).to.deep.equal({ done: true, value: first });
  });

  it('stops waiting with SFB_CATCH when a signal arrives, even if a buffer is free by then', () => {
    const { machine, task, api, open, page } = rig();
    const held = [0, 1].map((n) => runAlone(task, api.sfBufAlloc(page(n), 0)));
    const waiter = machine.task('waiter');
    const work = open(waiter).sfBufAlloc(page(2), api.SFB_CATCH);
    expect(work.next().done).to.equal(false);
    api.psignal(waiter);
    for (const sf of held) api.sfBufFree(sf);
    expect(work.next()).to.deep.equal({ done: true, value: api.NULL });
    // The signal has been taken.
    expect(runAlone(waiter, open(waiter).sfBufAlloc(page(2), api.SFB_CATCH))).to.not.equal(api.NULL);
  });

  it('can fail only with SFB_NOWAIT or SFB_CATCH', () => {
    for (const [flags, isNull] of [
      [0, false],
      [1, true],
      [4, true],
    ] as const) {
      const { task, api, page } = rig({}, failCall(0));
      expect(runAlone(task, api.sfBufAlloc(page(0), flags)) === api.NULL, String(flags)).to.equal(isNull);
    }
  });

  it('refuses SFB_CPUPRIVATE of a task that may migrate, and a reference to a free buffer', () => {
    const { task, api, page } = rig();
    expect(() => runAlone(task, api.sfBufAlloc(page(0), api.SFB_CPUPRIVATE))).to.throw(
      FacadeError,
      'not pinned',
    );
    const sf = runAlone(task, api.sfBufAlloc(page(0), 0));
    api.sfBufFree(sf);
    expect(() => {
      api.sfBufRef(sf);
    }).to.throw(FacadeError, 'not allocated');
  });

  it('flushes with SFB_CPUPRIVATE on one CPU, and on the others when a user without it comes', () => {
    const { machine, task, api, open, page } = rig({ cpus: 2, pkmapSlots: 1 });
    const other = machine.task('other', { cpu: 1 });
    // The other CPU gets an entry for the address, which the next page makes old.
    const old = runAlone(other, open(other).sfBufAlloc(page(0), 0));
    const address = api.sfBufKva(old);
    new AddressSpace(other).load8(address);
    open(other).sfBufFree(old);
    api.schedPin();
    const before = machine.ledger;
    const sf = runAlone(task, api.sfBufAlloc(page(1), api.SFB_CPUPRIVATE));
    expect(machine.ledger.flushesLocal - before.flushesLocal).to.equal(1);
    expect(machine.ledger.ipis - before.ipis).to.equal(0);
    new AddressSpace(task).load8(address);
    expect(() => new AddressSpace(other).load8(address)).to.throw(ViolationError, 'stale');
    expect(runAlone(task, api.sfBufAlloc(page(1), 0))).to.equal(sf);
    expect(machine.ledger.ipis - before.ipis).to.equal(1);
    new AddressSpace(other).load8(address);
    api.sfBufFree(sf);
    api.sfBufFree(sf);
    api.schedUnpin();
  });

  it('reports a buffer that is freed twice, which FreeBSD does not notice', () => {
    const { task, api, page } = rig();
    const sf = runAlone(task, api.sfBufAlloc(page(0), 0));
    api.sfBufFree(sf);
    expect(() => {
      api.sfBufFree(sf);
    }).to.throw(ViolationError, 'double-unmap');
  });

  it('returns NULL exactly if every buffer has a user and none has the page, whatever was done before', () => {
    const act = fc.record({ frees: fc.boolean(), page: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const { api, page } = rig({ pkmapSlots: 4 });
        const held = new Map<number, SfBufBuffer[]>();
        for (const { frees, page: n } of acts) {
          const users = held.get(n) ?? [];
          if (frees) {
            const sf = users.pop();
            if (sf !== undefined) api.sfBufFree(sf);
          } else {
            const used = [...held.values()].filter(({ length }) => length > 0).length;
            const sf = now(api.sfBufAlloc(page(n), api.SFB_NOWAIT));
            expect(sf === api.NULL).to.equal(used === 4 && users.length === 0);
            if (sf !== api.NULL) users.push(sf);
            if (users.length > 1) expect(sf).to.equal(users[0]);
          }
          held.set(n, users);
          const pages = [...held].filter(([, { length }]) => length > 0);
          expect(api.counts.nsfbufsused).to.equal(pages.length);
          for (const [at, [sf = api.NULL]] of pages) expect(api.sfBufPage(sf)).to.equal(page(at));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('needs addresses for its buffers', () => {
    expect(() => sfBuf.on(createMachine({ pkmapSlots: 8, vmallocPages: 8 }))).to.throw(
      ConfigError,
      '8 pages',
    );
  });

  it('locks two tasks that hold a buffer and wait for another', () => {
    const program = defineProgram<Holding>({
      machine: { highmemPages: 16, pkmapSlots: 2, cpus: 1 },
      setup: (machine) => ({ design: sfBuf.on(machine), pages: machine.allocPages(4, { zone: 'highmem' }) }),
      tasks: { first: holdTwo(0), second: holdTwo(2) },
    });
    const outcome = explore(program, exhaustive(), { budget: { schedules: 2000 } });
    expect(outcome.kind === 'violation' && outcome.violation.rule).to.equal('deadlock');
  });

  it('locks no two users of the call site of n maps, which waits for the first buffer only', () => {
    const options = { users: 2, preemptible: true, machine: { pkmapSlots: 4, callSites: false } };
    const outcome = explore(jobProgram(candidate, 'manyMaps', options), exhaustive(), {
      budget: { schedules: 2000 },
    });
    expect(outcome.kind).to.equal('exhausted');
  });
});

interface Holding {
  readonly design: OpenFacade<SfBuf>;
  readonly pages: readonly Page[];
}

/** Takes the buffers of two pages, one after the other, without an error path. */
function holdTwo(from: number): (env: TaskEnv<Holding>) => Sleeping<void> {
  return function* hold({ task, design, pages }) {
    const api = design.open(task);
    const held = [];
    for (const page of pages.slice(from, from + 2)) {
      held.push(yield* api.sfBufAlloc(page, 0));
      yield;
    }
    for (const sf of held) api.sfBufFree(sf);
  };
}
