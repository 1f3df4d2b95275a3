import { sgMap, sgUnmap } from 'scatterlist';
import type { SgTable } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { kmap, kunmap, vmap, vunmap } from 'scatterlist/machine';
import type { Sleeping, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { tableOf } from './components/table-of.ts';
import { expectExhausted, expectFound } from './support.ts';

// The SCSI target zeroes a buffer by mapping the page of each entry and clearing the length of the entry;
// and it maps a whole list with vmap of one page an entry. Entries may cover more than a page, and later
// ones may begin inside theirs. (drivers/target, 7.2; read from the source)
//
// Oracle: an access behind the end of a mapping; of the contiguous map, the data.

const PAGE = 256;

type Body = (task: Task, table: SgTable<'highmem'>) => Sleeping<void>;
interface Shared {
  readonly table: SgTable<'highmem'>;
}

function* zeroOnePage(task: Task, table: SgTable): Sleeping<void> {
  for (const sg of table) {
    const m = yield* kmap(task, sg.page!);
    m.fill(0, sg.offset, sg.length);
    kunmap(task, m);
  }
}

function* zeroThroughVmap(task: Task, table: SgTable): Sleeping<void> {
  const pages = [...table].map(({ page }) => page!);
  const m = vmap(task, pages);
  if (!m.ok) return;
  yield;
  m.value.fill(0, table.sgl!.offset, Math.min(table.totalBytes, m.value.length - table.sgl!.offset));
  vunmap(task, m.value);
}

function* zeroByWindow(task: Task, table: SgTable<'highmem'>): Sleeping<void> {
  for (const sg of table) {
    for (let at = 0; at < sg.length;) {
      const m = sgMap(sg, at, kmapLocal(task)).value;
      m.fill(0);
      at += m.length;
      sgUnmap(m);
      yield;
    }
  }
}

function program(
  zero: Body,
  entries: readonly (readonly [lengthBytes: number, offset: number])[],
): Program<Shared> {
  return {
    machine: { cpus: 1, pageSize: PAGE },
    setup: (machine) => ({
      table: tableOf(
        entries.map(([lengthBytes, offset]) => {
          const pages = machine.allocPages(2, { zone: 'highmem' });
          for (const page of pages) machine.physical(page).fill(7);
          return [pages[0]!, lengthBytes, offset];
        }),
      ),
    }),
    tasks: {
      *target({ task, table }) {
        yield* zero(task, table);
      },
    },
    check: ({ machine, table }) => {
      for (const { page, offset, length } of table) {
        const first = machine.physical(page!);
        const next = machine.physical(machine.hardware.memory.nthPage(page!, 1));
        const both = [...first, ...next];
        const wrong = both.findIndex((byte, at) => byte !== (at >= offset && at < offset + length ? 0 : 7));
        if (wrong >= 0) return `byte ${String(wrong)} of an entry is ${String(both[wrong])}`;
      }
      return true;
    },
  };
}

describe('a map of one page where the entry covers more', () => {
  it('is right for entries of one page', () => {
    expectExhausted(
      program(zeroOnePage, [
        [PAGE, 0],
        [100, 50],
      ]),
    );
    expectExhausted(
      program(zeroThroughVmap, [
        [PAGE, 0],
        [PAGE, 0],
      ]),
    );
  });

  it('clears behind the page', () => {
    expectFound(
      program(zeroOnePage, [
        [PAGE, 0],
        [300, 0],
      ]),
      'page-overrun',
    );
    expectFound(program(zeroOnePage, [[100, 200]]), 'page-overrun');
  });

  it('clears the wrong bytes through a contiguous map of one page an entry', () => {
    expectFound(
      program(zeroThroughVmap, [
        [2 * PAGE, 0],
        [PAGE, 0],
      ]),
      'final-check',
    );
    expectFound(
      program(zeroThroughVmap, [
        [PAGE, 0],
        [100, 50],
      ]),
      'final-check',
    );
  });

  it('is sound window by window', () => {
    expectExhausted(
      program(zeroByWindow, [
        [2 * PAGE, 0],
        [100, 200],
        [100, 50],
      ]),
    );
  });
});
