/**
 * The thread in which rows of the matrix are run: each thread makes the same matrix of the same plan.
 */
import { workerData } from 'node:worker_threads';
import type { CellRecord } from 'scatterlist/ports';
import { UsageError } from '../usage-error.ts';
import { Bench } from './plan.ts';
import type { Plan } from './plan.ts';

/** What a thread returns: an error of the user's is told as one. */
export type Reply = { readonly cells: readonly CellRecord[] } | { readonly mistake: string };

// What the pool passes to its threads.
function planOf(data: unknown): Plan;
function planOf(data: unknown): unknown {
  return data;
}

let bench: Promise<Bench> | undefined;

/** Runs the row of a number. */
export default async function run(row: number): Promise<Reply> {
  try {
    bench ??= Bench.of(planOf(workerData));
    const { rows } = await bench;
    const of = rows[row];
    if (of === undefined) throw new UsageError(`the matrix has no row ${String(row)}`);
    return { cells: await (await bench).run(of) };
  } catch (error) {
    if (error instanceof UsageError) return { mistake: error.message };
    throw error;
  }
}
