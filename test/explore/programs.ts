import { Mutex } from 'scatterlist/explore';
import type { Outcome, Program, TaskEnv } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Machine, Page, Sleeping } from 'scatterlist/machine';
import type { Stage } from '../../lib/explore/actor.ts';

/** Two tasks add one to a counter in a page; with a mutex nothing is lost. */
export function counter(locked = false, extra: Partial<Program<CounterState>> = {}): Program<CounterState> {
  function* addOne({ task, page, mutex }: TaskEnv<CounterState>): Sleeping<number> {
    if (locked) yield* mutex.lock(task);
    const m = kmapLocalPage(task, page);
    const seen = m.load8(0);
    yield;
    m.store8(0, seen + 1);
    kunmapLocal(task, m);
    if (locked) mutex.unlock(task);
    return seen;
  }
  return {
    machine: { cpus: 1, pageSize: 256 },
    setup: (machine) => ({
      page: machine.allocPage({ zone: 'highmem' }),
      mutex: new Mutex(machine, 'counter'),
    }),
    tasks: { one: addOne, two: addOne },
    check: ({ memory, page }) => memory.load8(page, 0) === 2,
    ...extra,
  };
}

export interface CounterState {
  readonly page: Page;
  readonly mutex: Mutex;
}

/** A program without shared state that only steps. */
export function steps(...counts: readonly number[]): Program {
  return {
    tasks: Object.fromEntries(
      counts.map((count, i) => [
        `t${String(i)}`,
        function* (): Sleeping<void> {
          for (let left = count; left > 0; left -= 1) yield;
        },
      ]),
    ),
  };
}

/** The violation of an outcome that must have one. */
export function found(outcome: Outcome): Extract<Outcome, { kind: 'violation' }> {
  if (outcome.kind !== 'violation') throw new Error(`${outcome.kind}, not a violation`);
  return outcome;
}

/** The part of a stage that has to do with a machine. */
export function onMachine(machine: Machine): Pick<Stage, 'machine' | 'surroundings'> {
  const surroundings = { machine, raise: () => undefined, choose: () => 0, note: () => undefined };
  return { machine, surroundings };
}

/** The line that calls this. */
export function lineOf(): number {
  const frame = (new Error().stack ?? '').split('\n')[2] ?? '';
  return Number(/:(\d+):\d+\)?$/.exec(frame)?.[1]);
}
