import { sgMap, sgUnmap, virtAddr } from 'scatterlist';
import type { SgEntry, SgTable } from 'scatterlist';
import { kmapAtomic as kmapAtomicBackend } from 'scatterlist/backends';
import { kmap, kmapAtomic, kunmap, kunmapAtomic } from 'scatterlist/machine';
import type { Page, Sleeping, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { tableOf } from './components/table-of.ts';
import { expectExhausted, expectFound } from './support.ts';

// The sg_unmap of the series of 2017 works the page out again, from the caller's offset and without the
// entry's; the address it works out by taking the entry's offset off the whole. Where the two offsets
// together reach the next page, map and unmap disagree. (lib/scatterlist.c of that series, never merged)
//
// Oracle: an unmap of a page, or by an address, that was not mapped.

interface Shared {
  readonly table: SgTable<'highmem'>;
}

function pageOf(task: Task, sg: SgEntry, offset: number): Page {
  const { memory } = task.machine.hardware;
  return memory.nthPage(sg.page!, Math.floor(offset / memory.pageSize));
}

function* withKmap(task: Task, sg: SgEntry, offset: number): Sleeping<void> {
  yield* kmap(task, pageOf(task, sg, sg.offset + offset));
  kunmap(task, pageOf(task, sg, offset));
}

function* withAtomic(task: Task, sg: SgEntry, offset: number): Sleeping<void> {
  const { pageSize } = task.machine;
  const m = kmapAtomic(task, pageOf(task, sg, sg.offset + offset));
  const address = m.vaddr + ((sg.offset + offset) % pageSize);
  yield;
  kunmapAtomic(task, virtAddr(address - sg.offset - (offset % pageSize)));
}

function* withToken(task: Task, sg: SgEntry, offset: number): Sleeping<void> {
  const m = sgMap(sg, offset, kmapAtomicBackend(task));
  yield;
  if (m.ok) sgUnmap(m.value);
}

function program(use: typeof withKmap, entryOffset: number, offset: number): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => {
      const [first] = machine.allocPages(2, { zone: 'highmem' });
      return { table: tableOf([[first!, 4096, entryOffset]]) };
    },
    tasks: {
      *driver({ task, table }) {
        yield* use(task, table.sgl!, offset);
      },
    },
  };
}

describe('sg_unmap of 2017', () => {
  it('is right in the first page', () => {
    expectExhausted(program(withKmap, 100, 200));
    expectExhausted(program(withAtomic, 100, 200));
  });

  it('releases page 0 of what it mapped as page 1', () => {
    expectFound(program(withKmap, 100, 4000), 'kunmap-unmapped');
    expectFound(program(withAtomic, 100, 4000), 'unmap-address');
  });

  it('is sound with a token', () => {
    expectExhausted(program(withToken, 100, 200));
    expectExhausted(program(withToken, 100, 4000));
  });
});
