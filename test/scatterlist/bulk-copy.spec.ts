/**
 * The fast way must not be told from the slow one: the same lists on a direct machine that nobody
 * watches and on one that keeps a trace give the same bytes, answers, counts and ledgers.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  createMachine,
  sgAllocTable,
  sgNext,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgSetPage,
} from 'scatterlist';
import type { Machine, MapBackend, SgTable, SystemRam, Task } from 'scatterlist';
import { kmap, kmapAtomic, kmapLocal, pageAddress, vmap } from 'scatterlist/backends';

const PAGE = 256;
const PAGES = 24;

const BACKENDS: Readonly<Record<string, (task: Task) => MapBackend>> = {
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  vmap,
};

interface Entry {
  readonly page: number;
  readonly offset: number;
  readonly length: number;
}

interface World {
  readonly machine: Machine;
  readonly task: Task;
  readonly table: SgTable<SystemRam>;
}

function build(entries: readonly Entry[], zone: SystemRam, trace: boolean): World {
  const machine = createMachine({
    mode: 'direct',
    pageSize: PAGE,
    lowmemPages: 64,
    highmemPages: 64,
    vmallocPages: 200,
    trace,
  });
  const task = machine.task('copier');
  const pages = machine.allocPages(PAGES, { zone });
  // Touched in an order that leaves some neighbours apart in the host's memory.
  for (const i of [5, 0, 1, 2, 9, 8]) machine.physical(pages[i]!)[0] = i;
  const made = sgAllocTable<SystemRam>(entries.length);
  if (!made.ok) throw new Error(made.error.code);
  let sg = made.value.sgl;
  for (const { page, offset, length } of entries) {
    sgSetPage(sg!, pages[page]!, length, offset);
    sg = sgNext(sg!);
  }
  return { machine, task, table: made.value };
}

const entry = fc
  .record({
    page: fc.nat(PAGES - 8),
    offset: fc.oneof(fc.constant(0), fc.nat(3 * PAGE)),
    length: fc.oneof(
      fc.constant(0),
      fc.constant(PAGE),
      fc.integer({ min: 1, max: 64 }).map((n) => n * 8),
      fc.nat(3 * PAGE),
    ),
  })
  .filter(({ offset, length }) => offset + length <= 7 * PAGE);

const job = fc.record({
  entries: fc.array(entry, { minLength: 1, maxLength: 12 }),
  skipBytes: fc.nat(2000),
  lengthBytes: fc.nat(4000),
  bufferOffset: fc.nat(9),
  zone: fc.constantFrom<SystemRam>('lowmem', 'highmem'),
  toBuffer: fc.boolean(),
});

describe('bulkCopy', () => {
  for (const [name, bind] of Object.entries(BACKENDS)) {
    it(`cannot be told from mapping each page, through ${name}`, () => {
      fc.assert(
        fc.property(job, ({ entries, skipBytes, lengthBytes, bufferOffset, zone, toBuffer }) => {
          const outcomes = [false, true].map((trace) => {
            const { machine, task, table } = build(entries, zone, trace);
            expect(machine.isUnwatched).to.equal(!trace);
            const buffer = Uint8Array.from(
              { length: lengthBytes + 16 },
              (_, i) => (i * 37) ^ (i >> 3),
            ).subarray(bufferOffset, bufferOffset + lengthBytes);
            const backend = bind(task);
            const copy = toBuffer ? sgPcopyToBuffer : sgPcopyFromBuffer;
            // Twice, because the second copy uses what the first kept.
            const answers = [
              copy(table, buffer, backend, skipBytes),
              copy(table, buffer, backend, skipBytes),
            ];
            const memory = machine.hardware.memory.zones
              .filter((z) => z.kind === zone)
              .flatMap((z) =>
                Array.from({ length: PAGES }, (_, i) => [
                  ...machine.physical(machine.hardware.memory.page(z.firstPfn + i)),
                ]),
              );
            return {
              answers,
              buffer: [...buffer],
              memory,
              ledger: machine.ledger,
              state: task.state(),
              idx: task.localMaps.idx,
              live: machine.liveMappings,
            };
          });
          expect(outcomes[0]).to.deep.equal(outcomes[1]);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('follows entries that were set anew since the last copy', () => {
    const { machine, task, table } = build([{ page: 0, offset: 0, length: 100 }], 'highmem', false);
    const local = kmapLocal(task);
    const out = new Uint8Array(100);
    sgPcopyToBuffer(table, out, local, 0);
    const other = machine.allocPage({ zone: 'highmem' });
    machine.physical(other).fill(7);
    sgSetPage(table.sgl!, other, 60, 4);
    out.fill(0);
    expect(sgPcopyToBuffer(table, out, local, 0).value).to.equal(60);
    expect([...out.subarray(0, 60)].every((byte) => byte === 7)).to.equal(true);
    expect(out[60]).to.equal(0);
  });

  it('reads each buffer that it is given, in turn', () => {
    const { machine, task, table } = build([{ page: 0, offset: 0, length: 200 }], 'highmem', false);
    const local = kmapLocal(task);
    const first = new Uint8Array(200).fill(1);
    const second = new Uint8Array(200).fill(2);
    for (const buffer of [first, first, second, first, second, second]) {
      sgPcopyFromBuffer(table, buffer, local, 0);
      expect(machine.physical(table.sgl!.page!)[199]).to.equal(buffer[0]);
    }
  });

  it('stays out of the way on a compatible machine', () => {
    const machine = createMachine({ mode: 'direct', semantics: 'compatible' });
    expect(machine.isUnwatched).to.equal(true);
    const made = sgAllocTable<'highmem'>(2);
    if (!made.ok) throw new Error(made.error.code);
    const [page, next] = machine.allocPages(2, { zone: 'highmem' });
    // An empty entry with an offset is mapped by Linux, and carries a page into the next entry.
    sgSetPage(made.value.sgl!, page!, 0, 4096);
    sgSetPage(sgNext(made.value.sgl!)!, page!, 8192, 0);
    machine.physical(next!).fill(9);
    const out = new Uint8Array(8192);
    expect(sgPcopyToBuffer(made.value, out, kmapLocal(machine.task()), 0).value).to.equal(4096);
    expect(out[0]).to.equal(9);
  });
});
