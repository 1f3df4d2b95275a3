/**
 * Many users of a small pool: how often they wait, for how long, and whether in turn.
 */
import { createMachine } from '../../kernel/core/create-machine.ts';
import type { Sleeping, Step, WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { ViolationError } from '../../machine/violation.ts';
import { runProgram } from '../../ports/run-program.ts';
import type { TaskBody } from '../../explore/program.ts';
import type { Candidate } from '../call-sites.ts';
import { FacadeError } from '../define-facade.ts';
import { JOBS } from '../jobs.ts';
import type { JobId } from '../jobs.ts';
import { EVENTS_QUEUE } from '../jobs/shared-view.ts';
import { jobProgram, machineOf } from '../job-program.ts';
import type { Shared } from '../job-program.ts';
import { leastPools } from './least-pools.ts';
import type { Pools } from './least-pools.ts';

/** How many users there are. */
export const CROWD_USERS = 8;

/** What came of many users. */
export interface Crowd {
  readonly pools: Pools;
  /** Users whose bytes are right. */
  readonly done: number;
  /** Users that got an error. */
  readonly refused: number;
  /** Users that wait for ever, or whose bytes are wrong. */
  readonly lost: number;
  /** How often a user waited for the design until it could go on; the waits of the job itself do not count. */
  readonly waits: number;
  /** Wake-ups after which the user had to sleep again, because another was first. */
  readonly inVain: number;
  /** Steps of the machine during the longest wait. */
  readonly longestSteps: number;
  /** Waits that ended although another user had waited for the same for longer. */
  readonly overtaken: number;
  /** What ended the run, if it was not the end of all users. */
  readonly stopped: string | undefined;
}

interface Waiting {
  readonly queue: WaitQueue;
  readonly since: number;
}

/** Follows who waits, and for what. */
class Turnstile {
  now = 0;
  waits = 0;
  inVain = 0;
  longestSteps = 0;
  overtaken = 0;
  readonly #waiting = new Map<string, Waiting>();

  /** Runs the body of a task, and notes each of its steps. */
  *watch(name: string, body: Sleeping<unknown>): Sleeping<void> {
    for (let step = body.next(); step.done !== true; step = body.next()) {
      this.#stepped(name, step.value);
      yield step.value;
      this.now += 1;
    }
    this.#goesOn(name);
  }

  #stepped(name: string, step: Step): void {
    const before = this.#waiting.get(name);
    if (step === undefined || step.sleepOn.name === EVENTS_QUEUE) this.#goesOn(name);
    else if (before?.queue === step.sleepOn) this.inVain += 1;
    else {
      this.#goesOn(name);
      this.#waiting.set(name, { queue: step.sleepOn, since: this.now });
    }
  }

  #goesOn(name: string): void {
    const own = this.#waiting.get(name);
    if (own === undefined) return;
    this.#waiting.delete(name);
    this.waits += 1;
    this.longestSteps = Math.max(this.longestSteps, this.now - own.since);
    const isFirst = [...this.#waiting.values()].every(
      ({ queue, since }) => queue !== own.queue || since >= own.since,
    );
    if (!isFirst) this.overtaken += 1;
  }
}

/**
 * Lets eight users do a job beside each other, one step each in turn, with the smallest pools with which one of them can.
 * Returns `undefined` for a job that must not sleep: it has no waiters.
 *
 * @linux none
 */
export function measureCrowd(candidate: Candidate, job: JobId): Crowd | undefined {
  if (JOBS[job].runsIn === 'softirq') return undefined;
  const pools = leastPools(candidate, job);
  const options = { users: CROWD_USERS, preemptible: true, machine: pools };
  const machine = createMachine(machineOf(job, options, candidate.facade.machine));
  const program = jobProgram(candidate, job, options);
  const shared = program.setup(machine);
  const turnstile = new Turnstile();
  const tasks = Object.fromEntries(
    Object.entries(program.tasks).map(([name, spec]) => {
      const body: TaskBody<Shared> = typeof spec === 'function' ? spec : spec.run;
      const watched: TaskBody<Shared> = (env) => turnstile.watch(name, body(env));
      return [name, watched];
    }),
  );
  const stopped = whatStops(() => runProgram({ ...program, tasks, setup: () => shared }, machine));
  const { waits, inVain, longestSteps, overtaken } = turnstile;
  return { pools, ...endsOf(shared), waits, inVain, longestSteps, overtaken, stopped };
}

function whatStops(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ViolationError) return `${error.violation.rule}: ${error.violation.what}`;
    if (error instanceof FacadeError) return error.message;
    throw error;
  }
}

function endsOf({ session, returned }: Shared): Pick<Crowd, 'done' | 'refused' | 'lost'> {
  const ends = { done: 0, refused: 0, lost: 0 };
  for (const [i, run] of session.runs.entries()) {
    const errno = returned[i];
    if (errno === undefined) ends.lost += 1;
    else if (errno < 0) ends.refused += 1;
    else if (run.wrong() === undefined) ends.done += 1;
    else ends.lost += 1;
  }
  return ends;
}
