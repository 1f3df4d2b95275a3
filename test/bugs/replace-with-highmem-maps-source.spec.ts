import { kmap, kunmap } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// A lowmem page is to move into a fresh highmem page. The routine maps the old page where it means the
// new one, copies it onto itself, and the process goes on with whatever the new page held before.
// (Linux 2.3.27 to 2.3.28, fixed in 2.3.29pre3; linux-history 338322e607, introduced by 53022f15f8)
//
// Oracle: the data; where those happen to be zero, as memory does, a read of what nobody has written.

interface Shared {
  readonly old: Page;
  readonly process: { page: Page };
}

function program(fixed: boolean, value: number, trackUninitialised: boolean): Program<Shared> {
  return {
    machine: { cpus: 1, trackUninitialised },
    setup: (machine) => {
      const old = machine.allocPage({ zone: 'lowmem' });
      machine.physical(old)[0] = value;
      return { old, process: { page: old } };
    },
    tasks: {
      *process({ task, old, process }) {
        const fresh = task.machine.allocPage({ zone: 'highmem' });
        const from = yield* kmap(task, old);
        const to = yield* kmap(task, fixed ? fresh : old);
        to.copyFrom(from.bytes.slice());
        kunmap(task, to);
        kunmap(task, from);
        process.page = fresh;
        const seen = yield* kmap(task, process.page);
        const word = seen.load8(0);
        kunmap(task, seen);
        return word;
      },
    },
    check: ({ results }) => results['process'] === value,
  };
}

describe('replace-with-highmem-maps-source', () => {
  it('loses the data', () => {
    expectFound(program(false, 7, false), 'final-check');
  });

  it('shows nothing where the data are zero and the new page happens to be', () => {
    expectExhausted(program(false, 0, false));
  });

  it('hands out a page that nobody has written', () => {
    expectFound(program(false, 0, true), 'uninitialised-read');
  });

  it('is sound with the new page mapped', () => {
    for (const value of [0, 7]) expectExhausted(program(true, value, true));
  });
});
