import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { ioAccess, iomemBounce, kmap, vmap } from 'scatterlist/backends';
import { explore } from 'scatterlist/explore';
import type { TaskEnv } from 'scatterlist/explore';
import {
  Context,
  ioremap,
  kmap as kmapPage,
  kmapLocalPage,
  kunmapLocal,
  runAlone,
  vmapPfn,
} from 'scatterlist/machine';
import type { Mechanism, Page, DirectMapping, Sleeping, Task, Mapping } from 'scatterlist/machine';
import { Footprint } from '../../lib/explore/footprint.ts';
import { Learnt } from '../../lib/explore/learnt.ts';
import { Observer, Resources } from '../../lib/explore/observer.ts';

function watched() {
  const machine = createMachine({ pageSize: 256 });
  const observer = new Observer(machine, new Resources(), false, true);
  machine.hardware.trace = observer;
  const [a, b] = machine.allocPages(2, { zone: 'highmem' });
  if (a === undefined || b === undefined) throw new Error('no pages');
  const task = machine.task();
  const of = (work: () => void): Footprint => {
    observer.footprint = new Footprint();
    work();
    return observer.footprint;
  };
  return { machine, observer, of, a: kmapLocalPage(task, a), b: kmapLocalPage(task, b), page: a };
}

function isWritten(observer: Observer, page: Page): boolean {
  return [...observer.seen.dirty].includes(page.pfn);
}

/** The hash that is known of a page; `undefined` if it was written since. */
function contentOf(observer: Observer, page: Page): number | undefined {
  let isKnown = true;
  const content = observer.seen.contentOf(page.pfn, () => {
    isKnown = false;
    return 0;
  });
  return isKnown ? content : undefined;
}

/** A mechanism of a user's own in the vmalloc area, which makes no event of its own. */
const MINE: Mechanism<Mapping> = {
  name: 'mine',
  unmapName: 'unmap_mine',
  scope: 'global',
  pool: 'vmalloc area',
  isAtomic: false,
  release: (window) => {
    if (!(window.owner instanceof Context)) throw new Error('not mine');
    const { machine } = window.owner;
    machine.hardware.pageTable.vmalloc.clear(window.slot);
    machine.vmalloc.give(window.slot);
    machine.unmapped(window, machine.executing);
  },
};

function mapMine(context: Context, page: Page): DirectMapping {
  const { machine } = context;
  const window = machine.ramWindow(context, page, 0, machine.pageSize);
  window.area = 'vmalloc';
  window.slot = machine.vmalloc.take(1);
  machine.hardware.pageTable.vmalloc.set(window.slot, page.pfn);
  window.mapBy(MINE);
  machine.mapped(window, context);
  return window;
}

describe('Observer', () => {
  it('notes the bytes that a step touches', () => {
    const { of, a, b } = watched();
    const load = of(() => {
      a.load8(0);
    });
    expect(
      load.conflicts(
        of(() => {
          a.store8(0, 1);
        }),
      ),
    ).to.equal(true);
    expect(
      load.conflicts(
        of(() => {
          a.store8(1, 1);
        }),
      ),
    ).to.equal(false);
    expect(
      load.conflicts(
        of(() => {
          b.store8(0, 1);
        }),
      ),
    ).to.equal(false);
    expect(
      load.conflicts(
        of(() => {
          a.load8(0);
        }),
      ),
    ).to.equal(false);
  });

  it('notes what an actor learns: the value, not the access', () => {
    const { observer, a } = watched();
    const learn = (): number => {
      observer.learnt = new Learnt();
      a.load8(0);
      return observer.learnt.value;
    };
    const before = learn();
    expect(learn()).to.equal(before);
    a.store8(0, 7);
    expect(learn()).to.not.equal(before);
  });

  it('takes an access to a device as touching everything', () => {
    const { machine, of } = watched();
    const handlers = { read: () => 0n, write: () => undefined };
    for (const options of [{}, { handlers }]) {
      const [page] = machine.ioRegion(1, options);
      const mapped = ioAccess(machine.task('driver')).map(page!, 0, 256);
      if (!mapped.ok) throw new Error(mapped.error.code);
      expect(of(() => void mapped.value.load8(0)).conflicts(new Footprint())).to.equal(true);
    }
  });

  it('learns of a shared object only that there is one, of a value which', () => {
    const { observer } = watched();
    const learn = (value: unknown): number => {
      observer.learnt = new Learnt();
      observer.sharedRead('.x', value);
      return observer.learnt.value;
    };
    expect(learn({ n: 1 })).to.equal(learn({ n: 2 }));
    expect(learn([])).to.equal(learn({}));
    expect(new Set([learn({}), learn(null), learn(undefined), learn(1), learn(2), learn('1')]).size).to.equal(
      6,
    );
  });

  it('notes an access through the kmap pool as one that asks the pool', () => {
    const { machine, of } = watched();
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'highmem' });
    const mapped = kmap(task).map(page, 0, 256);
    if (!mapped.ok) throw new Error(mapped.error.code);
    const access = of(() => void mapped.value.load8(0));
    const another = machine.allocPage({ zone: 'highmem' });
    const maps = of(() => void kmap(task).map(another, 0, 256));
    expect(access.conflicts(maps)).to.equal(true);
  });

  type Make = (task: Task, ram: Page, device: Page) => unknown;
  const pooled: readonly (readonly [name: string, pool: string, make: Make])[] = [
    ['kmap', 'kmap pool', (task, ram) => kmap(task).map(ram, 0, 8)],
    ['vmap', 'vmalloc area', (task, ram) => vmap(task).map(ram, 0, 8)],
    ['ioremap', 'vmalloc area', (task, _, device) => ioremap(task, device.phys, 8)],
    ['vmap_pfn', 'vmalloc area', (task, _, device) => vmapPfn(task, [device.pfn])],
    ['bounce', 'bounce pool', (task, _, device) => iomemBounce(task).map(device, 0, 8)],
    ["a user's own", 'vmalloc area', (task, ram) => mapMine(task, ram)],
  ];
  for (const [name, pool, make] of pooled)
    it(`takes a map by ${name} as a use of the ${pool}`, () => {
      const { machine, of, observer } = watched();
      const task = machine.task('driver');
      const [device] = machine.ioRegion(1);
      const ram = machine.allocPage({ zone: 'highmem' });
      const others = ['kmap pool', 'vmalloc area', 'bounce pool'].map((which) => {
        const other = new Footprint();
        other.read(observer.id(which));
        return other;
      });
      const map = of(() => make(task, ram, device!));
      expect(map.everything).to.equal(false);
      expect(others.map((other) => map.conflicts(other))).to.deep.equal(
        ['kmap pool', 'vmalloc area', 'bounce pool'].map((which) => which === pool),
      );
    });

  interface Race {
    readonly pages: readonly Page[];
    readonly got: number[];
  }
  const inVmalloc: readonly (readonly [name: string, make: (task: Task, page: Page) => Mapping])[] = [
    ["a mechanism of a user's own", mapMine],
    [
      'ioremap',
      (task, page) => {
        const mapped = ioremap(task, page.phys, 8);
        if (!mapped.ok) throw new Error(mapped.error.code);
        return mapped.value;
      },
    ],
  ];
  for (const [name, make] of inVmalloc)
    it(`lets the explorer find that order decides which address ${name} gives`, () => {
      const slots = new Set<string>();
      const use = (n: number) =>
        function* ({ task, pages, got }: TaskEnv<Race>): Sleeping<void> {
          const window = make(task, pages[n]!);
          got[n] = window.slot;
          yield;
          window[Symbol.dispose]();
        };
      const outcome = explore<Race>({
        machine: { cpus: 1, pageSize: 256 },
        setup: (machine) => ({
          pages: name === 'ioremap' ? machine.ioRegion(2) : machine.allocPages(2, { zone: 'highmem' }),
          got: [],
        }),
        tasks: { one: use(0), two: use(1) },
        check: ({ got }) => {
          slots.add(got.join());
          return true;
        },
      });
      expect(outcome.kind).to.equal('exhausted');
      expect([...slots]).to.include.members(['0,2', '2,0']);
    });

  it('takes raw bytes as read and written', () => {
    const { of, machine, page, a } = watched();
    const raw = of(() => {
      machine.physical(page);
    });
    expect(
      raw.conflicts(
        of(() => {
          a.load8(9);
        }),
      ),
    ).to.equal(false);
    const { observer } = watched();
    expect(observer.seen.allocated.size).to.equal(2);
  });

  it('takes an event it does not know as touching everything', () => {
    const { of, observer } = watched();
    const unknown = of(() => {
      observer.record({ event: 'something new' } as never);
    });
    expect(unknown.conflicts(new Footprint())).to.equal(true);
  });

  it('marks pages whose bytes were handed out before the first step as changed', () => {
    const { observer, a, page } = watched();
    observer.seen.allocates(page.pfn, 5);
    a.bytes[3] = 1;
    expect([isWritten(observer, page), contentOf(observer, page)]).to.deep.equal([true, undefined]);
    observer.seen.allocates(page.pfn, 5);
    observer.expose(page);
    expect([isWritten(observer, page), contentOf(observer, page)]).to.deep.equal([true, undefined]);
  });

  it('learns the bytes of an exposed page, and counts it as written', () => {
    const { observer, of, a, page } = watched();
    const learn = (): number => {
      observer.learnt = new Learnt();
      observer.seen.allocates(page.pfn, 5);
      const exposing = of(() => {
        observer.expose(page);
      });
      const { value } = observer.learnt;
      expect(contentOf(observer, page)).to.equal(undefined);
      expect(exposing.everything).to.equal(false);
      for (const offset of [0, 255])
        expect(exposing.conflicts(of(() => void a.load8(offset)))).to.equal(true);
      return value;
    };
    const before = learn();
    expect(learn()).to.equal(before);
    a.store8(200, 1);
    expect(learn()).to.not.equal(before);
  });

  it('forgets what a page held when it is written, and only then', () => {
    const { observer, a, page } = watched();
    observer.seen.allocates(page.pfn, 5);
    a.load8(0);
    expect(contentOf(observer, page)).to.equal(5);
    a.store8(0, 1);
    expect(contentOf(observer, page)).to.equal(undefined);
  });

  it('takes every access as touching everything where there is a data cache, and learns its state', () => {
    const machine = createMachine({ pageSize: 256, dcacheColours: 2 });
    const observer = new Observer(machine, new Resources(), false, true);
    machine.hardware.trace = observer;
    const page = machine.allocPage({ zone: 'highmem' });
    const window = kmapLocalPage(machine.task(), page);
    const touch = (work: () => void): readonly [everything: boolean, learnt: number] => {
      observer.footprint = new Footprint();
      observer.learnt = new Learnt();
      work();
      return [observer.footprint.everything, observer.learnt.value];
    };
    const load = (): void => void window.load8(0);
    const [everything, before] = touch(load);
    expect(everything).to.equal(true);
    expect(touch(load)).to.deep.equal([true, before]);
    const store = touch(() => {
      window.store8(64, 1);
    });
    expect(store[0]).to.equal(true);
    expect(touch(load)[1]).to.not.equal(before);
    const exposing = touch(() => {
      observer.expose(page);
    });
    expect(exposing[0]).to.equal(true);
    const alloc = touch(() => {
      machine.allocPage({ zone: 'highmem' });
    });
    expect(alloc[0]).to.equal(true);
    const unwatched = (): void => {
      observer.learnt = undefined;
      window.load8(0);
    };
    expect(unwatched).not.to.throw();
  });

  // Every event that is a question to one shared thing conflicts with the same question, not with another.
  const asks: readonly (readonly [one: object, other: object])[] = [
    [
      { event: 'sleep', on: 'a' },
      { event: 'sleep', on: 'b' },
    ],
    [
      { event: 'wake', on: 'a' },
      { event: 'wake', on: 'b' },
    ],
    [
      { event: 'acquire', lock: 'a' },
      { event: 'acquire', lock: 'b' },
    ],
    [
      { event: 'release', lock: 'a' },
      { event: 'release', lock: 'b' },
    ],
    [
      { event: 'refused', what: 'kmap pool' },
      { event: 'refused', what: 'vmalloc area' },
    ],
    [{ event: 'pkmap-set' }, { event: 'sleep', on: 'b' }],
    [{ event: 'pkmap-clear' }, { event: 'sleep', on: 'b' }],
    [{ event: 'local-set' }, { event: 'sleep', on: 'b' }],
    [{ event: 'local-clear' }, { event: 'sleep', on: 'b' }],
    [
      { event: 'bounce-map', slot: 1 },
      { event: 'refused', what: 'kmap pool' },
    ],
    [
      { event: 'bounce-unmap', slot: 1 },
      { event: 'refused', what: 'kmap pool' },
    ],
    [
      { event: 'bounce-sync', slot: 1 },
      { event: 'refused', what: 'kmap pool' },
    ],
  ];
  for (const [one, other] of asks) {
    it(`orders ${JSON.stringify(one)} with its like only`, () => {
      const { of, observer } = watched();
      const record = (event: object): Footprint =>
        of(() => {
          observer.record(event as never);
        });
      const [a, again, b] = [record(one), record(one), record(other)];
      expect([a.conflicts(again), a.conflicts(b), a.everything]).to.deep.equal([true, false, false]);
    });
  }

  it('orders a mapping with its own unmap and accesses, not with those of another', () => {
    const { of, machine, page, a, b } = watched();
    const task = machine.tasks[0]!;
    const access = of(() => void a.load8(0));
    const another = of(() => void b.load8(0));
    const unmap = of(() => {
      kunmapLocal(task, b);
    });
    // The slots of a CPU are followed here, so only the accesses tell.
    expect([another.conflicts(unmap), access.conflicts(unmap)]).to.deep.equal([true, false]);
    const free = of(() => {
      machine.freePage(b.page);
    });
    expect([unmap.conflicts(free), access.conflicts(free)]).to.deep.equal([true, false]);
    const map = of(() => {
      kmapLocalPage(task, page);
    });
    expect(map.conflicts(free)).to.equal(false);
  });

  it('takes what it knows no mapping of as touching everything', () => {
    const { machine, page, b } = watched();
    const late = new Observer(machine, new Resources(), false, true);
    machine.hardware.trace = late;
    b.load8(0);
    expect(late.footprint.everything).to.equal(true);
    late.footprint = new Footprint();
    kunmapLocal(machine.tasks[0]!, b);
    expect(late.footprint.everything).to.equal(true);
    late.footprint = new Footprint();
    kmapLocalPage(machine.tasks[0]!, page);
    expect(late.footprint.everything).to.equal(false);
  });

  it('keeps the order in which a bounce pool and a device were asked, and what came back', () => {
    const one = (events: readonly object[]): readonly number[] => {
      const { observer } = watched();
      observer.learnt = new Learnt();
      for (const event of events) observer.record(event as never);
      return [observer.seen.history.value, observer.learnt.value];
    };
    const map = (slot: number): object => ({ event: 'bounce-map', slot });
    const dma = (change: object): object => ({
      event: 'dma',
      device: 'disk',
      verb: 'map',
      direction: 'to-device',
      address: 1,
      lengthBytes: 8,
      frames: [64],
      ...change,
    });
    const histories = [
      [],
      [map(1)],
      [map(2)],
      [map(1), map(2)],
      [map(2), map(1)],
      [{ event: 'bounce-unmap', slot: 1 }],
      [dma({})],
      [dma({ device: 'net' })],
      [dma({ verb: 'unmap' })],
      [dma({ direction: 'from-device' })],
      [dma({ address: 2 })],
      [dma({ lengthBytes: 9 })],
      [dma({ frames: [64, 65] })],
      [{ event: 'something new' }],
    ].map((events) => one(events)[0]);
    expect(new Set(histories).size).to.equal(histories.length);
    const learnt = [[], [map(1)], [map(2)], [dma({})], [dma({ address: 2 })], [dma({ lengthBytes: 9 })]];
    const refused = [[{ event: 'refused', what: 'a' }], [{ event: 'refused', what: 'b' }]];
    const values = [...learnt, ...refused].map((events) => one(events)[1]);
    expect(new Set(values).size).to.equal(values.length);
  });

  it('forgets what the pages of a transfer or of a flushed cache held', () => {
    const { observer, of, page } = watched();
    for (const event of [
      {
        event: 'dma',
        device: 'd',
        verb: 'map',
        direction: 'x',
        address: 1,
        lengthBytes: 8,
        frames: [page.pfn],
      },
      { event: 'dcache', pfn: page.pfn },
      { event: 'flush-dcache-page', pfn: page.pfn },
    ]) {
      observer.seen.allocates(page.pfn, 5);
      const touched = of(() => {
        observer.record(event as never);
      });
      expect([touched.everything, contentOf(observer, page)], event.event).to.deep.equal([true, undefined]);
    }
  });

  it('knows which frames are allocated, and lets an actor learn which it was given', () => {
    const { observer, machine } = watched();
    observer.learnt = new Learnt();
    const empty = observer.learnt.value;
    const page = machine.allocPage({ zone: 'highmem' });
    expect(observer.seen.allocated.has(page.pfn)).to.equal(true);
    expect(observer.learnt.value).to.not.equal(empty);
    machine.freePage(page);
    expect(observer.seen.allocated.has(page.pfn)).to.equal(false);
  });

  it('orders reads and writes of the same shared place only, and only while a step runs', () => {
    const { observer, of } = watched();
    const nothing = of(() => {
      observer.sharedRead('.x', 1);
      observer.sharedWrite('.x');
    });
    observer.learnt = new Learnt();
    const [read, write, other] = [
      of(() => {
        observer.sharedRead('.x', 1);
      }),
      of(() => {
        observer.sharedWrite('.x');
      }),
      of(() => {
        observer.sharedWrite('.y');
      }),
    ];
    expect(
      [
        [read, write],
        [write, write],
        [read, read],
        [read, other],
        [write, other],
        [nothing, write],
      ].map(([a, b]) => a!.conflicts(b!)),
    ).to.deep.equal([true, true, false, false, false, false]);
  });

  it('takes plain device memory as read and written as a whole, to its last page', () => {
    const { machine, observer, of } = watched();
    const pages = machine.ioRegion(2, {});
    const common = { serial: 9999, pfn: pages[0]!.pfn, by: { name: 'driver', cpu: 0 } };
    observer.record({ ...common, event: 'map', mechanism: 'a variant', vaddr: 4096 } as never);
    const loaded = { ...common, event: 'load', offset: 0, lengthBytes: 1 } as never;
    const load = of(() => {
      observer.record(loaded);
    });
    const last = new Footprint();
    const end = (pages[1]!.pfn + 1) * machine.pageSize;
    last.range(end - 1, end, false);
    const after = new Footprint();
    after.range(end, end + 1, true);
    expect([load.conflicts(last), load.conflicts(after)]).to.deep.equal([true, false]);
    const learn = (): number => {
      observer.learnt = new Learnt();
      observer.record(loaded);
      return observer.learnt.value;
    };
    const before = learn();
    expect(learn()).to.equal(before);
    machine.hardware.memory.bytesOf(pages[1]!)[255] = 1;
    expect(learn()).to.not.equal(before);
  });
});

describe('an access through the kmap pool', () => {
  it('depends on what others ask of the pool, and one through another map does not', () => {
    const machine = createMachine({ pageSize: 256, pkmapSlots: 4 });
    const observer = new Observer(machine, new Resources(), false, false);
    machine.hardware.trace = observer;
    const [one, two] = [machine.task('one'), machine.task('two', { cpu: 1 })];
    const pages = machine.allocPages(3, { zone: 'highmem' });
    const of = (step: () => void): Footprint => {
      observer.footprint = new Footprint();
      step();
      return observer.footprint;
    };
    const pooled = runAlone(one, kmapPage(one, pages[0]!));
    const local = kmapLocalPage(one, pages[1]!);
    const [throughPool, throughLocal] = [pooled, local].map((m) => of(() => m.load8(0)));
    const asks = of(() => void runAlone(two, kmapPage(two, pages[2]!)));
    expect([throughPool, throughLocal].map((load) => load?.conflicts(asks))).to.deep.equal([true, false]);
  });
});

describe('a page that changes hands', () => {
  it('is one of all pages: the order of two such steps matters', () => {
    const machine = createMachine({ pageSize: 256 });
    const pages = machine.allocPages(2, { zone: 'highmem' });
    const resources = new Resources();
    const [one, two] = pages.map(({ pfn }, i) => {
      const observer = new Observer(machine, resources, false, true);
      observer.record({ event: i === 0 ? 'alloc' : 'free', pfn });
      return observer.footprint;
    });
    expect(one !== undefined && two !== undefined && one.conflicts(two)).to.equal(true);
  });

  it('counts as written as a whole', () => {
    const machine = createMachine({ pageSize: 256 });
    const page = machine.allocPage({ zone: 'highmem' });
    for (const event of ['alloc', 'free'] as const) {
      const observer = new Observer(machine, new Resources(), false, true);
      observer.record({ event, pfn: page.pfn });
      const meets = (offset: number): boolean => {
        const load = new Footprint();
        load.range(page.pfn * 256 + offset, page.pfn * 256 + offset + 1, false);
        return observer.footprint.conflicts(load);
      };
      expect([-1, 0, 255, 256].map(meets), event).to.deep.equal([false, true, true, false]);
      expect(isWritten(observer, page), event).to.equal(true);
    }
  });
});
