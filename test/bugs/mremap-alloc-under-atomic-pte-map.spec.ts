import { kmapAtomic, kunmapAtomic, mightSleep } from 'scatterlist/machine';
import type { Page, Sleeping, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// mremap maps the source page table atomically and then allocates the destination's, which may sleep.
// (Linux 2.5, fixed 29 September 2002, linux-history bce7c55df1; for page tables in lowmem it lived on
// until 6 August 2003, 8a8f9d8ee2)
//
// Oracle: a call that may sleep in atomic context. A fix that allocates outside the section and then uses
// the entry it had read before undoes what came in between: a lost write.

type Kind = 'under the map' | 'before, entry not read again' | 'before, entry read again';
interface Shared {
  readonly source: Page;
  readonly tables: Page[];
  readonly state: { reclaimed: boolean };
}

function* allocTable(task: Task, tables: Page[]): Sleeping<Page> {
  mightSleep(task, 'pte_alloc');
  yield;
  const [table] = tables;
  if (table === undefined) throw new Error('no table');
  return table;
}

function program(kind: Kind, zone: 'highmem' | 'lowmem' = 'highmem'): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => {
      const source = machine.allocPage<'highmem' | 'lowmem'>({ zone });
      machine.physical(source)[0] = 1; // an entry
      return {
        source,
        tables: [machine.allocPage<'highmem' | 'lowmem'>({ zone })],
        state: { reclaimed: false },
      };
    },
    tasks: {
      *mremap({ task, source, tables }) {
        const inside = kind === 'under the map';
        let from = kmapAtomic(task, source);
        let entry = from.load8(0);
        if (!inside) kunmapAtomic(task, from);
        const table = yield* allocTable(task, tables);
        if (!inside) from = kmapAtomic(task, source);
        if (kind === 'before, entry read again') entry = from.load8(0);
        const to = kmapAtomic(task, table);
        to.store8(0, entry);
        from.store8(0, 0);
        kunmapAtomic(task, to);
        kunmapAtomic(task, from);
      },
      *reclaim({ task, source, state }) {
        const m = kmapAtomic(task, source);
        if (m.load8(0) !== 0) {
          m.store8(0, 0);
          state.reclaimed = true;
        }
        kunmapAtomic(task, m);
        yield;
      },
    },
    check: ({ memory, tables, state }) =>
      state.reclaimed && memory.load8(tables[0]!, 0) !== 0 ? 'an entry of a reclaimed page was moved' : true,
  };
}

describe('mremap-alloc-under-atomic-pte-map', () => {
  it('may sleep in the atomic section', () => {
    expectFound(program('under the map'), 'sleep-in-atomic');
  });

  it('may with page tables in lowmem too: the map needs no slot, the section is the same', () => {
    expectFound(program('under the map', 'lowmem'), 'sleep-in-atomic');
  });

  it('moves a stale entry with the naive fix', () => {
    expectFound(program('before, entry not read again'), 'lost-write');
  });

  it('is sound when the entry is read again', () => {
    expectExhausted(program('before, entry read again'));
    expectExhausted(program('before, entry read again', 'lowmem'));
  });
});
