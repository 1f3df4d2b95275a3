/**
 * Every check of a clause catches something: backends that go wrong once, at the n-th operation of a kind, for each n in
 * turn. Each message below is one check of the clause; a check that no such backend fails is of no use.
 */
import { expect } from 'chai';
import { createMachine, err } from 'scatterlist';
import type { Context, Machine, MapBackend } from 'scatterlist';
import { ioAccess, kmap, kmapLocal, vmap } from 'scatterlist/backends';
import { afterUnmap } from '../../lib/conformance/after-unmap.ts';
import type { Clause } from '../../lib/conformance/clause.ts';
import { contents } from '../../lib/conformance/contents.ts';
import { contexts } from '../../lib/conformance/contexts.ts';
import { everyFailure } from '../../lib/conformance/every-failure.ts';
import { exhaustion } from '../../lib/conformance/exhaustion.ts';
import { hostileShapes } from '../../lib/conformance/hostile-shapes.ts';
import { kindsAndErrors } from '../../lib/conformance/kinds-and-errors.ts';
import { nesting } from '../../lib/conformance/nesting.ts';
import { scope } from '../../lib/conformance/scope.ts';
import { sideEffects } from '../../lib/conformance/side-effects.ts';
import { sleeping } from '../../lib/conformance/sleeping.ts';
import { spans } from '../../lib/conformance/spans.ts';
import { broken, failures } from './faulty.ts';
import type { Parts } from './faulty.ts';

type Make = (context: Context) => MapBackend;
type Mapped = ReturnType<MapBackend['map']>;
type Held = Extract<Mapped, { readonly ok: true }>['value'];

/** Counts the operations of a machine, and says which is the one to go wrong. */
type Turn = () => boolean;

function replace<K extends keyof Held>(mapping: Held, name: K, value: Held[K]): void {
  Object.defineProperty(mapping, name, { value, configurable: true });
}

/** Changes what map gives. */
function mapping(inner: MapBackend, change: (held: Held) => void): Parts {
  return {
    map: (page, offset, length) => {
      const mapped = inner.map(page, offset, length);
      if (mapped.ok) change(mapped.value);
      return mapped;
    },
    *mapWait(page, offset, length) {
      const mapped = yield* inner.mapWait(page, offset, length);
      if (mapped.ok) change(mapped.value);
      return mapped;
    },
  };
}

/** Spoils a byte of the page when a mapping is released. */
function spoiling(at: (held: Held, pageSize: number) => number) {
  return (inner: MapBackend, { machine }: Context, turn: Turn): Parts => ({
    unmap: (held) => {
      const { page } = held;
      const byte = at(held, machine.pageSize);
      const wrong = turn();
      inner.unmap(held);
      const memory = machine.physical(page);
      if (wrong && byte >= 0 && byte < memory.length) memory[byte] = (memory[byte] ?? 0) ^ 0x5b;
    },
  });
}

function store(name: 'store8' | 'store16' | 'store32') {
  return (inner: MapBackend, _context: Context, turn: Turn): Parts =>
    mapping(inner, (held) => {
      const right = held[name].bind(held);
      replace(held, name, (offset, value) => {
        right(offset, turn() ? value ^ 1 : value);
      });
    });
}

function load(name: 'load8' | 'load16' | 'load32') {
  return (inner: MapBackend, _context: Context, turn: Turn): Parts =>
    mapping(inner, (held) => {
      const right = held[name].bind(held);
      replace(held, name, (offset) => (turn() ? right(offset) ^ 1 : right(offset)));
    });
}

/** What can go wrong once. */
const FAULTS = {
  load8: load('load8'),
  load16: load('load16'),
  load32: load('load32'),
  load64: (inner: MapBackend, _context: Context, turn: Turn): Parts =>
    mapping(inner, (held) => {
      const right = held.load64.bind(held);
      replace(held, 'load64', (offset) => (turn() ? right(offset) ^ 1n : right(offset)));
    }),
  store8: store('store8'),
  store16: store('store16'),
  store32: store('store32'),
  store64: (inner: MapBackend, _context: Context, turn: Turn): Parts =>
    mapping(inner, (held) => {
      const right = held.store64.bind(held);
      replace(held, 'store64', (offset, value) => {
        right(offset, turn() ? value ^ (1n << 63n) : value);
      });
    }),
  copyTo: (inner: MapBackend, _context: Context, turn: Turn): Parts =>
    mapping(inner, (held) => {
      const right = held.copyTo.bind(held);
      replace(held, 'copyTo', (target, offset) => {
        right(target, offset);
        if (turn() && target.length > 0) target[target.length - 1] = (target[target.length - 1] ?? 0) ^ 1;
      });
    }),
  copyFrom: (inner: MapBackend, _context: Context, turn: Turn): Parts =>
    mapping(inner, (held) => {
      const right = held.copyFrom.bind(held);
      replace(held, 'copyFrom', (source, offset) => {
        right(turn() ? source.map((byte) => byte ^ 1) : source, offset);
      });
    }),
  fill: (inner: MapBackend, _context: Context, turn: Turn): Parts =>
    mapping(inner, (held) => {
      const right = held.fill.bind(held);
      replace(held, 'fill', (value, offset, length) => {
        right(turn() ? value ^ 1 : value, offset, length);
      });
    }),
  spoilsFirst: spoiling((held) => held.pageOffset),
  spoilsLast: spoiling((held) => held.pageOffset + held.length - 1),
  spoilsBefore: spoiling((held) => held.pageOffset - 1),
  spoilsBehind: spoiling((held, pageSize) => (held.pageOffset + held.length) % pageSize),
  forgets: (inner: MapBackend, _context: Context, turn: Turn): Parts => ({
    unmap: (held) => {
      if (!turn()) inner.unmap(held);
    },
  }),
  fails: (inner: MapBackend, _context: Context, turn: Turn): Parts => ({
    map: (page, offset, length) =>
      turn() ? err({ code: 'NoMemory', wanted: 1, available: 0 }) : inner.map(page, offset, length),
    *mapWait(page, offset, length) {
      if (turn()) return err({ code: 'NoMemory', wanted: 1, available: 0 });
      return yield* inner.mapWait(page, offset, length);
    },
  }),
  shortens: (inner: MapBackend, _context: Context, turn: Turn): Parts => ({
    map: (page, offset, length) => inner.map(page, offset, turn() ? Math.max(1, length - 1) : length),
    mapWait: (page, offset, length) => inner.mapWait(page, offset, length),
  }),
} satisfies Record<string, (inner: MapBackend, context: Context, turn: Turn) => Parts>;

type Fault = keyof typeof FAULTS;

/** A clause with the tests whose titles have these words only, for speed. */
function only(clause: Clause, words: RegExp): Clause {
  return (given) => {
    const path: string[] = [];
    clause({
      ...given,
      describe: (title, define) => {
        path.push(title);
        given.describe(title, define);
        path.pop();
      },
      it: (title, test) => {
        if (words.test([...path, title].join(' > '))) given.it(title, test);
      },
    });
  };
}

/** Every message of a clause for the backends that go wrong once, up to the n-th time. */
function messages(clause: Clause, make: Make, faults: readonly Fault[], most: number): string {
  const all = new Set<string>();
  for (const fault of faults) {
    for (let n = 0; n < most; n += 1) {
      const counts = new WeakMap<Machine, number>();
      const subject = broken(make, (inner, context) => {
        const turn = (): boolean => {
          const count = counts.get(context.machine) ?? 0;
          counts.set(context.machine, count + 1);
          return count === n;
        };
        return FAULTS[fault](inner, context, turn);
      });
      for (const message of failures(clause, { ...subject, machine: { pageSize: 1024 } }))
        all.add(`${fault}: ${message}`);
    }
  }
  return [...all].join('\n');
}

interface Row {
  readonly name: string;
  readonly clause: Clause;
  readonly make: Make;
  /** The tests that are run, by their titles. */
  readonly tests: RegExp;
  readonly faults: readonly Fault[];
  /** How many operations of a kind are broken in turn. */
  readonly most: number;
  readonly caught: readonly RegExp[];
}

const ROWS: readonly Row[] = [
  {
    name: 'nesting, newest first',
    clause: nesting,
    make: kmapLocal,
    tests: /^checked > highmem: the newest first/,
    faults: ['load8', 'forgets', 'fails'],
    most: 6,
    caught: [
      /the fourth mapping reads: got 5, expected 4/,
      /the second mapping reads: got 3, expected 2/,
      /the first mapping reads: got 0, expected 1/,
      /the first mapping, alone again, reads: got 0, expected 1/,
      /forgets: .*unmap out of order/,
      /afterwards: live mappings: got 1, expected 0/,
      /failed with NoMemory/,
    ],
  },
  {
    name: 'nesting, oldest first',
    clause: nesting,
    make: kmapLocal,
    tests: /^checked > highmem: the oldest first/,
    faults: ['load8', 'forgets'],
    most: 4,
    caught: [
      /the first mapping, whose release was refused, reads: got 0, expected 1/,
      /the second mapping reads: got 3, expected 2/,
      /releasing the older of two mappings: expected the violation unmap-order, got none/,
      /afterwards: live mappings: got 1, expected 0/,
    ],
  },
  {
    name: 'nesting in any order',
    clause: nesting,
    make: kmap,
    tests: /^checked > highmem: the oldest first/,
    faults: ['load8', 'forgets'],
    most: 4,
    caught: [/the second mapping reads: got 3, expected 2/, /afterwards: live mappings: got 1, expected 0/],
  },
  {
    name: 'contents through accessors',
    clause: contents,
    make: kmapLocal,
    tests: /^checked > of highmem round trip through accessors/,
    faults: [
      ...(['load8', 'load16', 'load32', 'load64', 'store8', 'store16', 'store32', 'store64'] as const),
      ...(['copyTo', 'copyFrom', 'fill', 'shortens', 'forgets', 'fails'] as const),
      ...(['spoilsFirst', 'spoilsLast', 'spoilsBefore', 'spoilsBehind'] as const),
    ],
    most: 6,
    caught: [
      /load8: .*load8\(0\): got/,
      /load8: .*load8\(1023\): got/,
      /load16: .*load16\(2\): got/,
      /load32: .*load32\(4\): got/,
      /load64: .*load64\(8\): got/,
      /copyTo: .*copyTo: byte 1023 of 1024/,
      /copyTo: .*copyTo from 2: byte 1020 of 1021/,
      /store8: .*load8\(1023\): got 164, expected 165/,
      /store16: .*load8\(0\): got 238, expected 239/,
      /store32: .*load32\(4\): got/,
      /store64: .*load64\(8\): got \d+, expected 9305357194680716634/,
      /copyFrom: .*copyTo: byte 5 of 1024|copyFrom: .*load32\(4\)/,
      /fill: .*load16\(2\): got 23387, expected 23130/,
      /fill: .*load64\(8\): got/,
      /shortens: .*length of the mapping: got 1023, expected 1024/,
      /forgets: .*afterwards: live mappings: got 1, expected 0/,
      /fails: .*map of 1024 bytes at 0 of a highmem page failed with NoMemory/,
      /spoilsFirst: .*after the release: highmem memory: byte 0 of 1024/,
      /spoilsLast: .*after the release: highmem memory: byte 1023 of 1024/,
    ],
  },
  {
    name: 'contents in a part of a page',
    clause: contents,
    make: kmapLocal,
    tests: /^checked > of highmem round trip/,
    faults: ['spoilsBefore', 'spoilsBehind'],
    most: 2,
    caught: [
      /spoilsBefore: .*after the release: highmem memory: byte \d+ of 1024/,
      /spoilsBehind: .*highmem memory: byte/,
    ],
  },
  {
    name: 'contents through bytes',
    clause: contents,
    make: kmapLocal,
    tests: /^checked > of highmem round trip through bytes/,
    faults: ['load8', 'store8', 'copyTo', 'forgets', 'spoilsFirst', 'spoilsLast'],
    most: 40,
    caught: [
      /load8: .*load8\(0\): got 1, expected 0/,
      /store8: .*copyTo: byte 1 of 1024|store8: .*byte \d+ of \d+/,
      /copyTo: .*copyTo: byte 1023/,
      /afterwards: live mappings: got 1/,
      /spoilsFirst: .*after the release: highmem memory: byte 0/,
      /spoilsLast: .*after the release: highmem memory: byte 1023/,
    ],
  },
  {
    name: 'contents without bytes',
    clause: contents,
    make: ioAccess,
    tests: /^checked > of iomem round trip through accessors/,
    faults: ['load16', 'store8', 'forgets'],
    most: 3,
    caught: [/load16\(2\): got/, /store8: .*got 164, expected 165/, /afterwards: live mappings/],
  },
  {
    name: 'spans of one page',
    clause: spans,
    make: kmapLocal,
    tests: /^checked > .*highmem/,
    faults: ['load8', 'store8', 'forgets', 'shortens', 'fails', 'spoilsFirst', 'spoilsLast'],
    most: 5,
    caught: [
      /the byte at 0: got/,
      /the byte at 923: got/,
      /the byte at 924: got/,
      /the byte at 1955: got/,
      /store8: .*page 0: highmem memory: byte/,
      /store8: .*page 1: highmem memory: byte 1023/,
      /store8: .*page 2: highmem memory: byte 1003/,
      /length of the mapping at 0: got 923, expected 924/,
      /length of the mapping at 924: got 1023, expected 1024/,
      /length of the mapping at 1955: got 996, expected 997/,
      /afterwards: live mappings: got 1, expected 0/,
      /sgMap failed with NoMemory/,
    ],
  },
  {
    name: 'spans of many pages',
    clause: spans,
    make: vmap,
    tests: /^checked > .*highmem/,
    faults: ['load8', 'store8', 'store32', 'copyTo', 'fill', 'forgets', 'shortens', 'spoilsFirst'],
    most: 3,
    caught: [
      /length of the mapping: got 2951, expected 2952/,
      /copyTo: .*the bytes of all pages: byte 2951 of 2952/,
      /store32: .*bytes: byte 922 of 2952/,
      /store32: .*bytes: byte 1946 of 2952/,
      /fill: .*bytes: byte 932 of 2952/,
      /fill: .*bytes: byte 1956 of 2952/,
      /load8 of what was written through bytes: got 8, expected 9/,
      /store8: .*page 0: highmem memory: byte 100 of 1024 is 239, expected 238/,
      /afterwards: live mappings: got 1/,
      /spoilsFirst: .*page 0: highmem memory: byte 100/,
    ],
  },
  {
    name: 'after unmap',
    clause: afterUnmap,
    make: kmapLocal,
    tests: /^checked > .*\(highmem\)/,
    faults: ['forgets', 'fails', 'shortens', 'spoilsFirst', 'spoilsBefore'],
    most: 2,
    caught: [
      /load8 after the release: expected the violation use-after-unmap, got none/,
      /bytes after the release: expected the violation use-after-unmap, got none/,
      /afterwards: live mappings: got 1/,
      /a second release is double-unmap .*live mappings: got 1, expected 0/,
      /length of the mapping: got 15, expected 16/,
      /after the scope: live mappings: got 1, expected 0/,
      /after the refusals: highmem memory: byte 3[12]/,
      /the end of a `using` scope releases .*sgMap failed with NoMemory/,
    ],
  },
  {
    name: 'contexts',
    clause: contexts,
    make: kmapLocal,
    tests: /^checked > .*highmem/,
    faults: ['load8', 'store8', 'forgets', 'fails', 'spoilsFirst', 'spoilsBefore'],
    most: 4,
    caught: [
      /the byte written is: got 0, expected 1/,
      /a fresh page reads: got 1, expected 0/,
      /the mapping of the interrupted task reads: got 43, expected 42/,
      /mapWait failed with NoMemory/,
      /afterwards: live mappings: got 1/,
    ],
  },
  {
    name: 'scope, used elsewhere',
    clause: scope,
    make: kmapLocal,
    tests: /^highmem .*: use from/,
    faults: ['load8', 'forgets'],
    most: 3,
    caught: [
      /at home the mapping reads: got 16, expected 17/,
      /back home the mapping reads: got 16, expected 17/,
      /afterwards: live mappings: got 1/,
    ],
  },
  {
    name: 'scope, used everywhere',
    clause: scope,
    make: kmap,
    tests: /highmem .*: (use|release) from|^checked, highmem/,
    faults: ['load8', 'forgets', 'fails'],
    most: 3,
    caught: [
      /from another task on the same CPU the mapping reads: got 16/,
      /from a task on another CPU the mapping reads: got 16/,
      /back home the mapping reads: got 16/,
      /release from another CPU works: afterwards: live mappings: got 1/,
      /live mappings after the release by another context: got 1, expected 0|live mappings: got 1/,
      /sgMap failed with NoMemory/,
      /SgMiter.next failed with NoMemory/,
    ],
  },
  {
    name: 'side effects',
    clause: sideEffects,
    make: kmapLocal,
    tests: /^checked, PREEMPT >/,
    faults: ['forgets', 'fails'],
    most: 3,
    caught: [
      /migration disable count after a map and release of highmem: got 1, expected 0/,
      /migration disable count after the release: got 1, expected 0/,
      /map of 64 bytes at 0 of a lowmem page failed with NoMemory/,
      /afterwards: live mappings: got 1/,
    ],
  },
  {
    name: 'exhaustion',
    clause: exhaustion,
    make: kmap,
    tests: /^checked > highmem: [124] can be held/,
    faults: ['load8', 'forgets', 'fails'],
    most: 6,
    caught: [
      /mapping 0 of 1 reads: got 0, expected 1/,
      /mapping 3 of 4 reads: got 5, expected 4/,
      /error of one mapping too many: got NoMemory, expected NoSlots/,
      /live mappings at the end: got 1, expected 0/,
      /map of 16 bytes at 0 of a lowmem page failed with NoMemory/,
      /map of 1024 bytes at 0 of a highmem page failed with No/,
    ],
  },
  {
    name: 'exhaustion without a limit',
    clause: exhaustion,
    make: kmap,
    tests: /^checked > lowmem is not limited/,
    faults: ['load8', 'forgets'],
    most: 60,
    caught: [/mapping 0 of 60 reads: got/, /mapping 59 of 60 reads: got/, /afterwards: live mappings: got 1/],
  },
  {
    name: 'sleeping',
    clause: sleeping,
    make: kmap,
    tests: /^checked > mapWait of highmem/,
    faults: ['load8', 'forgets', 'fails'],
    most: 5,
    caught: [
      /the mapping waited for reads: got 76, expected 77/,
      /mapping \d of \d reads: got/,
      /what the task sleeps on after a release: got WaitQueue/,
      /mapWait failed with NoMemory/,
      /afterwards: live mappings: got 1/,
    ],
  },
  {
    name: 'kinds and errors',
    clause: kindsAndErrors,
    make: kmapLocal,
    tests: /^checked > (lowmem|highmem|protected)/,
    faults: ['forgets', 'fails'],
    most: 63,
    caught: [
      /map of 1 bytes at 0 of a highmem page failed with NoMemory/,
      /map of 1008 bytes at 16 of a highmem page failed with NoMemory/,
      /mapWait of highmem failed/,
      /afterwards: live mappings: got 1/,
    ],
  },
  {
    name: 'hostile shapes',
    clause: hostileShapes,
    make: kmapLocal,
    tests: /^(checked|pools of one) > highmem: (whole pages|one-byte)/,
    faults: ['spoilsFirst', 'spoilsLast', 'shortens', 'forgets', 'fails'],
    most: 60,
    caught: [
      /memory after sgPcopyFromBuffer from 0: byte/,
      /memory after sgPcopyFromBuffer from 3: byte/,
      /memory after sgFill: byte/,
      /memory after sgZeroBuffer: byte/,
      /memory after sgCopyFromBuffer: byte/,
      /memory after sgCopyList: byte/,
      /the source of sgCopyList: byte/,
      /where sgCompare finds a difference: got/,
      /sgCopyToBuffer failed with NoMemory/,
      /sgPcopyToBuffer failed with NoMemory/,
      /sgPcopyFromBuffer failed with NoMemory/,
      /sgFill failed with NoMemory/,
      /sgZeroBuffer failed with NoMemory/,
      /sgCopyFromBuffer failed with NoMemory/,
      /sgCopyList failed with NoMemory/,
      /sgCompare failed with NoMemory/,
      /SgMiter.next failed with NoMemory/,
    ],
  },
  {
    name: 'every failure',
    clause: everyFailure,
    make: kmap,
    tests: /^checked > \w+ over highmem/,
    faults: ['spoilsFirst', 'spoilsLast', 'forgets', 'fails'],
    most: 8,
    caught: [
      /error of an undisturbed walk: got NoMemory, expected undefined/,
      /memory after an undisturbed walk: byte/,
      /after an undisturbed walk: live mappings: got 1, expected 0/,
      /memory with map \d+ of \d+ failed: byte/,
    ],
  },
];

describe('each check of the suite', function () {
  this.timeout(60_000);
  for (const { name, clause, make, tests, faults, most, caught } of ROWS) {
    it(`catches a backend that goes wrong once: ${name}`, () => {
      const all = messages(only(clause, tests), make, faults, most);
      const missed = caught.filter((words) => !words.test(all)).map(String);
      expect(missed, all.slice(0, 4000)).to.deep.equal([]);
    });
    it(`has nothing to say of the right backend: ${name}`, () => {
      createMachine();
      let count = 0;
      const counted: Clause = (given) => {
        only(
          clause,
          tests,
        )({
          ...given,
          it: (title, test) => {
            count += 1;
            given.it(title, test);
          },
        });
      };
      const subject = { backend: (context: Context) => make(context), machine: { pageSize: 1024 } };
      expect(failures(counted, subject)).to.deep.equal([]);
      expect(count).to.be.above(0);
    });
  }
});
