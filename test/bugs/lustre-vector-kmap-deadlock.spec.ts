import { expect } from 'chai';
import { Semaphore } from 'scatterlist/explore';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { kmap, kunmap } from 'scatterlist/machine';
import type { Machine, Page, DirectMapping, Sleeping } from 'scatterlist/machine';
import { expectExhausted, expectFound } from './support.ts';

// Two threads map a vector each, page after page, and release nothing before it is complete. The pool
// is smaller than both together.

const POOL = 4;
const VECTOR = 3;

interface Shared {
  readonly budget: Semaphore;
  readonly pages: readonly Page[];
}

function program(reserve: boolean, cpus: 1 | 2): Program<Shared> {
  function* thread({ task, budget, pages }: TaskEnv<Shared>, from: number): Sleeping<void> {
    yield;
    if (reserve) yield* budget.down(task, VECTOR);
    const mapped: DirectMapping[] = [];
    for (const page of pages.slice(from, from + VECTOR)) {
      mapped.push(yield* kmap(task, page));
      yield;
    }
    for (const window of mapped) kunmap(task, window);
    if (reserve) budget.up(task, VECTOR);
  }
  return {
    machine: { cpus, pkmapSlots: POOL },
    setup: (machine: Machine) => ({
      budget: new Semaphore(machine, 'vector budget', POOL),
      pages: machine.allocPages(2 * VECTOR, { zone: 'highmem' }),
    }),
    tasks: {
      first: (env) => thread(env, 0),
      second: { cpu: cpus - 1, run: (env) => thread(env, VECTOR) },
    },
  };
}

describe('lustre-vector-kmap-deadlock', () => {
  for (const cpus of [1, 2] as const) {
    it(`deadlocks on ${String(cpus)} cpu, each waiting for slots the other holds`, () => {
      const violation = expectFound(program(false, cpus), 'deadlock');
      expect(violation.what).to.match(/"first" → "second" → "first"|"second" → "first" → "second"/);
    });

    it(`does not with a reservation in front, on ${String(cpus)} cpu`, () => {
      expectExhausted(program(true, cpus));
    });
  }
});
