/**
 * A job as a program: the same for a single run and for the explorer.
 */
import { InvariantError } from '../base/invariant.ts';
import { checkOptions } from '../base/options.ts';
import { configWhole } from '../base/whole.ts';
import type { Program } from '../explore/program.ts';
import { kmapLocalPage, kunmapLocal } from '../kernel/highmem/kmap-local.ts';
import type { Machine, Task } from '../kernel/core/machine.ts';
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { Page } from '../machine/memory.ts';
import type { Candidate, JobRun, Session, SessionOptions } from './call-sites.ts';
import { JOBS } from './jobs.ts';
import type { JobId } from './jobs.ts';
import { listPages } from './test-list.ts';

/** What the actors of a job share. */
export interface Shared {
  readonly session: Session;
  /** What each user's call site returned; `undefined` if it has not. */
  readonly returned: (number | undefined)[];
  /** A page of the task that a softirq interrupts. */
  readonly own: Page<'highmem'>;
}

/** How a job is run. */
export interface JobOptions extends SessionOptions {
  /** Options of the machine, besides those of the job. */
  readonly machine?: MachineOptions;
}

const OPTIONS = { users: 'number', faults: 'object', preemptible: 'boolean', machine: 'object' } as const;
/** More would not fit into the memory of the machine. */
const MOST_USERS = 16;

/** The machine of a job: small, with few slots, so that a leak is seen soon. */
const MACHINE: MachineOptions = {
  cpus: 1,
  lowmemPages: 32,
  highmemPages: 128,
  pkmapSlots: 8,
  vmallocPages: 64,
  bounceSlots: 8,
  callSites: true,
};

/** The options of the machine of a job, for a design that is made for another machine than the others. */
export function machineOf(
  job: JobId,
  { machine = {} }: JobOptions = {},
  madeFor: MachineOptions = {},
): MachineOptions {
  return { ...MACHINE, ...JOBS[job].machine, ...madeFor, ...machine };
}

/** The program of a job. */
export interface JobProgram extends Program<Shared> {
  readonly setup: (machine: Machine) => Shared;
}

/** Makes the program of a job: a task for each user, or a softirq on top of a task. */
export function jobProgram(candidate: Candidate, job: JobId, options: JobOptions = {}): JobProgram {
  checkOptions('the options of a job', options, OPTIONS);
  const { users = 1 } = options;
  configWhole('users', users, 1, MOST_USERS);
  const common = {
    // What the design keeps is dropped first, by the check.
    mayKeepMappings: true,
    check: ({ machine, session, returned }) => faultAtEnd({ session, returned }, machine) ?? true,
    name: `${candidate.facade.name}, ${JOBS[job].name}`,
    machine: machineOf(job, options, candidate.facade.machine),
    setup: (machine: Machine): Shared => {
      const [own] = listPages(machine, 'highmem', 1);
      if (own === undefined) throw new InvariantError('no page');
      const returned = Array.from({ length: users }, () => undefined);
      return { session: candidate.start(job, machine, options), returned, own };
    },
  } satisfies Partial<JobProgram>;
  if (JOBS[job].runsIn === 'softirq') {
    return {
      ...common,
      tasks: { interrupted: holdAMap },
      interrupts: Object.fromEntries(
        numbers(users).map((i) => [
          `softirq${String(i)}`,
          {
            kind: 'softirq',
            run: ({ irq, session, returned }) => keep(returned, i, session.runs[i]?.work(irq)),
          },
        ]),
      ),
    };
  }
  return {
    ...common,
    tasks: Object.fromEntries(
      numbers(users).map((i) => [
        `user${String(i)}`,
        ({ task, session, returned }) => doJob(returned, i, () => session.runs[i]?.work(task)),
      ]),
    ),
    interrupts: {
      device: {
        kind: 'softirq',
        times: Infinity,
        when: ({ session }) => session.runs.some(isDue),
        run: ({ irq, session }) => session.runs.find(isDue)?.interrupt?.arrive(irq),
      },
    },
  };
}

/** What is wrong when all users have ended: what was not given back, and bytes of users that say that they are done. */
function faultAtEnd(
  { session, returned }: Pick<Shared, 'session' | 'returned'>,
  machine: Machine,
): string | undefined {
  const kept = notGivenBack(session, machine);
  if (kept !== undefined) return kept;
  for (const [i, run] of session.runs.entries()) {
    const what = returned[i] === 0 ? run.wrong() : undefined;
    if (what !== undefined) return `user${String(i)} returned success, and ${what}`;
  }
  return undefined;
}

/** What a design or its users have not given back. A live mapping is a violation. */
export function notGivenBack(session: Session, machine: Machine): string | undefined {
  const kept = session.design.close();
  if (kept !== undefined) return kept;
  machine.checkLeaks();
  const buffers = session.runs.flatMap((run) => run.buffers);
  return buffers.length > 0 ? `${String(buffers.length)} buffers of kmalloc` : undefined;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function isDue({ interrupt }: JobRun): boolean {
  return interrupt?.isDue() ?? false;
}

function* doJob(
  returned: Shared['returned'],
  user: number,
  begin: () => number | Sleeping<number> | undefined,
): Sleeping<void> {
  const begun = begin();
  keep(returned, user, typeof begun === 'object' ? yield* begun : begun);
}

function keep(
  returned: Shared['returned'],
  user: number,
  result: number | Sleeping<number> | undefined,
): void {
  returned[user] = typeof result === 'number' ? result : undefined;
}

function* holdAMap({ task, own }: { readonly task: Task } & Shared): Sleeping<void> {
  const mapped = kmapLocalPage(task, own);
  mapped.store8(0, 1);
  yield;
  mapped.store8(1, 2);
  kunmapLocal(task, mapped);
}
