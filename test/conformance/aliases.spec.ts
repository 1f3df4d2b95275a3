import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import {
  DataCache,
  FixedSlots,
  LocalSlots,
  PkmapPool,
  UserSpace,
  clearHighpage,
  clearUserHighpage,
  copyFromUser,
  copyHighpage,
  copyMcUserHighpage,
  copyToUser,
  copyUserHighpage,
  flushDcachePage,
  kmap,
  kmapAtomic,
  kmapAtomicPfn,
  kmapAtomicType,
  kmapFlushUnused,
  kmapLocalPage,
  kmapLocalPfn,
  kunmap,
  kunmapAtomic,
  kunmapAtomicType,
  kunmapLocal,
  memcpyFromPage,
  memcpyPage,
  memcpyToPage,
  memsetPage,
  memzeroPage,
  runAlone,
  vmap,
  vunmap,
  zeroUser,
} from 'scatterlist/machine';
import type { DirectMapping, MachineOptions, MachineParts, RamWindow } from 'scatterlist/machine';
import { rulesOf } from '../kernel/violations.ts';

// A kernel writes its data cache back where it must. Code that keeps to the rules of the mapping functions then sees the
// same bytes on a machine whose cache has aliases as on one without a cache.

const PAGE = 256;
const USER = 0x1000;

interface Stage {
  readonly machine: Machine;
  readonly task: Task;
  readonly other: Task;
  readonly pages: readonly Page[];
}

type Use = (m: DirectMapping) => void;

function vmapAll(task: Task, pages: readonly Page[]): RamWindow {
  const mapped = vmap(task, pages);
  if (!mapped.ok) throw new Error(mapped.error.code);
  return mapped.value;
}

function way(
  map: (task: Task, page: Page) => RamWindow,
  unmap: (task: Task, m: RamWindow) => void,
): (task: Task, page: Page, use: Use) => void {
  return (task, page, use) => {
    const m = map(task, page);
    use(m);
    unmap(task, m);
  };
}

/** Each way to map one page: maps, uses and unmaps. */
const WAYS = {
  kmapLocalPage: way(kmapLocalPage, kunmapLocal),
  kmapLocalPfn: way((task, page) => kmapLocalPfn(task, page.pfn), kunmapLocal),
  kmapAtomic: way(kmapAtomic, kunmapAtomic),
  kmapAtomicPfn: way((task, page) => kmapAtomicPfn(task, page.pfn), kunmapAtomic),
  kmapAtomicType: way((task, page) => kmapAtomicType(task, page, 'KM_USER0'), kunmapAtomicType),
  kmap: way((task, page) => runAlone(task, kmap(task, page)), kunmap),
  vmap: way((task, page) => vmapAll(task, [page]), vunmap),
};

/** The ways that may be used inside another map. */
const INNER = ['kmapLocalPage', 'kmapLocalPfn', 'kmapAtomic', 'kmapAtomicPfn', 'kmapAtomicType'] as const;

type Way = keyof typeof WAYS;
const ALL = ['kmap', 'vmap', ...INNER] as const satisfies readonly Way[];

type Helper = (stage: Stage, to: Page, from: Page, value: number) => number;

/** The functions that map for their caller. Each returns what it read. */
const HELPERS: Record<string, Helper> = {
  copyHighpage: ({ task }, to, from) => (copyHighpage(task, to, from), 0),
  copyUserHighpage: ({ task }, to, from) => (copyUserHighpage(task, to, from), 0),
  copyMcUserHighpage: ({ task }, to, from) => Number(copyMcUserHighpage(task, to, from).ok),
  clearHighpage: ({ task }, to) => (clearHighpage(task, to), 0),
  clearUserHighpage: ({ task }, to) => (clearUserHighpage(task, to), 0),
  memcpyPage: ({ task }, to, from) => (memcpyPage(task, to, 3, from, 70, 40), 0),
  memcpyToPage: ({ task }, to, _, value) => (memcpyToPage(task, to, 9, Uint8Array.of(value, 1)), 0),
  memcpyFromPage({ task }, _, from) {
    const bytes = new Uint8Array(PAGE);
    memcpyFromPage(task, bytes, from, 0);
    return sum(bytes);
  },
  memsetPage: ({ task }, to, _, value) => (memsetPage(task, to, 30, value, 40), 0),
  memzeroPage: ({ task }, to) => (memzeroPage(task, to, 60, 70), 0),
  zeroUser: ({ task }, to) => (zeroUser(task, to, 100, 30), 0),
  kmapFlushUnused: ({ task }) => (kmapFlushUnused(task), 0),
  schedule: ({ machine, other }) => (machine.schedule(other), 0),
  // The kernel flushes before it lends a page to a user and after it has taken it back.
  user({ machine, task }, to, _, value) {
    const user = new UserSpace(machine);
    flushDcachePage(task, to);
    user.map(USER, to);
    const bytes = new Uint8Array(8);
    const left = [
      runAlone(task, copyFromUser(task, bytes, user, USER)),
      runAlone(task, copyToUser(task, user, USER, Uint8Array.of(value))),
    ];
    user.unmap(USER);
    return sum(bytes) + sum(left);
  },
};

function sum(bytes: Iterable<number>): number {
  let total = 0;
  for (const byte of bytes) total = (total * 31 + byte) >>> 0;
  return total;
}

interface Act {
  readonly kind: 'map' | 'nested' | 'arrays' | 'switched' | 'both' | 'helper';
  readonly by: Way;
  readonly inner: (typeof INNER)[number];
  readonly helper: string;
  readonly page: number;
  readonly next: number;
  readonly at: number;
  readonly value: number;
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('map', 'nested', 'arrays', 'switched', 'both', 'helper'),
  by: fc.constantFrom(...ALL),
  inner: fc.constantFrom(...INNER),
  helper: fc.constantFrom(...Object.keys(HELPERS)),
  page: fc.nat(3),
  next: fc.integer({ min: 1, max: 3 }),
  at: fc.nat(PAGE - 1),
  value: fc.nat(255),
});

function pageOf(stage: Stage, n: number): Page {
  const page = stage.pages[n % stage.pages.length];
  if (page === undefined) throw new Error('no page');
  return page;
}

/** Does one act; returns what was read. */
function perform(
  stage: Stage,
  { kind, by, inner, helper, page: n, next, at, value }: Act,
): readonly number[] {
  const { machine, task, other } = stage;
  const [page, second] = [pageOf(stage, n), pageOf(stage, n + next)];
  const seen: number[] = [];
  const use: Use = (m) => {
    const bytes = new Uint8Array(PAGE);
    m.copyTo(bytes, 0);
    seen.push(sum(bytes));
    m.store8(at, value);
  };
  switch (kind) {
    case 'helper':
      seen.push(HELPERS[helper]?.(stage, page, second, value) ?? 0);
      break;
    case 'map':
      WAYS[by](task, page, use);
      break;
    case 'arrays':
      WAYS[by](task, page, ({ bytes }) => {
        seen.push(sum(bytes));
        bytes[at] = value;
      });
      break;
    case 'nested':
      WAYS[by](task, page, (m) => {
        use(m);
        WAYS[by === 'kmapAtomicType' ? 'kmapLocalPage' : inner](task, second, use);
        use(m);
      });
      break;
    case 'switched': {
      // Another task uses the slots while this one holds its map.
      const m = kmapLocalPage(task, page);
      use(m);
      machine.schedule(other);
      WAYS[by](other, second, use);
      machine.schedule(task);
      use(m);
      kunmapLocal(task, m);
      break;
    }
    case 'both': {
      // A page that stays in the pool is used through a local map in between.
      const m = runAlone(task, kmap(task, page));
      use(m);
      WAYS.kmapLocalPage(task, page, use);
      use(m);
      kunmap(task, m);
    }
  }
  return seen;
}

type Parts = Pick<MachineParts, 'dataCache' | 'localSlots' | 'pkmap'>;

function stageOn(options: MachineOptions, parts: Parts = {}): Stage {
  const machine = createMachine(
    { pageSize: PAGE, pkmapSlots: 4, kmMaxIdx: 33, cpus: 2, onViolation: 'record', ...options },
    { localSlots: (hardware) => new FixedSlots(hardware), ...parts },
  );
  const high = machine.allocPages(3, { zone: 'highmem' });
  const low = machine.allocPages(1, { zone: 'lowmem' });
  return { machine, task: machine.task(), other: machine.task(), pages: [...high, ...low] };
}

function run(stage: Stage, acts: readonly Act[]): readonly number[] {
  return acts.flatMap((each) => perform(stage, each));
}

describe('a data cache with aliases', () => {
  it('shows conforming code the bytes that coherent memory would, in every map and helper', () => {
    fc.assert(
      fc.property(
        fc.record({
          kmapHighGet: fc.boolean(),
          forceMap: fc.boolean(),
          debugKmapLocal: fc.boolean(),
          pkmapSlots: fc.constantFrom(2, 4, 8),
          pkmapFlush: fc.constantFrom('all' as const, 'single' as const),
        }),
        fc.constantFrom(1, 2, 4, 8),
        fc.array(act, { maxLength: 25 }),
        (options, dcacheColours, acts) => {
          const plain = stageOn(options);
          const cached = stageOn({ ...options, dcacheColours });
          expect(run(cached, acts)).to.deep.equal(run(plain, acts));
          expect(rulesOf(cached.machine)).to.deep.equal([]);
          kmapFlushUnused(cached.task);
          const cache = cached.machine.hardware.dataCache;
          for (const [i, page] of cached.pages.entries()) {
            // A lowmem page keeps its lines at its permanent address, as one under every address does without aliases.
            if (dcacheColours === 1 || i === 3) cache?.flushPage(page);
            expect(cache?.memoryIsStale(page, 0, PAGE)).to.equal(false);
            expect(cached.machine.physical(page)).to.deep.equal(
              plain.machine.physical(pageOf(plain, i)).slice(),
            );
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('has each map and helper in the program above', () => {
    const stage = stageOn({ dcacheColours: 2 });
    for (const by of ALL) WAYS[by](stage.task, pageOf(stage, 0), (m) => m.load8(0));
    for (const helper of Object.values(HELPERS)) helper(stage, pageOf(stage, 0), pageOf(stage, 1), 1);
    expect(rulesOf(stage.machine)).to.deep.equal([]);
  });
});

/** Stores a byte through a map of one colour, and loads it through a map of another. */
interface Omission {
  readonly parts: Parts;
  readonly options?: MachineOptions;
  readonly rule: 'stale-cache' | 'discarded-line';
  readonly run: (stage: Stage) => void;
}

class NeverBeforeMap extends LocalSlots {
  protected override preMap(): void {
    this.hardware.ledger.cacheFlushes += 0;
  }
}

class NeverBeforeUnmap extends LocalSlots {
  protected override preUnmap(): void {
    this.hardware.ledger.cacheFlushes += 0;
  }
}

class NeverOnRecycling extends PkmapPool {
  protected override flushCache(): void {
    this.hardware.ledger.cacheFlushes += 0;
  }
}

class NeverAll extends DataCache {
  override flushAll(): void {
    this.lines.size;
  }
}

class NeverPage extends DataCache {
  override flushPage(): void {
    this.lines.size;
  }
}

/** Drops lines and does not write them back first. */
class OnlyInvalidates extends DataCache {
  override writeBack(): void {
    this.lines.size;
  }
}

function store(m: DirectMapping): void {
  m.store8(0, 7);
}

function load(m: DirectMapping): void {
  m.load8(0);
}

const localThenDeeper = ({ task, pages: [a, b] }: Stage): void => {
  WAYS.kmapLocalPage(task, a!, store);
  WAYS.kmapLocalPage(task, b!, () => {
    WAYS.kmapLocalPage(task, a!, load);
  });
};

const poolThenLocal = ({ task, pages: [a] }: Stage): void => {
  WAYS.kmap(task, a!, store);
  WAYS.kmapLocalPage(task, a!, load);
};

// The slot of a page after the two others has another colour than its first.
const poolThenPool = ({ task, pages: [a, b, c] }: Stage): void => {
  WAYS.kmap(task, a!, store);
  kmapFlushUnused(task);
  WAYS.kmap(task, b!, () => {
    WAYS.kmap(task, c!, () => {
      WAYS.kmap(task, a!, load);
    });
  });
};

const OMISSIONS: Record<string, Omission> = {
  'kunmap_local does not write back': {
    parts: { localSlots: (hardware) => new NeverBeforeUnmap(hardware) },
    rule: 'stale-cache',
    run: localThenDeeper,
  },
  'kunmap_local drops lines that it has not written back': {
    parts: { dataCache: (hardware) => new OnlyInvalidates(hardware) },
    rule: 'discarded-line',
    run: localThenDeeper,
  },
  'kmap_local does not ask for what kmap has left': {
    parts: { localSlots: (hardware) => new NeverBeforeMap(hardware) },
    rule: 'stale-cache',
    run: poolThenLocal,
  },
  'recycling the pool does not flush': {
    parts: { pkmap: (hardware) => new NeverOnRecycling(hardware) },
    rule: 'stale-cache',
    run: poolThenPool,
  },
  'vmap does not flush': {
    parts: { dataCache: (hardware) => new NeverAll(hardware) },
    rule: 'stale-cache',
    run({ task, pages: [a] }) {
      for (let n = 0; n < 2; n += 1) {
        const m = vmapAll(task, [a!, a!]);
        m.load8(0);
        m.load8(PAGE);
        vunmap(task, m);
        WAYS.kmapLocalPage(task, a!, store);
      }
    },
  },
  'vunmap does not flush': {
    parts: { dataCache: (hardware) => new NeverAll(hardware) },
    rule: 'stale-cache',
    run({ task, pages: [a, b] }) {
      WAYS.vmap(task, a!, store);
      WAYS.kmapLocalPage(task, a!, load);
      WAYS.kmapLocalPage(task, b!, () => {
        WAYS.kmapLocalPage(task, a!, load);
      });
    },
  },
  'a copy for a user does not flush': {
    parts: { dataCache: (hardware) => new NeverPage(hardware) },
    rule: 'stale-cache',
    run({ machine, task, pages: [a, b] }) {
      for (const address of [USER, USER + PAGE]) {
        const user = new UserSpace(machine);
        user.map(address, b!);
        runAlone(task, copyFromUser(task, new Uint8Array(1), user, address));
        WAYS.kmapLocalPage(task, a!, store);
        copyUserHighpage(task, b!, a!);
        runAlone(task, copyFromUser(task, new Uint8Array(1), user, address));
      }
    },
  },
};

describe('a kernel that leaves out maintenance of the cache', () => {
  for (const [title, { parts, options, rule, run: work }] of Object.entries(OMISSIONS)) {
    it(`is reported: ${title}`, () => {
      const left = stageOn({ dcacheColours: 2, ...options }, { ...parts });
      work(left);
      expect(rulesOf(left.machine)).to.include(rule);
      const whole = stageOn({ dcacheColours: 2, ...options });
      work(whole);
      expect(rulesOf(whole.machine)).to.deep.equal([]);
    });
  }

  it('is one whose driver keeps two maps of a page and does not flush between them', () => {
    const { machine, task, pages } = stageOn({ dcacheColours: 2 });
    const m = vmapAll(task, [pages[0]!, pages[0]!]);
    m.load8(PAGE);
    m.store8(0, 7);
    m.load8(PAGE);
    expect(rulesOf(machine)).to.deep.equal(['stale-cache']);
  });
});
