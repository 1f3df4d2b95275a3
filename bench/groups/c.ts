/** Groups that hold a task of C against the same task in TypeScript. They need clang and lld. */
import { join } from 'node:path';
import { loadC } from 'scatterlist/c';
import { Execution, defineProgram, roundRobin, runSchedule } from 'scatterlist/explore';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page, Sleeping } from 'scatterlist';
import type { Group, Variant } from '../measure.ts';
import { PAGE } from './fixture.ts';
import { programOf } from '../explore-programs.ts';
import { stepsOf } from './explore.ts';

const FOLDER = join(import.meta.dirname, '..', 'c');
/** Steps that one call takes. */
const STEPS = 200;
/** What a task of count.c adds to its byte. */
const TURNS = 20;
/** Blocks of a page that a task of copy.c moves. */
const BLOCKS = 50;

/** What count.c does, with a yield where C code stops. */
const counting = defineProgram<{ page: Page }>({
  machine: { cpus: 1, lowmemPages: 64, highmemPages: 64, vmallocPages: 64, trackUninitialised: true },
  setup: (machine) => {
    const page = machine.allocPage({ zone: 'highmem' });
    machine.physical(page).fill(0);
    return { page };
  },
  tasks: { one: (env) => count(env, 0), two: (env) => count(env, 64) },
});

function* count({ task, page }: TaskEnv<{ page: Page }>, offset: number): Sleeping<void> {
  yield;
  const at = kmapLocalPage(task, page);
  for (let i = 0; i < TURNS; i += 1) {
    yield;
    const value = at.load8(offset);
    yield;
    at.store8(offset, value + 1);
  }
  yield;
  kunmapLocal(task, at);
}

/** What a step of a C task costs in the explorer, as a multiple of the same step in TypeScript. */
export function cStep({ smoke }: { readonly smoke: boolean }): Group {
  const steps = smoke ? 2 : STEPS;
  return {
    name: 'cStep',
    title: 'a step of a task that counts in a mapped page',
    baseline: stepsOf('TypeScript', [programOf(counting)], steps, steps),
    variants: [stepsOf('C', [programOf(loadC(join(FOLDER, 'count.c')))], steps, steps)],
  };
}

/** Runs the tasks of a program once; the search for state that cannot be followed is left out. */
function whole(name: string, program: Program): Variant {
  const world = new Execution(program);
  return {
    name,
    perCall: BLOCKS,
    run: () => {
      const strategy = roundRobin();
      strategy.begin();
      runSchedule(world, strategy);
    },
  };
}

/** What blocks of C cost on a checked machine, the set-up included, as a multiple of copies of pages by V8. */
export function cBlocks(): Group {
  const file = join(FOLDER, 'copy.c');
  const [from, to] = [new Uint8Array(PAGE).fill(3), new Uint8Array(PAGE)];
  return {
    name: 'cBlocks',
    title: 'blocks of a page in C, checked',
    baseline: {
      name: `${String(BLOCKS)} copies of a page by set`,
      perCall: BLOCKS,
      run: () => {
        for (let i = 0; i < BLOCKS; i += 1) to.set(from);
      },
    },
    variants: [
      whole('memcpy', programOf(loadC(file, { only: ['copy'] }))),
      whole('memset', programOf(loadC(file, { only: ['clear'] }))),
    ],
  };
}
