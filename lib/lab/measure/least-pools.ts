/**
 * The smallest pools with which one user can do a job.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { MachineOptions } from '../../machine/config.ts';
import type { Candidate } from '../call-sites.ts';
import type { JobId } from '../jobs.ts';
import { machineOf } from '../job-program.ts';
import { runJob } from '../run-job.ts';
import { outcomeName } from './outcome-text.ts';

/** The sizes of the pools of a machine. */
export type Pools = Required<Pick<MachineOptions, 'pkmapSlots' | 'vmallocPages' | 'bounceSlots'>>;

/** The sizes that are tried, for each pool; the pool of kmap has a power of two. */
const SIZES: Readonly<Record<keyof Pools, readonly number[]>> = {
  pkmapSlots: [1, 2, 4, 8],
  vmallocPages: [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 32, 64],
  bounceSlots: [1, 2, 3, 4, 5, 6, 7, 8],
};

/**
 * Finds, for each pool, the smallest size with which one user comes to the same end as with a large one. Two users of such
 * a machine are in each other's way as soon as they can be.
 *
 * @linux none
 */
export function leastPools(candidate: Candidate, job: JobId): Pools {
  const { pkmapSlots = 8, vmallocPages = 64, bounceSlots = 8 } = machineOf(job, {}, candidate.facade.machine);
  const large = { pkmapSlots, vmallocPages, bounceSlots };
  const end = (pools: Pools): string => endWith(candidate, job, pools);
  const wanted = end(large);
  const least = (pool: keyof Pools): number =>
    SIZES[pool].find((size) => size < large[pool] && end({ ...large, [pool]: size }) === wanted) ??
    large[pool];
  const found = {
    pkmapSlots: least('pkmapSlots'),
    vmallocPages: least('vmallocPages'),
    bounceSlots: least('bounceSlots'),
  };
  // A design that falls back from one pool to another needs only one of them.
  return end(found) === wanted ? found : large;
}

function endWith(candidate: Candidate, job: JobId, pools: Pools): string {
  try {
    return outcomeName(runJob(candidate, job, { machine: pools }).outcome);
  } catch (error) {
    // A design may refuse a machine on which it cannot be set up.
    if (error instanceof ConfigError) return 'not set up';
    throw error;
  }
}
