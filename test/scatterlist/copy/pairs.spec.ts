/**
 * The fast way along two lists must not be told from the slow one, on which a trace is kept.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  createMachine,
  sgAllocTable,
  sgCompare,
  sgCopyList,
  sgCopyToBuffer,
  sgMarkEnd,
  sgNext,
  sgSetPage,
  sgUnmarkEnd,
} from 'scatterlist';
import type { Machine, MapBackend, MemoryKind, Page, SgTable, Task } from 'scatterlist';
import { iomemBounce, kmap, kmapLocal, pageAddress, vmap } from 'scatterlist/backends';

const PAGE = 256;
const PAGES = 16;

const BACKENDS: Readonly<Record<string, (task: Task) => MapBackend>> = {
  iomemBounce,
  kmap,
  kmapLocal,
  pageAddress,
  vmap,
};

const entry = fc
  .record({
    page: fc.nat(PAGES - 1),
    offset: fc.oneof(fc.constant(0), fc.nat(PAGE - 1)),
    length: fc.oneof(fc.constant(0), fc.constant(PAGE), fc.nat(3 * PAGE)),
    protectedPage: fc.nat(20).map((n) => n === 0),
  })
  .filter(({ page, offset, length }) => page * PAGE + offset + length <= PAGES * PAGE);

const lists = fc.array(entry, { minLength: 1, maxLength: 8 });

const job = fc.record({
  first: lists,
  second: lists,
  range: fc.record({
    lengthBytes: fc.nat(3000),
    skipFirstBytes: fc.nat(400),
    skipSecondBytes: fc.nat(400),
  }),
  zone: fc.constantFrom<'lowmem' | 'highmem'>('lowmem', 'highmem'),
  sameBytes: fc.boolean(),
  compare: fc.boolean(),
  kmMaxIdx: fc.constantFrom(2, 3, 16),
});

type Job = typeof job extends fc.Arbitrary<infer T> ? T : never;

function tableOf(
  entries: Job['first'],
  pages: readonly Page[],
  protectedPages: readonly Page[],
): SgTable<MemoryKind> {
  const made = sgAllocTable<MemoryKind>(entries.length);
  if (!made.ok) throw new Error(made.error.code);
  let sg = made.value.sgl;
  for (const { page, offset, length, protectedPage } of entries) {
    sgSetPage(sg!, (protectedPage ? protectedPages : pages)[page]!, length, offset);
    sg = sgNext(sg!);
  }
  return made.value;
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}

function outcomeOf(
  how: Job,
  bind: (task: Task) => MapBackend,
  mode: 'direct' | 'checked',
  trace: boolean,
): unknown {
  const machine: Machine = createMachine({
    mode,
    pageSize: PAGE,
    lowmemPages: 128,
    highmemPages: 64,
    protectedPages: PAGES,
    vmallocPages: 200,
    bounceSlots: 8,
    kmMaxIdx: how.kmMaxIdx,
    trace,
  });
  expect(machine.watch.isIdle).to.equal(!trace);
  const task = machine.task('copier');
  const pages = machine.allocPages(PAGES, { zone: how.zone });
  const guarded = machine.allocPages(PAGES, { zone: 'protected' });
  for (const i of [5, 0, 1, 2, 9, 8]) machine.physical(pages[i]!)[0] = 0;
  for (const [i, page] of [...pages, ...guarded].entries())
    machine.physical(page).forEach((_, at, bytes) => (bytes[at] = how.sameBytes ? 7 : i * 31 + at));
  const first = tableOf(how.first, pages, guarded);
  const second = tableOf(how.second, pages, guarded);
  const backend = bind(task);
  // Three times: the second keeps the pieces, the third uses them.
  const answers = [1, 2, 3].map(() =>
    attempt(() =>
      how.compare
        ? sgCompare(first, second, how.range, backend)
        : sgCopyList(first, second, how.range, backend),
    ),
  );
  return {
    answers,
    memory: [...pages, ...guarded].map((page) => Buffer.from(machine.physical(page)).toString('latin1')),
    ledger: machine.ledger,
    state: task.state(),
    idx: task.localMaps.idx,
    slots: [...machine.hardware.pageTable.local.entries],
    tlb: task.cpu.tlb.entries(),
    violations: machine.violations.map(({ rule, what }) => [rule, what]),
    live: machine.liveMappings,
  };
}

describe('visitPairs', () => {
  for (const [name, bind] of Object.entries(BACKENDS)) {
    it(`cannot be told from mapping each pair, through ${name}`, () => {
      fc.assert(
        fc.property(job, (how) => {
          for (const mode of ['direct', 'checked'] as const)
            expect(outcomeOf(how, bind, mode, false)).to.deep.equal(outcomeOf(how, bind, mode, true));
        }),
        { numRuns: 200 },
      );
    });
  }

  it('refuses a negative skip as the walk does', () => {
    for (const skips of [{ skipFirstBytes: -1 }, { skipSecondBytes: -1 }]) {
      const [fast, slow] = [false, true].map((trace) => {
        const machine = createMachine({ mode: 'direct', pageSize: PAGE, trace });
        const entries = [{ page: 0, offset: 100, length: 100, protectedPage: false }];
        const list = tableOf(entries, machine.allocPages(1, { zone: 'highmem' }), []);
        const local = kmapLocal(machine.task());
        return attempt(() =>
          sgCopyList<typeof local, MemoryKind, MemoryKind>(list, list, { lengthBytes: 8, ...skips }, local),
        );
      });
      expect(String(fast))
        .to.match(/skip of -1 bytes/)
        .and.to.equal(slow);
    }
  });

  it('follows lists that end earlier than the last time', () => {
    const machine = createMachine({ mode: 'direct', pageSize: PAGE });
    const local = kmapLocal(machine.task());
    const [to, from] = [0, 1].map(() => {
      const entries = [0, 1, 2].map((page) => ({ page, offset: 0, length: PAGE, protectedPage: false }));
      return tableOf(entries, machine.allocPages(3, { zone: 'highmem' }), []);
    });
    const copied = () => {
      const answer = sgCopyList(to!, from!, { lengthBytes: 3 * PAGE }, local);
      return answer.ok ? answer.value : answer.error;
    };
    expect([copied(), copied(), copied()]).to.deep.equal([3 * PAGE, 3 * PAGE, 3 * PAGE]);
    const second = sgNext(from!.sgl!)!;
    sgMarkEnd(second);
    expect(copied()).to.equal(2 * PAGE);
    sgUnmarkEnd(second);
    expect(copied()).to.equal(3 * PAGE);
  });

  it('keeps apart ranges of the same two lists', () => {
    const machine = createMachine({ mode: 'direct', pageSize: PAGE });
    const local = kmapLocal(machine.task());
    const [to, from] = [
      machine.allocPages(3, { zone: 'highmem' }),
      machine.allocPages(3, { zone: 'highmem' }),
    ];
    const entries = [0, 1, 2].map((page) => ({ page, offset: 0, length: PAGE, protectedPage: false }));
    const [first, second] = [tableOf(entries, to, []), tableOf(entries, from, [])];
    const bytesOf = (pages: readonly Page[]): number[] =>
      pages.flatMap((page) => [...machine.physical(page)]);
    from.forEach((page, i) =>
      machine.physical(page).forEach((_, at, bytes) => (bytes[at] = i * 91 + at * 3)),
    );
    const source = bytesOf(from);
    for (const [skipFirstBytes, skipSecondBytes, lengthBytes] of [
      [0, 0, 600],
      [0, 0, 601],
      [0, 0, 600],
      [7, 0, 600],
      [7, 9, 600],
      [7, 9, 100],
      [0, 9, 100],
      [0, 9, 100],
      [300, 0, 900],
    ] as const) {
      for (const page of to) machine.physical(page).fill(0);
      const length = Math.min(lengthBytes, 3 * PAGE - skipFirstBytes, 3 * PAGE - skipSecondBytes);
      const range = { skipFirstBytes, skipSecondBytes, lengthBytes };
      expect(sgCopyList<typeof local, MemoryKind, MemoryKind>(first, second, range, local)).to.deep.equal({
        ok: true,
        value: length,
      });
      const want = new Array<number>(3 * PAGE).fill(0);
      want.splice(skipFirstBytes, length, ...source.slice(skipSecondBytes, skipSecondBytes + length));
      expect(bytesOf(to)).to.deep.equal(want);
    }
  });

  it('goes on behind the batches that it keeps, the second time too', () => {
    const count = 32 * 512 + 600;
    const machine = createMachine({
      mode: 'direct',
      pageSize: PAGE,
      lowmemPages: 64,
      highmemPages: 2 * count,
    });
    const local = kmapLocal(machine.task());
    const [to, from] = [0, 1].map(() => {
      const made = sgAllocTable<'highmem'>(1);
      if (!made.ok) throw new Error(made.error.code);
      const pages = machine.allocPages(count, { zone: 'highmem', layout: 'contiguous' });
      sgSetPage(made.value.sgl!, pages[0]!, count * PAGE, 0);
      return { list: made.value, bytes: () => pages.map((page) => machine.physical(page)) };
    });
    const range = { lengthBytes: (count - 3) * PAGE, skipFirstBytes: PAGE, skipSecondBytes: 2 * PAGE };
    for (let time = 1; time < 4; time += 1) {
      from!.bytes().forEach((bytes, n) => bytes.fill(n * time));
      to!.bytes().forEach((bytes) => bytes.fill(0));
      const before = machine.ledger.maps;
      expect(sgCopyList(to!.list, from!.list, range, local).value).to.equal(range.lengthBytes);
      expect(machine.ledger.maps - before).to.equal(2 * (count - 3));
      const wrong = to!.bytes().findIndex((bytes, n) => {
        const wanted = n === 0 || n > count - 3 ? 0 : ((n + 1) * time) % 256;
        return bytes[0] !== wanted || bytes[PAGE - 1] !== wanted;
      });
      expect(wrong).to.equal(-1);
    }
  });

  it('goes on where a batch ends, and follows entries that were set anew', () => {
    const machine = createMachine({ mode: 'direct', pageSize: PAGE });
    const local = kmapLocal(machine.task());
    const count = 700;
    const [to, from] = [0, 1].map(() => {
      const made = sgAllocTable<'highmem'>(count);
      if (!made.ok) throw new Error(made.error.code);
      return made.value;
    });
    const [toPages, fromPages] = [0, 1].map(() => machine.allocPages(count, { zone: 'highmem' }));
    let i = 0;
    for (const sg of to!) sgSetPage(sg, toPages![i++]!, PAGE, 0);
    i = 0;
    for (const sg of from!) sgSetPage(sg, fromPages![i++]!, PAGE, 0);
    fromPages!.forEach((page, n) => machine.physical(page).fill(n));
    const range = { lengthBytes: count * PAGE };
    expect(sgCopyList(to!, from!, range, local).value).to.equal(count * PAGE);
    expect(toPages!.map((page) => machine.physical(page)[PAGE - 1])).to.deep.equal(
      toPages!.map((_, n) => n % 256),
    );
    expect(sgCompare(to!, from!, range, local).value).to.deep.equal({ equal: true });
    machine.physical(fromPages![650]!)[3]! ^= 1;
    expect(sgCompare(to!, from!, range, local).value).to.deep.equal({ equal: false, atByte: 650 * PAGE + 3 });
    const other = machine.allocPage({ zone: 'highmem' });
    machine.physical(other).fill(77);
    sgSetPage(from!.sgl!, other, PAGE, 0);
    sgCopyList(to!, from!, range, local);
    expect(machine.physical(toPages![0]!)[0]).to.equal(77);
    for (const sg of [to!.sgl!, sgNext(from!.sgl!)!]) {
      for (const change of [() => (sg.length -= 8), () => (sg.offset += 8)]) {
        const shorter = { lengthBytes: 600 * PAGE };
        for (let again = 0; again < 4; again += 1) sgCopyList(to!, from!, shorter, local);
        change();
        sgCopyList(to!, from!, shorter, local);
        const [a, b] = [to!, from!].map((list) => {
          const bytes = Buffer.alloc(shorter.lengthBytes);
          sgCopyToBuffer(list, bytes, local);
          return bytes;
        });
        expect(a!.equals(b!)).to.equal(true);
        for (const page of [other, ...fromPages!]) machine.physical(page).fill(++i);
      }
    }
  });
});
