import { expect } from 'chai';
import { ViolationError, createMachine, runAlone } from 'scatterlist';
import type { Page, Sleeping } from 'scatterlist';
import { defineProgram, exhaustive, explore } from 'scatterlist/explore';
import type { TaskEnv } from 'scatterlist/explore';
import { EBUSY, EFBIG, EINPROGRESS, ENOMEM, busDma, failCall } from 'scatterlist/lab';
import type { BusDma, BusDmaSegment, BusDmaTag, BusDmamap, Faults, OpenFacade } from 'scatterlist/lab';
import type { Machine, Task } from 'scatterlist/machine';
import candidate from '../../../examples/lab/bus-dma.ts';
import { pattern } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

const PAGE = 4096;

describe('busDma', () => {
  describeFacade(candidate, {
    // Device memory lies above what the device reaches, so bus_dma bounces it with plain loads and stores.
    outcomes: { deviceMiddle: 'violation iomem-plain-access' },
    cannot: ['manyMaps', 'contiguousView', 'sharedView'],
  });

  interface Rig {
    readonly machine: Machine;
    readonly task: Task;
    readonly api: BusDma;
    readonly design: OpenFacade<BusDma>;
    readonly far: readonly Page<'highmem'>[];
    readonly near: readonly Page<'lowmem'>[];
    readonly map: (tag?: BusDmaTag) => BusDmamap;
    /** Loads a list and returns what the callback got, or what the load returned. */
    readonly load: (map: BusDmamap, plist: readonly BusDmaSegment[], flags?: number) => Loaded;
  }

  interface Loaded {
    readonly returned: number;
    segs: readonly BusDmaSegment[];
    error: number | undefined;
    kind: string | undefined;
  }

  /** A machine with at most `most` bounce pages. */
  const rig = (most = 4, faults?: Faults, lowmemPages = 16): Rig => {
    const machine = createMachine({ bounceSlots: 2 * most, lowmemPages, highmemPages: 16 });
    const task = machine.task('driver');
    const design = busDma.on(machine, faults);
    const api = design.open(task);
    return {
      machine,
      task,
      api,
      design,
      far: machine.allocPages(6, { zone: 'highmem' }),
      near: machine.allocPages(2, { zone: 'lowmem' }),
      map: (tag = api.tag) => {
        const [error, map] = api.busDmamapCreate(tag);
        expect(error).to.equal(0);
        return map;
      },
      load(map, plist, flags = api.BUS_DMA_WAITOK) {
        const got: Pick<Loaded, 'segs' | 'error' | 'kind'> = { segs: [], error: undefined, kind: undefined };
        const returned = api.busDmamapLoad(
          api.tag,
          map,
          plist,
          (segs, error) => {
            got.segs = segs.map((seg) => ({ ...seg }));
            got.error = error;
            got.kind = machine.executing.state().kind;
          },
          flags,
        );
        return Object.assign(got, { returned });
      },
    };
  };

  const at = (pages: readonly Page[], n: number, offset = 0, length = PAGE): BusDmaSegment => {
    const page = pages[n];
    if (page === undefined) throw new Error('no page');
    return { dsAddr: page.phys + offset, dsLen: length };
  };

  it('gives memory that the device reaches by its own address, and joins neighbours', () => {
    const { api, near, map, load } = rig();
    const one = map();
    const got = load(one, [at(near, 0, 100, PAGE - 100), at(near, 1, 0, 50)]);
    expect([got.returned, got.error, got.kind]).to.deep.equal([0, 0, 'task']);
    expect(got.segs).to.deep.equal([{ dsAddr: (near[0]?.phys ?? 0) + 100, dsLen: PAGE - 50 }]);
    api.deviceWrite(got.segs[0]?.dsAddr ?? 0, pattern(8, 1));
    api.busDmamapUnload(api.tag, one);
  });

  it('copies bounced bytes at a sync only: after the device wrote, or before it reads', () => {
    const { machine, api, far, map, load } = rig();
    const one = map();
    const { segs } = load(one, [at(far, 0, 4090, 12)]);
    expect(segs.map(({ dsLen }) => dsLen)).to.deep.equal([6, 6]);
    const [first, second] = segs;
    if (first === undefined || second === undefined || far[0] === undefined) throw new Error('no segment');
    const page = machine.physical(far[0]);
    api.deviceWrite(first.dsAddr, Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(page[4090]).to.equal(0);
    api.busDmamapSync(api.tag, one, api.BUS_DMASYNC_POSTWRITE);
    expect(page[4090]).to.equal(0);
    api.busDmamapSync(api.tag, one, api.BUS_DMASYNC_POSTREAD);
    expect([...page.subarray(4090)]).to.deep.equal([1, 2, 3, 4, 5, 6]);
    page[4091] = 9;
    api.busDmamapSync(api.tag, one, api.BUS_DMASYNC_PREWRITE);
    expect([...api.deviceRead(first.dsAddr, 6)]).to.deep.equal([1, 9, 3, 4, 5, 6]);
    expect(machine.ledger.bytesBounced).to.equal(24);
  });

  it('copies back what an earlier transfer left in a bounce page, if the device wrote less than was loaded', () => {
    const { machine, api, far, map, load } = rig();
    const one = map();
    const [dirty] = load(one, [at(far, 0, 0, 8)]).segs;
    api.deviceWrite(dirty?.dsAddr ?? 0, pattern(8, 7));
    api.busDmamapUnload(api.tag, one);
    // The pool is used in turn; the second page is clean, and the third load gets the first page again.
    load(one, [at(far, 1, 0, 8)]);
    api.busDmamapUnload(api.tag, one);
    load(one, [at(far, 2, 0, 8)]);
    api.busDmamapSync(api.tag, one, api.BUS_DMASYNC_POSTREAD);
    expect(machine.physical(at2(far)).slice(0, 8)).to.deep.equal(pattern(8, 7));
  });

  it('defers a load without bounce pages, and calls back in a softirq, first come first served', () => {
    const { api, far, map, load } = rig(2);
    const [one, two, three] = [map(), map(), map()];
    expect(load(one, [at(far, 0, 4000, 200)]).returned).to.equal(0);
    const second = load(two, [at(far, 2, 4000, 200)]);
    const third = load(three, [at(far, 4, 0, 8)]);
    expect([second.returned, third.returned]).to.deep.equal([EINPROGRESS, EINPROGRESS]);
    expect([second.error, third.error]).to.deep.equal([undefined, undefined]);
    api.busDmamapUnload(api.tag, one);
    expect([second.error, second.kind]).to.deep.equal([0, 'softirq']);
    expect(third.error).to.equal(undefined);
    api.busDmamapUnload(api.tag, two);
    expect([third.error, third.kind]).to.deep.equal([0, 'softirq']);
    expect(api.counts).to.deep.equal({ total: 2, free: 1, deferred: 2 });
  });

  it('fails with BUS_DMA_NOWAIT, and tells both the caller and the callback', () => {
    const { api, far, map, load } = rig(2);
    const [one, two] = [map(), map()];
    load(one, [at(far, 0, 0, 8)]);
    const got = load(two, [at(far, 1, 4000, 200)], api.BUS_DMA_NOWAIT);
    expect([got.returned, got.error, got.segs.length]).to.deep.equal([ENOMEM, ENOMEM, 0]);
    expect(api.counts.free).to.equal(1);
    expect(load(two, [at(far, 1, 0, 8)], api.BUS_DMA_NOWAIT).returned).to.equal(0);
  });

  it('loads the first piece of a list again if a later piece was deferred, and keeps both bounce pages', () => {
    const { machine, api, far, map, load } = rig(3);
    const [one, two] = [map(), map()];
    load(one, [at(far, 0, 4000, 200)]);
    const got = load(two, [at(far, 2, 0, 8), at(far, 3, 0, 8)]);
    expect(got.returned).to.equal(EINPROGRESS);
    api.busDmamapUnload(api.tag, one);
    expect([got.error, got.segs.length, api.counts.free]).to.deep.equal([0, 2, 0]);
    api.deviceWrite(got.segs[0]?.dsAddr ?? 0, pattern(8, 3));
    api.busDmamapSync(api.tag, two, api.BUS_DMASYNC_POSTREAD);
    expect(machine.physical(at2(far)).slice(0, 8)).to.deep.equal(pattern(8, 3));
  });

  it('gives the device an address that it does not reach, if a list was deferred and a later piece is longer', () => {
    const { api, far, map, load } = rig(3);
    const [one, two] = [map(), map()];
    load(one, [at(far, 0, 4000, 200)]);
    // Two pages were counted for the second piece. Done again, the first piece takes one of them.
    const got = load(two, [at(far, 2, 0, 8), at(far, 3, 4000, 200)]);
    expect(got.returned).to.equal(EINPROGRESS);
    api.busDmamapUnload(api.tag, one);
    const isFar = got.segs.map(({ dsAddr }) => dsAddr > api.tag.lowaddr);
    expect(isFar).to.deep.equal([false, false, true]);
  });

  it('bounces what lies above lowaddr, and joins neighbours up to the longest segment', () => {
    const { api, near, far, map } = rig();
    const [first] = near;
    if (first === undefined) throw new Error('no page');
    const segsOf = (limits: Partial<BusDmaTag>, plist: readonly BusDmaSegment[]) => {
      const [, tag] = api.busDmaTagCreate({ ...api.tag, ...limits }, 0);
      const one = map(tag);
      let got: readonly BusDmaSegment[] = [];
      api.busDmamapLoad(
        tag,
        one,
        plist,
        (segs) => (got = segs.map((seg) => ({ ...seg }))),
        api.BUS_DMA_NOWAIT,
      );
      api.busDmamapUnload(tag, one);
      return got;
    };
    const border = first.phys + 10;
    const [last] = segsOf({ lowaddr: border }, [{ dsAddr: border, dsLen: 1 }]);
    const [next] = segsOf({ lowaddr: border }, [{ dsAddr: border + 1, dsLen: 1 }]);
    expect(last?.dsAddr).to.equal(border);
    expect(next?.dsAddr).to.not.equal(border + 1);
    const both = [{ dsAddr: first.phys, dsLen: 2 * PAGE }];
    expect(segsOf({}, both).map(({ dsLen }) => dsLen)).to.deep.equal([2 * PAGE]);
    expect(segsOf({ maxsegsz: PAGE }, both).map(({ dsLen }) => dsLen)).to.deep.equal([PAGE, PAGE]);
    expect(segsOf({}, [at(far, 0, 8, 8), at(far, 1, 8, 8)])).to.have.length(2);
  });

  it('gives the callback EFBIG for more segments than the device takes, and loads nothing', () => {
    const { api, far, map, load } = rig();
    const [error, tag] = api.busDmaTagCreate({ ...api.tag, nsegments: 1 }, 0);
    expect(error).to.equal(0);
    const one = map(tag);
    let given = 0;
    const plist = [at(far, 0, 0, 8), at(far, 1, 0, 8)];
    const returned = api.busDmamapLoad(tag, one, plist, (_, status) => (given = status), api.BUS_DMA_WAITOK);
    expect([returned, given]).to.deep.equal([0, EFBIG]);
    expect(api.busDmamapDestroy(tag, one)).to.equal(0);
    expect(load(map(), [at(far, 0, 0, 8)]).error).to.equal(0);
  });

  it('refuses to destroy a map with bounce pages, and a tag with maps', () => {
    const { api, far, map, load } = rig();
    const one = map();
    load(one, [at(far, 0)]);
    expect(api.busDmamapDestroy(api.tag, one)).to.equal(EBUSY);
    expect(api.busDmaTagDestroy(api.tag)).to.equal(EBUSY);
    api.busDmamapUnload(api.tag, one);
    expect(api.busDmamapDestroy(api.tag, one)).to.equal(0);
    expect(api.busDmaTagDestroy(api.tag)).to.equal(0);
  });

  it('takes the bounce pages of BUS_DMA_ALLOCNOW at once, or fails', () => {
    const { api } = rig(8, undefined, 6);
    const limits = { ...api.tag, maxsize: 3 * PAGE };
    expect(api.busDmaTagCreate(limits, api.BUS_DMA_ALLOCNOW)[0]).to.equal(0);
    expect(api.counts.total).to.equal(3);
    expect(api.busDmaTagCreate({ ...limits, maxsize: 9 * PAGE }, api.BUS_DMA_ALLOCNOW)[0]).to.equal(ENOMEM);
    expect(api.busDmaTagCreate({ ...limits, maxsize: 9 * PAGE }, 0)[0]).to.equal(0);
  });

  it('defers a load of a tag with BUS_DMA_ALLOCNOW after all once the zone is at its most, unlike the manual says', () => {
    const { far, map, load } = rig(4);
    const maps = [map(), map(), map()];
    const returned = maps.map((one, n) => load(one, [at(far, 2 * n, 4000, 200)]).returned);
    expect(returned).to.deep.equal([0, 0, EINPROGRESS]);
  });

  it('reports the device that writes after the unload', () => {
    const { api, far, map, load } = rig();
    const one = map();
    const [seg] = load(one, [at(far, 0)]).segs;
    api.busDmamapUnload(api.tag, one);
    expect(() => {
      api.deviceWrite(seg?.dsAddr ?? 0, pattern(8, 1));
    }).to.throw(ViolationError, 'dma-fault');
  });

  it('fails where it can: a tag, a map, a load; a load that may be deferred is', () => {
    expect(rig(4, failCall(0)).api.busDmaTagCreate(rig().api.tag, 0)[0]).to.equal(ENOMEM);
    expect(rig(4, failCall(0)).api.busDmamapCreate(rig().api.tag)[0]).to.equal(ENOMEM);
    const nowait = rig(4, failCall(1));
    const failed = nowait.load(nowait.map(), [at(nowait.far, 0)], nowait.api.BUS_DMA_NOWAIT);
    expect([failed.returned, failed.error]).to.deep.equal([ENOMEM, ENOMEM]);
    const { task, api, far, map, load, design } = rig(4, failCall(1));
    const deferred = load(map(), [at(far, 0)]);
    expect([deferred.returned, deferred.error]).to.deep.equal([EINPROGRESS, undefined]);
    expect(design.close()).to.equal('1 loads of bus_dma still deferred');
    runAlone(
      task,
      api.cvWait(() => deferred.error !== undefined),
    );
    expect(deferred.error).to.equal(0);
    expect(design.close()).to.equal('1 segments of bus_dma still loaded');
  });

  it('locks two tasks that hold bounce pages and wait for more', () => {
    const program = defineProgram<Holding>({
      machine: { lowmemPages: 16, highmemPages: 16, bounceSlots: 4, cpus: 1 },
      setup: (machine) => ({ design: busDma.on(machine), pages: machine.allocPages(4, { zone: 'highmem' }) }),
      tasks: { first: loadTwo(0), second: loadTwo(2) },
    });
    const outcome = explore(program, exhaustive(), { budget: { schedules: 2000 } });
    expect(outcome.kind === 'violation' && outcome.violation.rule).to.equal('deadlock');
  });
});

/** The third page. */
function at2(pages: readonly Page[]): Page {
  const [, , page] = pages;
  if (page === undefined) throw new Error('no page');
  return page;
}

interface Holding {
  readonly design: OpenFacade<BusDma>;
  readonly pages: readonly Page[];
}

/** Loads two pages with a map each, one after the other. */
function loadTwo(from: number): (env: TaskEnv<Holding>) => Sleeping<void> {
  return function* load({ task, design, pages }) {
    const api = design.open(task);
    const maps = [];
    for (const page of pages.slice(from, from + 2)) {
      const [, map] = api.busDmamapCreate(api.tag);
      maps.push(map);
      let isLoaded = false;
      const loaded = () => {
        isLoaded = true;
        api.cvBroadcast();
      };
      api.busDmamapLoad(api.tag, map, [{ dsAddr: page.phys, dsLen: 8 }], loaded, api.BUS_DMA_WAITOK);
      yield* api.cvWait(() => isLoaded);
      yield;
    }
    for (const map of maps) api.busDmamapUnload(api.tag, map);
  };
}
