import { kmap, kunmap } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// The write path maps a page, its copy from the user fails, the error branch unmaps and jumps to the
// common exit, which unmaps again.

interface Shared {
  readonly page: Page;
  readonly others: readonly Page[];
}

function program(variant: { readonly fixed: boolean; readonly victim: boolean }): Program<Shared> {
  const tasks: Program<Shared>['tasks'] = {
    *writer({ task, page }) {
      yield* kmap(task, page);
      yield; // the copy fails
      if (!variant.fixed) kunmap(task, page);
      kunmap(task, page);
    },
  };
  const victim: Program<Shared>['tasks'] = {
    *victim({ task, page }) {
      const m = yield* kmap(task, page);
      m.store8(0, 7);
      yield;
      const seen = m.load8(0);
      kunmap(task, m);
      return seen;
    },
    // Turns the pool over, so that a slot without users is given away.
    *recycler({ task, others }) {
      for (const other of others) {
        const m = yield* kmap(task, other);
        m.store8(0, 9);
        kunmap(task, m);
      }
    },
  };
  return {
    machine: { cpus: 1, pkmapSlots: 2 },
    setup: (machine) => ({
      page: machine.allocPage({ zone: 'highmem' }),
      others: machine.allocPages(2, { zone: 'highmem' }),
    }),
    tasks: variant.victim ? { ...tasks, ...victim } : tasks,
    check: ({ results }) => !variant.victim || results['victim'] === 7,
  };
}

describe('shmem-double-kunmap', () => {
  it('alone, trips over the count of the slot', () => {
    expectFound(program({ fixed: false, victim: false }), 'kunmap-underflow');
  });

  it('with a victim that maps the same page, takes its mapping away', () => {
    const rules: string[] = [];
    // Every order is looked at: the count trips in some, the victim pays in others.
    expectFound(program({ fixed: false, victim: true }), 'kunmap-underflow', {
      shrink: false,
      onSchedule: ({ violation }) => {
        if (violation !== undefined) rules.push(violation.rule);
        return true;
      },
    });
    if (!rules.includes('use-after-unmap')) throw new Error(`only ${[...new Set(rules)].join(', ')}`);
  });

  for (const victim of [false, true]) {
    it(`with one unmap is sound${victim ? ', victim and all' : ''}`, () => {
      expectExhausted(program({ fixed: true, victim }));
    });
  }
});
