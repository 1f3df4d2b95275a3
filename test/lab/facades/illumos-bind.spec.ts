import { expect } from 'chai';
import { ViolationError, createMachine, runAlone } from 'scatterlist';
import type { MachineOptions, Page, Sleeping } from 'scatterlist';
import { defineProgram, exhaustive, explore } from 'scatterlist/explore';
import type { TaskEnv } from 'scatterlist/explore';
import { FacadeError, failCall, illumosBind, now } from 'scatterlist/lab';
import type { DdiCallback, DdiDmaHandle, Faults, IllumosBind, OpenFacade } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import type { Machine, Task } from 'scatterlist/machine';
import candidate from '../../../examples/lab/illumos-bind.ts';
import { pattern } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

const PAGE = 4096;

describe('illumosBind', () => {
  describeFacade(candidate, {
    // Device memory lies above what the device reaches, so the copy buffer is used, with plain loads and stores.
    outcomes: { deviceMiddle: 'violation iomem-plain-access' },
  });

  interface Rig {
    readonly machine: Machine;
    readonly task: Task;
    readonly api: IllumosBind;
    readonly design: OpenFacade<IllumosBind>;
    readonly far: readonly Page<'highmem'>[];
    readonly near: readonly Page<'lowmem'>[];
    readonly handle: () => DdiDmaHandle;
    /** Binds bytes of pages; by default the device writes them, and a failed bind is final. */
    readonly bind: (handle: DdiDmaHandle, pages: readonly Page[], how?: How) => number;
  }

  interface How {
    readonly offset?: number;
    readonly count?: number;
    readonly flags?: number;
    readonly callback?: DdiCallback;
  }

  /** A machine with 4 pages of copy buffers, of which a bind gets one. */
  const rig = (faults?: Faults, options: MachineOptions = {}): Rig => {
    const machine = createMachine({ bounceSlots: 8, lowmemPages: 24, highmemPages: 16, ...options });
    const task = machine.task('driver');
    const design = illumosBind.on(machine, faults);
    const api = design.open(task);
    return {
      machine,
      task,
      api,
      design,
      far: machine.allocPages(6, { zone: 'highmem' }),
      near: machine.allocPages(6, { zone: 'lowmem' }),
      handle: () => api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP)[1],
      bind: (handle, pages, how = {}) => {
        const { offset = 0, count = PAGE, flags = api.DDI_DMA_READ, callback = api.DDI_DMA_DONTWAIT } = how;
        return now(api.ddiDmaBufBindHandle(handle, api.pageioBuf(pages, offset, count), flags, callback));
      },
    };
  };

  const only = (pages: readonly Page[], n = 0): readonly Page[] => pages.slice(n, n + 1);
  const first = (machine: Machine, pages: readonly Page[], n = 0): Uint8Array => {
    const page = pages[n];
    if (page === undefined) throw new Error('no page');
    return machine.physical(page);
  };

  it('gives memory that the device reaches by its own address, neighbours in one cookie', () => {
    const { api, near, handle, bind } = rig();
    const one = handle();
    expect(bind(one, near.slice(0, 2), { offset: 100, count: 5000 })).to.equal(api.DDI_DMA_MAPPED);
    const cookies = api.ddiDmaCookieIter(one);
    expect(cookies).to.deep.equal([{ dmacLaddress: (near[0]?.phys ?? 0) + 100, dmacSize: 5000 }]);
    expect(api.ddiDmaNumwin(one)).to.equal(1);
    api.ddiDmaUnbindHandle(one);
  });

  it('copies far memory to the device at the bind, and from it at the unbind, as the direction says', () => {
    const { machine, api, far, handle, bind } = rig();
    const one = handle();
    first(machine, far).set(pattern(8, 1), 20);
    bind(one, only(far), { offset: 20, count: 8, flags: api.DDI_DMA_WRITE });
    const [out] = api.ddiDmaCookieIter(one);
    expect(api.deviceRead(out?.dmacLaddress ?? 0, 8)).to.deep.equal(pattern(8, 1));
    api.ddiDmaUnbindHandle(one);
    bind(one, only(far), { offset: 20, count: 8 });
    const [into] = api.ddiDmaCookieIter(one);
    api.deviceWrite(into?.dmacLaddress ?? 0, pattern(8, 2));
    expect(first(machine, far).slice(20, 28)).to.deep.equal(pattern(8, 1));
    api.ddiDmaUnbindHandle(one);
    expect(first(machine, far).slice(20, 28)).to.deep.equal(pattern(8, 2));
    expect(machine.ledger.bytesBounced).to.equal(16);
  });

  it('syncs only in the direction of the bind', () => {
    const { machine, api, far, handle, bind } = rig();
    const one = handle();
    bind(one, only(far), { count: 8 });
    const [cookie] = api.ddiDmaCookieIter(one);
    api.deviceWrite(cookie?.dmacLaddress ?? 0, pattern(8, 3));
    expect(api.ddiDmaSync(one, api.DDI_DMA_SYNC_FORDEV)).to.equal(api.DDI_FAILURE);
    expect(first(machine, far)[1]).to.equal(0);
    expect(api.ddiDmaSync(one, api.DDI_DMA_SYNC_FORCPU)).to.equal(api.DDI_SUCCESS);
    expect(first(machine, far).slice(0, 8)).to.deep.equal(pattern(8, 3));
    api.ddiDmaUnbindHandle(one);
  });

  it('is too big without DDI_DMA_PARTIAL, and with it has windows that the caller moves', () => {
    const { machine, api, far, handle, bind } = rig();
    const one = handle();
    const how = { offset: 4000, count: 4400, flags: api.DDI_DMA_READ };
    expect(bind(one, far, how)).to.equal(api.DDI_DMA_TOOBIG);
    expect(bind(one, far, { ...how, flags: api.DDI_DMA_READ | api.DDI_DMA_PARTIAL })).to.equal(
      api.DDI_DMA_PARTIAL_MAP,
    );
    expect(api.ddiDmaNumwin(one)).to.equal(3);
    const places = [0, 1, 2].map((win) => {
      if (win > 0) expect(api.ddiDmaGetwin(one, win)[0]).to.equal(api.DDI_SUCCESS);
      for (const { dmacLaddress, dmacSize } of api.ddiDmaCookieIter(one))
        api.deviceWrite(dmacLaddress, pattern(dmacSize, win));
      return api.ddiDmaCookieIter(one).map(({ dmacSize }) => dmacSize);
    });
    expect(places).to.deep.equal([[96], [4096], [208]]);
    expect(api.ddiDmaGetwin(one, 3)).to.deep.equal([api.DDI_FAILURE, 0, 0]);
    expect(first(machine, far, 1)).to.deep.equal(pattern(PAGE, 1));
    expect(first(machine, far, 2)[0]).to.equal(0);
    expect(api.ddiDmaGetwin(one, 0)).to.deep.equal([api.DDI_SUCCESS, 0, 96]);
    expect(first(machine, far, 2).slice(0, 208)).to.deep.equal(pattern(208, 2));
    api.ddiDmaUnbindHandle(one);
  });

  it('counts only pages of the copy buffer for the end of a window', () => {
    const { api, far, near, handle, bind } = rig();
    const one = handle();
    const pages = [...only(far), ...only(far, 1), ...only(near)];
    const flags = api.DDI_DMA_READ | api.DDI_DMA_PARTIAL;
    expect(bind(one, [...only(far), ...only(near)], { count: 2 * PAGE })).to.equal(api.DDI_DMA_MAPPED);
    api.ddiDmaUnbindHandle(one);
    expect(bind(one, pages, { count: 3 * PAGE, flags })).to.equal(api.DDI_DMA_PARTIAL_MAP);
    expect(api.ddiDmaNumwin(one)).to.equal(2);
    expect(api.ddiDmaGetwin(one, 1)).to.deep.equal([api.DDI_SUCCESS, PAGE, 2 * PAGE]);
    api.ddiDmaUnbindHandle(one);
  });

  it('ends a window where the device takes no more cookies', () => {
    const { api, near, handle, bind } = rig();
    const one = handle();
    // In reverse order no page follows the one before.
    const pages = [...near].reverse();
    const flags = api.DDI_DMA_READ | api.DDI_DMA_PARTIAL;
    expect(bind(one, pages, { count: 6 * PAGE, flags })).to.equal(api.DDI_DMA_PARTIAL_MAP);
    expect(api.ddiDmaCookieIter(one)).to.have.length(4);
    expect(api.ddiDmaGetwin(one, 1)).to.deep.equal([api.DDI_SUCCESS, 4 * PAGE, 2 * PAGE]);
    api.ddiDmaUnbindHandle(one);
  });

  it('refuses a second bind of a handle, and to free one that is bound', () => {
    const { api, far, handle, bind, design } = rig();
    const one = handle();
    bind(one, only(far));
    expect(bind(one, only(far, 1))).to.equal(api.DDI_DMA_INUSE);
    expect(() => {
      api.ddiDmaFreeHandle(one);
    }).to.throw(FacadeError, 'dp_inuse');
    expect(design.close()).to.equal('1 pages of copy buffers still bound');
    api.ddiDmaUnbindHandle(one);
    expect(design.close()).to.equal('1 DMA handles not freed');
    api.ddiDmaFreeHandle(one);
    expect(api.ddiDmaAllocHandle({ ...api.attr, dmaAttrSgllen: 0 }, api.DDI_DMA_SLEEP)[0]).to.equal(
      api.DDI_DMA_BADATTR,
    );
    expect(design.close()).to.equal(undefined);
  });

  it('returns DDI_DMA_NORESOURCES at once with DDI_DMA_DONTWAIT', () => {
    const { api, far, handle, bind } = rig();
    const got = [0, 1, 2, 3, 4].map((n) => bind(handle(), only(far, n)));
    expect(got).to.deep.equal([0, 0, 0, 0, api.DDI_DMA_NORESOURCES]);
  });

  it('calls every callback in a softirq when something is unbound, and again those that ran out', () => {
    const { machine, api, far, handle, bind } = rig();
    const bound = [0, 1, 2, 3].map((n) => {
      const one = handle();
      bind(one, only(far, n));
      return one;
    });
    const log: string[] = [];
    const waiter = (name: string): DdiCallback => {
      const one = handle();
      const retry: DdiCallback = () => {
        const status = bind(one, only(far, 4), { callback: retry });
        log.push(`${name} ${String(status)} ${machine.executing.state().kind}`);
        return status === api.DDI_DMA_NORESOURCES ? api.DDI_DMA_CALLBACK_RUNOUT : api.DDI_DMA_CALLBACK_DONE;
      };
      expect(bind(one, only(far, 4), { callback: retry })).to.equal(api.DDI_DMA_NORESOURCES);
      return retry;
    };
    waiter('a');
    waiter('b');
    const [one, two] = bound;
    if (one === undefined || two === undefined) throw new Error('no handle');
    api.ddiDmaUnbindHandle(one);
    expect(log.splice(0)).to.deep.equal(['a 0 softirq', 'b -1 softirq']);
    api.ddiDmaUnbindHandle(two);
    expect(log.splice(0)).to.deep.equal(['b 0 softirq']);
    api.ddiDmaUnbindHandle(two);
    expect(log).to.deep.equal([]);
  });

  it('waits with DDI_DMA_SLEEP, which only a task may do', () => {
    const { machine, api, design, far, handle, bind } = rig();
    const bound = [0, 1, 2, 3].map((n) => {
      const one = handle();
      bind(one, only(far, n));
      return one;
    });
    const waiter = machine.task('waiter');
    const other = design.open(waiter);
    const bp = other.pageioBuf(only(far, 4), 0, 8);
    const work = other.ddiDmaBufBindHandle(handle(), bp, api.DDI_DMA_READ, api.DDI_DMA_SLEEP);
    expect(work.next().done).to.equal(false);
    expect(waiter.asleepOn?.name).to.equal('copy buffers');
    for (const one of bound.slice(0, 1)) api.ddiDmaUnbindHandle(one);
    expect(waiter.asleepOn).to.equal(undefined);
    expect(work.next()).to.deep.equal({ done: true, value: api.DDI_DMA_MAPPED });
    machine.interrupt('softirq', (irq) => {
      const inIrq = design.open(irq);
      expect(() =>
        now(inIrq.ddiDmaBufBindHandle(handle(), bp, api.DDI_DMA_READ, api.DDI_DMA_SLEEP)),
      ).to.throw(ViolationError, 'sleep-in-atomic');
    });
  });

  it('fails where it can: with DDI_DMA_SLEEP nowhere, and with a callback it is called later', () => {
    const failing = rig(failCall(0));
    expect(failing.api.ddiDmaAllocHandle(failing.api.attr, failing.api.DDI_DMA_DONTWAIT)[0]).to.equal(
      failing.api.DDI_DMA_NORESOURCES,
    );
    const { api, task, far, handle, bind, design } = rig(failCall(0));
    const one = handle();
    const bp = api.pageioBuf(only(far), 0, 8);
    expect(runAlone(task, api.ddiDmaBufBindHandle(one, bp, api.DDI_DMA_READ, api.DDI_DMA_SLEEP))).to.equal(
      api.DDI_DMA_MAPPED,
    );
    let calls = 0;
    const callback = () => {
      calls += 1;
      return api.DDI_DMA_CALLBACK_DONE;
    };
    expect(bind(handle(), only(far, 1), { callback })).to.equal(api.DDI_DMA_NORESOURCES);
    expect(design.close()).to.equal('1 callbacks never answered DONE');
    api.ddiDmaUnbindHandle(one);
    expect(calls).to.equal(1);
  });

  it('maps a buf contiguously, once: the first bp_mapout ends the map of every layer', () => {
    const { machine, task, api, far } = rig();
    const bp = api.pageioBuf([...far.slice(0, 2)].reverse(), 4090, 20);
    runAlone(task, api.bpMapin(bp));
    const { address } = bp;
    runAlone(task, api.bpMapin(bp));
    expect(bp.address).to.equal(address);
    new AddressSpace(task).copyFrom(pattern(20, 4), bp.address);
    expect(first(machine, far, 1).slice(4090)).to.deep.equal(pattern(20, 4).slice(0, 6));
    expect(first(machine, far, 0).slice(0, 14)).to.deep.equal(pattern(20, 4).slice(6));
    api.bpMapout(bp);
    api.bpMapout(bp);
    expect(() => new AddressSpace(task).load8(address)).to.throw(ViolationError, 'unmapped-slot');
    machine.checkLeaks();
  });

  it('waits for addresses in bp_mapin', () => {
    const { machine, task, api, design, far } = rig(undefined, { vmallocPages: 4 });
    const [one, two] = [0, 2].map((n) => api.pageioBuf(far.slice(n, n + 2), 0, 8));
    if (one === undefined || two === undefined) throw new Error('no buf');
    runAlone(task, api.bpMapin(one));
    const waiter = machine.task('waiter');
    const work = design.open(waiter).bpMapin(two);
    expect(work.next().done).to.equal(false);
    expect(waiter.asleepOn?.name).to.equal('heap_arena');
    api.bpMapout(one);
    expect(waiter.asleepOn).to.equal(undefined);
    expect(work.next().done).to.equal(true);
    expect(two.address).to.not.equal(0);
    design.open(waiter).bpMapout(two);
  });

  it('locks two tasks that hold copy buffers and wait for more', () => {
    const program = defineProgram<Holding>({
      machine: { lowmemPages: 16, highmemPages: 16, bounceSlots: 4, cpus: 1 },
      setup: (machine) => ({
        design: illumosBind.on(machine),
        pages: machine.allocPages(4, { zone: 'highmem' }),
      }),
      tasks: { first: bindTwo(0), second: bindTwo(2) },
    });
    const outcome = explore(program, exhaustive(), { budget: { schedules: 2000 } });
    expect(outcome.kind === 'violation' && outcome.violation.rule).to.equal('deadlock');
  });
});

interface Holding {
  readonly design: OpenFacade<IllumosBind>;
  readonly pages: readonly Page[];
}

/** Binds two pages with a handle each, one after the other. */
function bindTwo(from: number): (env: TaskEnv<Holding>) => Sleeping<void> {
  return function* bind({ task, design, pages }) {
    const api = design.open(task);
    const handles = [];
    for (const page of pages.slice(from, from + 2)) {
      const [, handle] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
      handles.push(handle);
      const bp = api.pageioBuf([page], 0, 8);
      yield* api.ddiDmaBufBindHandle(handle, bp, api.DDI_DMA_READ, api.DDI_DMA_SLEEP);
      yield;
    }
    for (const handle of handles) api.ddiDmaUnbindHandle(handle);
  };
}
