/**
 * The thread in which jobs of the matrix are done: each thread makes the same matrix of the same plan.
 */
import { workerData } from 'node:worker_threads';
import { UsageError } from '../usage-error.ts';
import { Bench } from './plan.ts';
import type { Done, Plan } from './plan.ts';

/** What a thread returns: an error of the user's is told as one. */
export type Reply = Done | { readonly mistake: string };

// What the pool passes to its threads.
function planOf(data: unknown): Plan;
function planOf(data: unknown): unknown {
  return data;
}

let bench: Promise<Bench> | undefined;

/** Does the job of a number. */
export default async function run(number: number): Promise<Reply> {
  try {
    bench ??= Bench.of(planOf(workerData));
    const { jobs } = await bench;
    const job = jobs[number];
    if (job === undefined) throw new UsageError(`the matrix has no job ${String(number)}`);
    return await (await bench).run(job);
  } catch (error) {
    if (error instanceof UsageError) return { mistake: error.message };
    throw error;
  }
}
