/**
 * Runs the rows of a matrix, in threads if there are several cores and enough rows.
 */
import { Piscina } from 'piscina';
import type { CellRecord } from 'scatterlist/ports';
import { UsageError } from '../usage-error.ts';
import { Bench } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Tell } from './progress.ts';
import type { Reply } from './thread.ts';

/** The cells that have run, in the order of the rows. */
export interface Ran {
  readonly cells: readonly CellRecord[];
  /** False if Ctrl-C came first. */
  readonly isComplete: boolean;
}

/** Fewer cells are done before a thread has started. */
const WORTH_THREADS = 100;

/** Runs all rows, and tells after each. */
export async function runPlan(plan: Plan, workers: number, tell: (tell: Tell) => void): Promise<Ran> {
  const bench = await Bench.of(plan);
  const { rows } = bench;
  const cells = rows.reduce((sum, row) => sum + bench.cellsOf(row), 0);
  const results: CellRecord[][] = rows.map(() => []);
  let doneCells = 0;
  const stop = new AbortController();
  const keep = (i: number, of: readonly CellRecord[]): void => {
    results[i]?.push(...of);
    doneCells += of.length;
    tell({ doneCells, cells, what: rows[i]?.port.name ?? '' });
  };
  const onSignal = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onSignal);
  try {
    if (workers === 1 || cells < WORTH_THREADS) {
      for (const [i, row] of rows.entries()) {
        if (stop.signal.aborted) break;
        keep(i, await bench.run(row));
      }
    } else await inThreads(plan, workers, stop.signal, rows.length, keep);
  } finally {
    process.off('SIGINT', onSignal);
  }
  return { cells: results.flat(), isComplete: doneCells === cells };
}

async function inThreads(
  plan: Plan,
  workers: number,
  signal: AbortSignal,
  rows: number,
  keep: (row: number, cells: readonly CellRecord[]) => void,
): Promise<void> {
  const pool = new Piscina<number, Reply>({
    filename: threadUrl(),
    workerData: plan,
    minThreads: workers,
    maxThreads: workers,
    atomics: 'disabled',
  });
  // What happens to a thread is told where its row is waited for.
  pool.on('error', () => undefined);
  try {
    await Promise.all(
      Array.from({ length: rows }, async (_, i) => {
        const reply = await pool.run(i).catch((error: unknown) => {
          if (signal.aborted) return undefined;
          throw error;
        });
        if (reply !== undefined) keep(i, cellsIn(reply));
        if (signal.aborted) await pool.destroy();
      }),
    );
  } finally {
    await pool.destroy();
  }
}

function cellsIn(reply: Reply): readonly CellRecord[] {
  if ('mistake' in reply) throw new UsageError(reply.mistake);
  return reply.cells;
}

/** The thread's module: of the sources, or of the command as it is built. */
function threadUrl(): string {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./thread.${ending}`, import.meta.url).href;
}
