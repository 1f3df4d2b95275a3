import { expect } from 'chai';
import { kmap, kunmap } from 'scatterlist/machine';
import type { DirectMapping, Sleeping, Task } from 'scatterlist/machine';
import type { SgTable } from 'scatterlist';
import type { Program } from 'scatterlist/explore';
import { tableOf } from './components/table-of.ts';
import { expectExhausted, expectFound } from './support.ts';

// The iSCSI target maps the entries of a command into a vector. When the vector is too short it returns
// an error before it has recorded how many it mapped, and the caller has nothing to unmap.
// (drivers/target/iscsi, iscsit_map_iovec, 7.2; read from the source)
//
// Oracle: mappings live at the end.

interface Command {
  readonly mapped: DirectMapping[];
}
interface Shared {
  readonly table: SgTable<'highmem'>;
}

/** Maps every entry, and answers whether the vector had room. */
function* mapIovec(
  task: Task,
  command: Command,
  table: SgTable,
  room: number,
  fixed: boolean,
): Sleeping<boolean> {
  const vector = fixed ? command.mapped : [];
  for (const { page } of table) {
    if (vector.length === room) return false;
    vector.push(yield* kmap(task, page!));
  }
  if (!fixed) command.mapped.push(...vector);
  return true;
}

function program(fixed: boolean, room: number): Program<Shared> {
  return {
    machine: { cpus: 1, pkmapSlots: 4 },
    setup: (machine) => ({
      table: tableOf(machine.allocPages(3, { zone: 'highmem' }).map((page) => [page, 4096])),
    }),
    tasks: {
      *receive({ task, table }) {
        const command: Command = { mapped: [] };
        const good = yield* mapIovec(task, command, table, room, fixed);
        yield;
        for (const m of command.mapped) kunmap(task, m);
        return good;
      },
    },
    check: ({ results }) => results['receive'] === room >= 3,
  };
}

describe('missing unmap on the error path of a vector map', () => {
  it('goes well while the vector is long enough', () => {
    expectExhausted(program(false, 3));
  });

  it('keeps what it mapped before the error', () => {
    const violation = expectFound(program(false, 2), 'leak');
    expect(violation.what).to.match(/still holds 2 mappings/);
  });

  for (const room of [0, 2, 3]) {
    it(`is sound when each map is recorded at once, room for ${String(room)}`, () => {
      expectExhausted(program(true, room));
    });
  }
});
