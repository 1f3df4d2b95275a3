/**
 * A port beside a second user of its pool, as a program for the explorer.
 */
import { describeError } from '../../base/errors.ts';
import type { ScatterlistError } from '../../base/errors.ts';
import type { FinalEnv, InterruptSpec, Program, TaskBody, TaskSpec } from '../../explore/program.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { MachineOptions } from '../../machine/config.ts';
import type { CellOf } from '../cell.ts';
import type { Bind } from '../column.ts';
import { bindOf, failureOf } from '../port.ts';
import { takePages } from '../take-pages.ts';
import { preemptible } from './preemptible.ts';
import { SECOND_USER, markOf, secondUser } from './second-user.ts';
import type { SecondPages } from './second-user.ts';

/** What the program is made of, besides the port. */
export interface Beside {
  /** How many pages the second user holds at once. */
  readonly held: number;
  /** Options of the machine, besides those of the port. */
  readonly machine: MachineOptions;
}

/** Ends a schedule in which a map of the port failed, because the port would not go on. */
class PortFailed extends Error {
  override readonly name = 'PortFailed';

  constructor(error: ScatterlistError) {
    super(describeError(error));
  }
}

interface Shared extends SecondPages {
  readonly bindBackend: Bind;
  /** The same object, for the port's check: what it shares may have the name of something that the explorer gives. */
  readonly portState: object;
}

/** Makes the program. Its check verifies every byte of the port, and the pages of the second user. */
export function besideProgram(
  { port, variant, memory, column }: CellOf,
  { held, machine: chosen }: Beside,
): Program {
  const { program, verify } = port.program(variant, memory, preemptible(column));
  const made: Program<Shared> = {
    ...program,
    name: `${program.name ?? ''} beside a second user`,
    machine: { ...program.machine, ...chosen },
    setup: (machine) => {
      const shared = program.setup?.(machine) ?? {};
      return Object.assign(shared, {
        bindBackend: bindOf(shared),
        portState: shared,
        secondPages: takePages(machine, memory, held),
      });
    },
    tasks: { ...mapValues(program.tasks, taskOf), [SECOND_USER]: secondUser },
    interrupts: mapValues(program.interrupts ?? {}, interruptOf),
    check: (final) => {
      verify(final.portState, final.machine);
      return secondIsRight(final);
    },
  };
  return erased(made);
}

function secondIsRight({ machine, secondPages, results }: FinalEnv<SecondPages>): string | void {
  const written = secondPages.slice(0, Number(results[SECOND_USER]));
  const wrong = written.findIndex((page, at) => machine.physical(page)[0] !== markOf(at));
  return wrong < 0
    ? undefined
    : `page ${String(wrong)} of the second user does not have the byte that it wrote`;
}

function taskOf(task: TaskBody<object> | TaskSpec<object>): TaskSpec<object> {
  const spec = typeof task === 'function' ? { run: task } : task;
  return { ...spec, run: (env) => toEnd(env, spec.run(env)) };
}

function interruptOf(interrupt: InterruptSpec<object>): InterruptSpec<object> {
  return {
    ...interrupt,
    run(env) {
      const body = interrupt.run(env);
      if (typeof body === 'object') return toEnd(env, body);
      stopIfFailed(env);
      return undefined;
    },
  };
}

function* toEnd(shared: object, body: Sleeping<unknown>): Sleeping<void> {
  yield* body;
  stopIfFailed(shared);
}

function stopIfFailed(shared: object): void {
  const error = failureOf(shared);
  if (error !== undefined) throw new PortFailed(error);
}

function erased<S extends object>(program: Program<S>): Program;
function erased(program: Program): Program {
  return program;
}

function mapValues<A, B>(
  from: Readonly<Record<string, A>>,
  change: (value: A) => B,
): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value)]));
}
