/** What a session is: a machine, lists on it, and operations one after the other; all of it plain data. */
import { pick, randomOf } from './random.ts';
import type { Random } from './random.ts';

/** Operations of a session, as a rule. */
export const OPERATIONS = 30;

export const PAGE = 256;
/** Pages of each kind. */
export const PAGES = { lowmem: 24, highmem: 24, protected: 6, unmappable: 4, iomem: 8 } as const;
export type Kind = keyof typeof PAGES;
export const KINDS: readonly Kind[] = ['lowmem', 'highmem', 'protected', 'unmappable', 'iomem'];

export const BACKENDS = [
  'kmap',
  'kmapLocal',
  'kmapAtomic',
  'pageAddress',
  'vmap',
  'iomemBounce',
  'bounceTouched',
  'ioAccess',
  'pgmap',
  'faulty',
  'recorded',
] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface Entry {
  readonly kind: Kind;
  readonly page: number;
  readonly offset: number;
  readonly length: number;
}

/** Entries of one list, by array. */
export type ListShape = readonly (readonly Entry[])[];

/** Where a caller's bytes are. */
export type BufferPlace =
  /** In a buffer of the caller's own. */
  | { readonly at: 'own'; readonly from: number; readonly length: number }
  /** In memory itself, from a page on. */
  | {
      readonly at: 'memory';
      readonly kind: Kind;
      readonly page: number;
      readonly from: number;
      readonly length: number;
    }
  /** In memory itself, so many bytes from where a list begins. */
  | { readonly at: 'list'; readonly list: number; readonly from: number; readonly length: number }
  /** In the array of a mapping that is held. */
  | { readonly at: 'held'; readonly which: number; readonly from: number; readonly length: number };

export type Operation =
  | {
      readonly op: 'copy';
      readonly list: number;
      readonly backend: BackendName;
      readonly skip: number;
      readonly toBuffer: boolean;
      readonly buffer: BufferPlace;
    }
  | {
      readonly op: 'fill';
      readonly list: number;
      readonly backend: BackendName;
      readonly skip: number;
      readonly length: number;
      readonly value: number;
    }
  | {
      readonly op: 'copyList' | 'compare';
      readonly list: number;
      readonly second: number;
      readonly backend: BackendName;
      readonly secondBackend: BackendName;
      readonly skip: number;
      readonly skipSecond: number;
      readonly length: number;
    }
  | {
      readonly op: 'iterate';
      readonly list: number;
      readonly backend: BackendName;
      readonly skip: number;
      readonly direction: 'toSg' | 'fromSg';
      readonly consume: number;
      readonly chunks: number;
      readonly buffer: BufferPlace;
      readonly way: 'accessors' | 'bytes' | 'copy';
    }
  | {
      readonly op: 'map';
      readonly list: number;
      readonly entry: number;
      readonly backend: BackendName;
      readonly offset: number;
      readonly buffer: BufferPlace;
      readonly from: number;
      readonly toBuffer: boolean;
      readonly width: 1 | 2 | 4 | 8;
    }
  | {
      readonly op: 'hold';
      readonly list: number;
      readonly entry: number;
      readonly backend: BackendName;
      readonly offset: number;
      readonly array: boolean;
    }
  | {
      readonly op: 'touch';
      readonly which: number;
      readonly from: number;
      readonly value: number;
      readonly array: boolean;
    }
  | { readonly op: 'drop' }
  | {
      readonly op: 'page';
      readonly helper: PageHelper;
      readonly kind: Kind;
      readonly page: number;
      readonly second: number;
      readonly from: number;
      readonly to: number;
      readonly length: number;
      readonly buffer: BufferPlace;
    }
  | {
      readonly op: 'dma';
      readonly list: number;
      readonly direction: 'toDevice' | 'fromDevice' | 'bidirectional';
      readonly bounce: boolean;
      readonly iommu: boolean;
      readonly from: number;
      readonly length: number;
    }
  | { readonly op: 'change'; readonly list: number; readonly entry: number; readonly to: Entry }
  | {
      readonly op: 'store';
      readonly kind: Kind;
      readonly page: number;
      readonly from: number;
      readonly value: number;
    };

const PAGE_HELPERS = [
  'memcpyPage',
  'memcpyFromPage',
  'memcpyToPage',
  'memsetPage',
  'memzeroPage',
  'copyHighpage',
  'clearHighpage',
  'zeroUser',
] as const;
type PageHelper = (typeof PAGE_HELPERS)[number];

export interface Session {
  readonly seed: number;
  readonly semantics: 'strict' | 'compatible';
  readonly onViolation: 'throw' | 'record';
  readonly highmem: boolean;
  readonly forceMap: boolean;
  readonly kmMaxIdx: number;
  readonly pkmapSlots: number;
  readonly vmallocPages: number;
  readonly bounceSlots: number;
  /** Pages that have bytes from the start on, in the order in which they get them. */
  readonly touched: readonly (readonly [kind: Kind, page: number])[];
  readonly lists: readonly ListShape[];
  readonly operations: readonly Operation[];
}

function lengthOf(random: Random): number {
  return pick(random, random(16), random(64) * 8, PAGE, random(PAGE), random(3 * PAGE), random(6 * PAGE));
}

function entryOf(random: Random, kind: Kind): Entry {
  const page = random(PAGES[kind]);
  const offset = pick(random, 0, 0, 0, random(PAGE), random(32) * 8, random(2 * PAGE));
  const room = (PAGES[kind] - page) * PAGE;
  const at = Math.min(offset, room - 1);
  // A few run into what lies behind: memory of another kind, or none.
  if (random(60) === 0)
    return { kind, page: PAGES[kind] - 1, offset: random(PAGE), length: lengthOf(random) };
  return { kind, page, offset: at, length: Math.min(lengthOf(random), room - at) };
}

function kindOf(random: Random): Kind {
  return pick(random, 'lowmem', 'lowmem', 'lowmem', 'highmem', 'highmem', 'highmem', ...KINDS);
}

/** Many short entries that lie side by side, a cache line each or less. */
function linesOf(random: Random): ListShape {
  const kind = pick<Kind>(random, 'lowmem', 'highmem');
  const page = random(PAGES[kind] - 8);
  const length = pick(random, 8, 32, 64, 64);
  const start = random(4) * 8;
  const count = 4 + random(28);
  const step = pick(random, length, length, length + 8, 2 * length);
  return [
    Array.from({ length: count }, (_, i) => {
      const at = start + i * step;
      return {
        kind,
        page: page + Math.floor(at / PAGE),
        offset: at % PAGE,
        length: Math.min(length, PAGE - (at % PAGE)),
      };
    }),
  ];
}

function listOf(random: Random): ListShape {
  if (random(5) === 0) return linesOf(random);
  const most = pick(random, 1, 3, 8, 24);
  const count = 1 + random(most);
  const only = random(3) > 0 ? kindOf(random) : undefined;
  // Some lists are one run of pages, and the entries of some overlap.
  const inOrder = random(4) === 0;
  let next = entryOf(random, only ?? kindOf(random));
  const arrays: Entry[][] = [[]];
  for (let i = 0; i < count; i += 1) {
    arrays.at(-1)?.push(next);
    if (random(6) === 0 && i + 1 < count) arrays.push([]);
    const kind = only ?? kindOf(random);
    const { page } = next;
    next = inOrder
      ? { kind, page: (page + 1) % PAGES[kind], offset: 0, length: pick(random, PAGE, PAGE, 64) }
      : entryOf(random, kind);
  }
  return arrays;
}

function bufferOf(random: Random, lengthBytes: number): BufferPlace {
  const length = Math.min(lengthBytes, 12 * PAGE);
  switch (random(8)) {
    case 0:
    case 1:
      return { at: 'own', from: random(9), length };
    case 2:
    case 3:
    case 4:
      // A little before or behind the bytes of the list itself.
      return {
        at: 'list',
        list: random(4),
        from: pick(random, 0, random(20), 8 * random(40), random(PAGE)) - 8 * random(8),
        length,
      };
    case 5:
      return { at: 'held', which: random(4), from: random(PAGE), length };
    default: {
      const kind = pick<Kind>(random, 'lowmem', 'highmem', 'lowmem', 'highmem', 'iomem');
      return { at: 'memory', kind, page: random(PAGES[kind]), from: pick(random, 0, random(PAGE)), length };
    }
  }
}

function skipOf(random: Random): number {
  return pick(random, 0, 0, random(20), random(PAGE), random(16) * 64, random(4000));
}

function manyOf(random: Random): number {
  return pick(random, 0, random(40), random(64) * 8, random(1000), random(4000));
}

function backendOf(random: Random): BackendName {
  return pick(random, 'kmapLocal', 'pageAddress', 'vmap', ...BACKENDS);
}

function operationOf(random: Random): Operation {
  const list = random(4);
  const backend = backendOf(random);
  const skip = skipOf(random);
  switch (random(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return {
        op: 'copy',
        list,
        backend,
        skip,
        toBuffer: random(2) === 0,
        buffer: bufferOf(random, manyOf(random)),
      };
    case 4:
      return {
        op: 'fill',
        list,
        backend,
        skip,
        length: manyOf(random),
        value: random(3) === 0 ? 0 : random(256),
      };
    case 5:
    case 6:
      return {
        op: pick(random, 'copyList', 'copyList', 'compare'),
        list,
        // Often the same list, a little further on.
        second: pick(random, list, random(4)),
        backend,
        secondBackend: pick(random, backend, backend, backendOf(random)),
        skip,
        skipSecond: pick(random, skip, skipOf(random), skip + random(9)),
        length: manyOf(random),
      };
    case 7:
    case 8:
      return {
        op: 'iterate',
        list,
        backend,
        skip,
        direction: pick(random, 'toSg', 'fromSg'),
        consume: pick(random, -1, -1, random(PAGE)),
        chunks: random(12),
        buffer: bufferOf(random, manyOf(random)),
        way: pick(random, 'accessors', 'bytes', 'copy'),
      };
    case 9:
      return {
        op: 'map',
        list,
        entry: random(24),
        backend,
        offset: pick(random, 0, random(2 * PAGE)),
        buffer: bufferOf(random, manyOf(random)),
        from: pick(random, 0, random(PAGE)),
        toBuffer: random(2) === 0,
        width: pick(random, 1, 2, 4, 8),
      };
    case 10:
      return {
        op: 'hold',
        list,
        entry: random(24),
        backend,
        offset: pick(random, 0, random(PAGE)),
        array: random(2) === 0,
      };
    case 11:
      return random(2) === 0
        ? { op: 'drop' }
        : { op: 'touch', which: random(4), from: random(PAGE), value: random(256), array: random(2) === 0 };
    case 12:
    case 13: {
      const kind = pick<Kind>(random, 'lowmem', 'highmem');
      return {
        op: 'page',
        helper: pick(random, ...PAGE_HELPERS),
        kind,
        page: random(PAGES[kind]),
        second: random(PAGES[kind]),
        from: random(PAGE),
        to: random(PAGE),
        length: random(PAGE),
        buffer: bufferOf(random, random(PAGE)),
      };
    }
    case 14:
      return {
        op: 'dma',
        list,
        direction: pick(random, 'toDevice', 'fromDevice', 'bidirectional'),
        bounce: random(2) === 0,
        iommu: random(2) === 0,
        from: random(PAGE),
        length: random(3 * PAGE),
      };
    default: {
      const kind = kindOf(random);
      return random(2) === 0
        ? { op: 'change', list, entry: random(24), to: entryOf(random, kind) }
        : { op: 'store', kind, page: random(PAGES[kind]), from: random(PAGE), value: random(256) };
    }
  }
}

function shuffled<T>(random: Random, values: readonly T[]): readonly T[] {
  const left = [...values];
  for (let i = left.length - 1; i > 0; i -= 1) {
    const j = random(i + 1);
    const moved = left[i];
    const other = left[j];
    if (moved !== undefined && other !== undefined) [left[i], left[j]] = [other, moved];
  }
  return left;
}

/** The session of a seed, of so many operations. */
export function sessionOf(seed: number, operations: number): Session {
  const random = randomOf(seed);
  const all = KINDS.flatMap((kind) =>
    Array.from({ length: PAGES[kind] }, (_, page) => [kind, page] as const),
  );
  const order = random(2) === 0 ? all : shuffled(random, all);
  return {
    seed,
    semantics: pick(random, 'strict', 'strict', 'compatible'),
    onViolation: pick(random, 'throw', 'record'),
    highmem: random(4) > 0,
    forceMap: random(8) === 0,
    kmMaxIdx: pick(random, 4, 16),
    pkmapSlots: pick(random, 2, 16),
    vmallocPages: pick(random, 12, 80),
    bounceSlots: pick(random, 1, 8),
    touched: order.filter(() => random(10) > 0),
    lists: [listOf(random), listOf(random), listOf(random), listOf(random)],
    operations: Array.from({ length: operations }, () => operationOf(random)),
  };
}
