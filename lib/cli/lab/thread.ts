/**
 * The thread in which cells of the laboratory are measured: each thread makes the same of the same plan.
 */
import { workerData } from 'node:worker_threads';
import type { LabCell } from 'scatterlist/lab';
import { UsageError } from '../usage-error.ts';
import { Lab } from './plan.ts';
import type { LabPlan } from './plan.ts';

/** What a thread returns: an error of the user's is told as one. */
export type LabReply = LabCell | { readonly mistake: string };

// What the pool passes to its threads.
function planOf(data: unknown): LabPlan;
function planOf(data: unknown): unknown {
  return data;
}

let lab: Promise<Lab> | undefined;

/** Measures the cell of a number. */
export default async function run(number: number): Promise<LabReply> {
  try {
    lab ??= Lab.of(planOf(workerData));
    return await (await lab).measure(number);
  } catch (error) {
    if (error instanceof UsageError) return { mistake: error.message };
    throw error;
  }
}
