/**
 * The call sites of a design: each job as a good engineer would write it with that design.
 */
import { ConfigError } from '../base/invariant.ts';
import { checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import { AddressSpace } from '../kernel/address/address-space.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import { Cannot } from './cannot.ts';
import { failsBy } from './define-facade.ts';
import type { Facade, Faults, OpenFacade } from './define-facade.ts';
import type { Interrupting, Job, SiteEnv } from './job.ts';
import { JOBS, JOB_IDS } from './jobs.ts';
import type { JobEnvs, JobId, Site, SiteResult } from './jobs.ts';
import { pausing } from './pausing.ts';
import { MISTAKES } from './mistakes.ts';
import type { Edit, Mistake, MistakeId, MistakeIn, Mistakes } from './mistakes.ts';

/** A function for each job, or the reason why there is none. */
export type CallSites<Api> = { readonly [J in JobId]: Site<Api, J> | Cannot };

/** One user of a job under way. */
export interface JobRun {
  /** Does the job in a context: returns 0 or a negative error number, or a generator that does. */
  readonly work: (context: Context) => number | Sleeping<number>;
  readonly changed: () => boolean;
  readonly wrong: () => string | undefined;
  readonly interrupt: Interrupting | undefined;
  /** The buffers that were not given back. */
  readonly buffers: readonly Uint8Array[];
}

/** A design on one machine, with the runs of a job by one or more users. */
export interface Session {
  readonly design: OpenFacade<unknown>;
  readonly runs: readonly JobRun[];
}

/** A design with its call sites, whatever its functions are. */
export interface Candidate {
  readonly facade: Pick<Facade<unknown>, 'name' | 'title' | 'source' | 'simplifies' | 'machine'>;
  /** The reason, if the design cannot do the job. */
  readonly cannot: (job: JobId) => string | undefined;
  /** Wrong programs made from the call sites; none if its author gave none. */
  readonly mistakes: readonly MistakeIn[];
  /** Prepares a job that the design can do, on a machine. */
  readonly start: (job: JobId, machine: Machine, options?: SessionOptions) => Session;
}

/** Options of a session. */
export interface SessionOptions {
  /** How many do the job at once, each with lists of its own. Default 1. */
  readonly users?: number;
  readonly faults?: Faults | undefined;
  /** Let other contexts run before each call of the design that may sleep, for the explorer. Default false. */
  readonly preemptible?: boolean;
}

const CANDIDATE: unique symbol = Symbol.for('scatterlist.lab.candidate');

/**
 * Joins a design and its call sites.
 *
 * @linux none
 */
export function defineCallSites<Api extends object>(
  facade: Facade<Api>,
  sites: CallSites<Api>,
  mistakes?: Mistakes,
): Candidate {
  checkOptions(
    `the call sites of ${facade.name}`,
    sites,
    Object.fromEntries(JOB_IDS.map((id): [string, Accepts] => [id, 'anything'])),
  );
  const missing = JOB_IDS.filter((id) => sites[id] === undefined);
  if (missing.length > 0)
    throw new ConfigError(
      `${facade.name} has no call site for ${missing.join(', ')}; write cannot('…') if it cannot do the job`,
    );
  const { name, title, source, simplifies, machine: madeFor } = facade;
  const candidate: Candidate = {
    facade: { name, title, source, simplifies, machine: madeFor },
    cannot: (job) => {
      const site = sites[job];
      return site instanceof Cannot ? site.reason : undefined;
    },
    mistakes: mistakes === undefined ? [] : listOf(mistakes),
    start: (job, machine, options = {}) => start(facade, sites, job, machine, options),
  };
  return Object.defineProperty(candidate, CANDIDATE, { value: true });
}

const MISTAKE_IDS = Object.keys(MISTAKES).filter(isMistake);

function isMistake(name: string): name is MistakeId {
  return Object.hasOwn(MISTAKES, name);
}

function listOf(mistakes: Mistakes): readonly MistakeIn[] {
  return MISTAKE_IDS.flatMap((mistake) => {
    const { jobs }: Mistake = MISTAKES[mistake];
    const given: Cannot | Readonly<Partial<Record<JobId, Edit | Cannot>>> = mistakes[mistake];
    return jobs.map((job): MistakeIn => {
      const how = given instanceof Cannot ? given : given[job];
      if (how === undefined)
        throw new ConfigError(`no mistake ${mistake} in ${job}; write cannot('…') if it cannot be made`);
      return { mistake, job, how };
    });
  });
}

/** Whether a value came from `defineCallSites`, of whichever copy of this library. */
export function isCandidate(value: unknown): value is Candidate {
  return typeof value === 'object' && value !== null && CANDIDATE in value;
}

function start<Api extends object, J extends JobId>(
  facade: Facade<Api>,
  sites: CallSites<Api>,
  id: J,
  machine: Machine,
  { users = 1, faults, preemptible = false }: SessionOptions,
): Session {
  const site: Site<Api, J> | Cannot = sites[id];
  if (site instanceof Cannot) throw new ConfigError(`${facade.name} cannot do ${id}: ${site.reason}`);
  const opened = facade.on(machine, faults);
  const design = preemptible
    ? { ...opened, open: (context: Context) => pausesIn(context, opened.open(context)) }
    : opened;
  const fails = failsBy(faults);
  const runs = Array.from({ length: users }, () => startOne(design, site, JOBS[id], machine, fails));
  return { design, runs };
}

// An interrupt handler runs to its end.
function pausesIn<Api extends object>({ kind }: Context, api: Api): Api {
  return kind === 'task' ? pausing(api) : api;
}

function startOne<Api, J extends JobId>(
  design: OpenFacade<Api>,
  site: Site<Api, J>,
  job: Job<JobEnvs[J]>,
  machine: Machine,
  fails: (call: string) => boolean,
): JobRun {
  const rig = job.start(machine, fails);
  const buffers: Uint8Array[] = [];
  const open = (context: Context): Pick<SiteEnv<Api>, 'api' | 'mem'> => ({
    api: design.open(context),
    mem: new AddressSpace(context),
  });
  const siteEnv = (context: Context): SiteEnv<Api> => ({
    ...open(context),
    context,
    open,
    kmalloc(lengthBytes) {
      if (fails('kmalloc')) return undefined;
      const buffer = new Uint8Array(lengthBytes);
      buffers.push(buffer);
      return buffer;
    },
    kfree(buffer) {
      const at = buffers.indexOf(buffer);
      if (at < 0) throw new ConfigError('kfree of a buffer that kmalloc did not return, or twice');
      buffers.splice(at, 1);
    },
  });
  return {
    work: (context): SiteResult<J> => site({ ...siteEnv(context), ...rig.env(context) }),
    changed: rig.changed,
    wrong: rig.wrong,
    interrupt: rig.interrupt,
    buffers,
  };
}
