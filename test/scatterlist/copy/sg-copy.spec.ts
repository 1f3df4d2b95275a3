import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import {
  createMachine,
  sgAllocTableFromPages,
  sgCompare,
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgFill,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from 'scatterlist';
import type { Machine, MapBackend, MemoryKind, Page, SgList, Task } from 'scatterlist';
import {
  faultInjection,
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  vmap,
} from 'scatterlist/backends';
import type { MachineOptions } from 'scatterlist/machine';
import { AS_LINUX, violationOf } from '../../kernel/violations.ts';
import { buildList } from '../../vectors/lists.ts';
import type { ListInput } from '../../vectors/lists.ts';

// Small pages, so that random lists cross many of them.
const PAGE = 256;
const PAGES = 32;
const HALF = (PAGES / 2) * PAGE;

const bounce = (task: Task): MapBackend => iomemBounce(task);

/** Who is tried on what. */
const COMBINATIONS: readonly (readonly [name: string, bind: (task: Task) => MapBackend, kind: MemoryKind])[] =
  [
    ['kmap_local', kmapLocal, 'highmem'],
    ['kmap_local', kmapLocal, 'lowmem'],
    ['kmap_local', kmapLocal, 'protected'],
    ['kmap_atomic', kmapAtomic, 'highmem'],
    ['kmap', kmap, 'highmem'],
    ['page_address', pageAddress, 'lowmem'],
    ['vmap', vmap, 'highmem'],
    ['io-access', ioAccess, 'iomem'],
    ['iomem-bounce', bounce, 'iomem'],
    ['iomem-bounce', bounce, 'highmem'],
    ['pgmap', pgmap, 'protected'],
  ];

/** A machine of which 32 pages in a row are in use, and what they should hold. */
class Bench {
  readonly machine: Machine;
  readonly task: Task;
  readonly backend: MapBackend;
  readonly oracle: Uint8Array = new Uint8Array(PAGES * PAGE);
  readonly #pages: readonly Page[];

  constructor(bind: (task: Task) => MapBackend, kind: MemoryKind, options: MachineOptions = {}) {
    this.machine = createMachine({
      pageSize: PAGE,
      lowmemPages: 1024,
      bounceSlots: 64,
      highmemPages: 64,
      protectedPages: 64,
      vmallocPages: 256,
      callSites: false,
      ...options,
    });
    this.task = this.machine.task();
    this.backend = bind(this.task);
    this.#pages =
      kind === 'iomem' ? this.machine.ioRegion(PAGES) : this.machine.allocPages(PAGES, { zone: kind });
  }

  /** Pokes single values into memory that is all the same elsewhere, so that comparing can go both ways. */
  poke(pokes: readonly (readonly [at: number, value: number])[]): this {
    this.oracle.fill(7);
    for (const [at, value] of pokes) this.oracle[at % this.oracle.length] = value;
    for (const [i, page] of this.#pages.entries()) {
      this.machine.physical(page).set(this.oracle.subarray(i * PAGE, (i + 1) * PAGE));
    }
    return this;
  }

  list(shape: Shape): SgList<never> {
    const first = this.#pages[0]?.pfn ?? 0;
    const entries = shape.entries.map(([page = 0, offset, length]) => [
      first + page,
      offset ?? 0,
      length ?? 0,
    ]);
    return {
      sgl: buildList(this.machine, { entries, chunks: shape.chunks }) as never,
      origNents: shape.nents,
    };
  }

  /** Memory is what it should be, and nothing is held. */
  check(): void {
    const memory = Buffer.concat(this.#pages.map((page) => this.machine.physical(page)));
    expect(Buffer.compare(memory, this.oracle), 'memory').to.equal(0);
    this.machine.checkLeaks();
    expect(this.machine.liveMappings).to.equal(0);
    const { preemptCount, migrateDisabled, pagefaultDisabled } = this.task;
    expect([preemptCount, migrateDisabled, pagefaultDisabled]).to.deep.equal([0, 0, 0]);
  }
}

interface Shape extends ListInput {
  readonly nents: number;
}

/** The bytes of a list as offsets into the memory of a bench, from `skip` on, `length` at most. */
function places(shape: Shape, skip: number, length: number): readonly number[] {
  return shape.entries
    .slice(0, shape.nents)
    .flatMap(([page = 0, offset = 0, size = 0]) =>
      Array.from({ length: size }, (_, i) => page * PAGE + offset + i),
    )
    .slice(skip, skip + length);
}

/** Lists with offsets beyond a page, lengths over pages, empty entries, chains, and counts that do not fit. */
function shapes(firstPage = 0, pages = PAGES): fc.Arbitrary<Shape> {
  const entry = fc
    .tuple(fc.nat(pages - 1), fc.nat(3 * PAGE), fc.oneof(fc.constant(0), fc.constant(1), fc.nat(3 * PAGE)))
    .map(([page, offset, length]) => {
      const room = (pages - page) * PAGE;
      const start = Math.min(offset, room);
      return [firstPage + page, start, Math.min(length, room - start)];
    });
  return fc
    .tuple(
      fc.array(fc.tuple(entry, fc.boolean()), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: -1, max: 2 }),
    )
    .map(([cut, extra]) => {
      const chunks: number[] = [0];
      for (const [, fresh] of cut) {
        if (fresh && chunks.at(-1) !== 0) chunks.push(0);
        chunks.push((chunks.pop() ?? 0) + 1);
      }
      return { entries: cut.map(([e]) => e), chunks, nents: cut.length + extra };
    });
}

const OPERATIONS = ['copyTo', 'copyFrom', 'pcopyTo', 'pcopyFrom', 'zero', 'fill'] as const;

interface Job {
  readonly shape: Shape;
  readonly operation: (typeof OPERATIONS)[number];
  readonly skip: number;
  readonly length: number;
  readonly pokes: readonly (readonly [number, number])[];
}

const jobs: fc.Arbitrary<Job> = fc.record({
  shape: shapes(),
  operation: fc.constantFrom(...OPERATIONS),
  skip: fc.nat(6 * PAGE),
  length: fc.nat(6 * PAGE),
  pokes: fc.array(fc.tuple(fc.nat(PAGES * PAGE), fc.nat(255)), { maxLength: 20 }),
});

interface Outcome {
  readonly ok: boolean;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly doneBytes: number };
}

/** Does the job through the library. */
function perform(list: SgList<never>, backend: MapBackend, job: Job, buffer: Uint8Array): Outcome {
  switch (job.operation) {
    case 'copyTo':
      return sgCopyToBuffer(list, buffer, backend);
    case 'copyFrom':
      return sgCopyFromBuffer(list, buffer, backend);
    case 'pcopyTo':
      return sgPcopyToBuffer(list, buffer, backend, job.skip);
    case 'pcopyFrom':
      return sgPcopyFromBuffer(list, buffer, backend, job.skip);
    case 'zero':
      return sgZeroBuffer(list, job.length, backend, job.skip);
    case 'fill':
      return sgFill(list, 0xab, { lengthBytes: job.length, skipBytes: job.skip }, backend);
  }
}

/** Does the first `limit` bytes of the job on plain bytes; answers how many there were to do. */
function performPlainly(memory: Uint8Array, job: Job, buffer: Uint8Array, limit = Infinity): number {
  const skip = job.operation.startsWith('copy') ? 0 : job.skip;
  const at = places(job.shape, skip, Math.min(job.length, limit));
  for (const [i, place] of at.entries()) {
    if (job.operation.endsWith('copyTo') || job.operation === 'copyTo') buffer[i] = memory[place] ?? 0;
    else if (job.operation === 'zero') memory[place] = 0;
    else memory[place] = job.operation === 'fill' ? 0xab : (buffer[i] ?? 0);
  }
  return at.length;
}

function buffers(length: number): [Uint8Array, Uint8Array] {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + 5) & 0xff);
  return [bytes, Uint8Array.from(bytes)];
}

describe('copy helpers over random lists do what they do on plain bytes', () => {
  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, bind, kind] of COMBINATIONS) {
      it(`${mode}: ${name} on ${kind}`, () => {
        fc.assert(
          fc.property(jobs, (job) => {
            const bench = new Bench(bind, kind, { mode }).poke(job.pokes);
            const [buffer, plain] = buffers(job.length);
            const outcome = perform(bench.list(job.shape), bench.backend, job, buffer);
            expect(outcome).to.deep.equal({ ok: true, value: performPlainly(bench.oracle, job, plain) });
            expect(Buffer.compare(buffer, plain), 'buffer').to.equal(0);
            bench.check();
          }),
          { numRuns: 60 },
        );
      });
    }
  }
});

describe('a map that fails leaves the bytes before it done and the rest untouched', () => {
  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, bind, kind] of COMBINATIONS) {
      it(`${mode}: ${name} on ${kind}`, () => {
        fc.assert(
          fc.property(jobs, fc.nat(4), (job, failAt) => {
            const bench = new Bench((task) => faultInjection(bind(task), { failAt }), kind, { mode }).poke(
              job.pokes,
            );
            const [buffer, plain] = buffers(job.length);
            const { ok, value, error } = perform(bench.list(job.shape), bench.backend, job, buffer);
            if (ok) expect(value).to.equal(performPlainly(bench.oracle, job, plain));
            else {
              expect(error).to.deep.include({ code: 'Injected', attempt: failAt });
              const done = error?.doneBytes ?? -1;
              expect(performPlainly(bench.oracle, job, plain, done)).to.equal(done);
            }
            expect(Buffer.compare(buffer, plain), 'buffer').to.equal(0);
            bench.check();
          }),
          { numRuns: 30 },
        );
      });
    }
  }

  it('and every map can be the one that fails', () => {
    const shape = {
      entries: [
        [0, 0, 3 * PAGE],
        [5, 10, 20],
      ],
      chunks: [1, 1],
      nents: 2,
    };
    for (let failAt = 0; failAt < 4; failAt += 1) {
      const bench = new Bench((task) => faultInjection(kmapLocal(task), { failAt }), 'highmem').poke([]);
      const result = sgZeroBuffer(bench.list(shape), 4 * PAGE, bench.backend);
      expect(result).to.deep.equal({
        ok: false,
        error: { code: 'Injected', attempt: failAt, doneBytes: failAt * PAGE },
      });
    }
  });
});

describe('list to list', () => {
  const pairs = fc.record({
    // In halves of memory that do not overlap, so that the order of the bytes plays no part.
    to: shapes(0, PAGES / 2),
    from: shapes(PAGES / 2, PAGES / 2),
    lengthBytes: fc.nat(6 * PAGE),
    skipFirstBytes: fc.oneof(fc.constant(0), fc.nat(2 * PAGE)),
    skipSecondBytes: fc.oneof(fc.constant(0), fc.nat(2 * PAGE)),
    pokes: fc.array(fc.tuple(fc.nat(PAGES * PAGE), fc.nat(255)), { maxLength: 3 }),
  });

  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, bind, kind] of COMBINATIONS) {
      it(`${mode}: copy and compare, ${name} on ${kind}`, () => {
        fc.assert(
          fc.property(pairs, ({ to, from, pokes, ...range }) => {
            const bench = new Bench(bind, kind, { mode }).poke(pokes);
            const { oracle } = bench;
            const target = places(to, range.skipFirstBytes, range.lengthBytes);
            const source = places(from, range.skipSecondBytes, range.lengthBytes);
            const both = Math.min(target.length, source.length);
            const differs = target.slice(0, both).findIndex((at, i) => oracle[at] !== oracle[source[i] ?? 0]);
            const atByte = differs < 0 && both < range.lengthBytes ? both : differs;
            const lists = [bench.list(to), bench.list(from)] as const;
            expect(sgCompare(...lists, range, bench.backend)).to.deep.equal({
              ok: true,
              value: atByte < 0 ? { equal: true } : { equal: false, atByte },
            });
            bench.check();
            const copied = sgCopyList(...lists, range, bench.backend);
            expect(copied).to.deep.equal({ ok: true, value: both });
            for (let i = 0; i < both; i += 1) oracle[target[i] ?? 0] = oracle[source[i] ?? 0] ?? 0;
            bench.check();
          }),
          { numRuns: 40 },
        );
      });
    }
  }

  it('flushes the data cache of the pages it copied to, and of no other', () => {
    const flushed = (
      work: (to: SgList<'highmem'>, from: SgList<'highmem'>, local: MapBackend) => unknown,
    ): readonly number[] => {
      const machine = createMachine({ pageSize: PAGE, dcacheColours: 2 });
      const task = machine.task();
      const [to, from] = [0, 1].map(() => machine.allocPages(2, { zone: 'highmem' }));
      const listOf = (pages: readonly Page<'highmem'>[]): SgList<'highmem'> => {
        const made = sgAllocTableFromPages(pages, { size: 2 * PAGE });
        if (!made.ok) throw new Error(made.error.code);
        return made.value;
      };
      const flush = sinon.spy(machine, 'flushDcachePage');
      work(listOf(to!), listOf(from!), kmapLocal(task));
      return flush.args.map(([page]) => [...to!, ...from!].findIndex((each) => each === page));
    };
    const range = { lengthBytes: 2 * PAGE };
    expect(flushed((to, from, local) => sgCopyList(to, from, range, local))).to.deep.equal([0, 1]);
    expect(flushed((to, from, local) => sgCompare(to, from, range, local))).to.deep.equal([]);
    const buffer = new Uint8Array(PAGE + 1);
    expect(flushed((to, _, local) => sgCopyFromBuffer(to, buffer, local))).to.deep.equal([0, 1]);
    expect(flushed((to, _, local) => sgCopyToBuffer(to, buffer, local))).to.deep.equal([]);
    expect(flushed((to, _, local) => sgZeroBuffer(to, PAGE, local))).to.deep.equal([0]);
  });

  it('takes two different backends', () => {
    const bench = new Bench(kmapLocal, 'highmem').poke([
      [0, 1],
      [HALF, 2],
    ]);
    const to = { entries: [[0, 0, 10]], chunks: [1], nents: 1 };
    const from = { entries: [[PAGES / 2, 0, 10]], chunks: [1], nents: 1 };
    const range = { lengthBytes: 10 };
    const copied = sgCopyList(bench.list(to), bench.list(from), range, bench.backend, kmap(bench.task));
    expect(copied).to.deep.equal({ ok: true, value: 10 });
    bench.oracle[0] = 2;
    bench.check();
  });

  for (const failAt of [0, 1]) {
    it(`releases the other map when map ${String(failAt)} fails`, () => {
      const bench = new Bench((task) => faultInjection(kmapLocal(task), { failAt }), 'highmem').poke([]);
      const list = bench.list({ entries: [[0, 0, 10]], chunks: [1], nents: 1 });
      const copied = sgCopyList(list, list, { lengthBytes: 10 }, bench.backend);
      expect(copied).to.deep.equal({ ok: false, error: { code: 'Injected', attempt: failAt, doneBytes: 0 } });
      bench.check();
    });
  }
});

describe('copy helpers and empty entries', () => {
  // An empty entry that begins a page on, then two pages of data.
  const shape = {
    entries: [
      [0, PAGE, 0],
      [4, 0, 2 * PAGE],
    ],
    chunks: [2],
    nents: 2,
  };

  function copied(options: MachineOptions): {
    readonly ret: unknown;
    readonly first: number;
    readonly maps: number;
  } {
    const bench = new Bench(kmapLocal, 'highmem', options).poke([
      [4 * PAGE, 1],
      [5 * PAGE, 2],
    ]);
    const buffer = new Uint8Array(4 * PAGE);
    const result = sgCopyToBuffer(bench.list(shape), buffer, bench.backend);
    bench.check();
    return { ret: result.ok && result.value, first: buffer[0] ?? 0, maps: bench.machine.ledger.maps };
  }

  for (const mode of ['checked', 'direct'] as const) {
    it(`${mode}, strict: are passed over`, () => {
      expect(copied({ mode })).to.deep.equal({ ret: 2 * PAGE, first: 1, maps: 2 });
    });

    it(`${mode}, compatible: are mapped, and cost the next entry its first page`, () => {
      expect(copied({ mode, ...AS_LINUX })).to.deep.equal({ ret: PAGE, first: 2, maps: 2 });
    });
  }
});

describe('copy helpers and a negative skip', () => {
  const shape = { entries: [[0, 10, 20]], chunks: [1], nents: 1 };
  const calls = {
    sgPcopyToBuffer: (list: SgList<never>, backend: MapBackend) =>
      sgPcopyToBuffer(list, new Uint8Array(4), backend, -2),
    sgPcopyFromBuffer: (list: SgList<never>, backend: MapBackend) =>
      sgPcopyFromBuffer(list, new Uint8Array(4), backend, -2),
    sgZeroBuffer: (list: SgList<never>, backend: MapBackend) => sgZeroBuffer(list, 4, backend, -2),
    sgCopyList: (list: SgList<never>, backend: MapBackend) =>
      sgCopyList(list, list, { lengthBytes: 4, skipSecondBytes: -2 }, backend),
  };

  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, call] of Object.entries(calls)) {
      it(`${mode}, strict: is refused by ${name}`, () => {
        const bench = new Bench(kmapLocal, 'highmem', { mode }).poke([]);
        expect(violationOf(() => call(bench.list(shape), bench.backend))).to.equal('miter-negative-skip');
        bench.check();
      });
    }

    it(`${mode}, compatible: reaches before the entry`, () => {
      const bench = new Bench(kmapLocal, 'highmem', { mode, ...AS_LINUX }).poke([
        [8, 1],
        [10, 3],
      ]);
      const buffer = new Uint8Array(4);
      const result = sgPcopyToBuffer(bench.list(shape), buffer, bench.backend, -2);
      expect(result).to.deep.equal({ ok: true, value: 4 });
      expect([...buffer]).to.deep.equal([1, 7, 3, 7]);
      bench.check();
    });
  }
});
