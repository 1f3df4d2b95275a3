/**
 * Does the jobs of a matrix, in threads if there are several cores and enough jobs.
 */
import { Piscina } from 'piscina';
import { threadUrl } from '../thread-url.ts';
import { UsageError } from '../usage-error.ts';
import { Bench } from './plan.ts';
import type { Done, Plan } from './plan.ts';
import type { Tell } from './progress.ts';
import type { Reply } from './thread.ts';

/** What has run, in the order of the jobs. */
export interface Ran extends Done {
  /** False if Ctrl-C came first. */
  readonly isComplete: boolean;
}

/** Fewer cells are done before a thread has started. One that is explored takes as long as many that are run. */
const WORTH_THREADS = 100;
const EXPLORED_COUNTS = 20;

/** Does all jobs of a plan, and tells after each. */
export async function runPlan(plan: Plan, workers: number, tell: (tell: Tell) => void): Promise<Ran> {
  const bench = await Bench.of(plan);
  const { jobs } = bench;
  const results: (Done | undefined)[] = jobs.map(() => undefined);
  const stop = new AbortController();
  const onSignal = (): void => {
    stop.abort();
  };
  process.once('SIGINT', onSignal);
  const [rows, explored] = (['row', 'beside'] as const).map((kind) =>
    [...jobs.keys()].filter((i) => jobs[i]?.kind === kind),
  );
  const worth = jobs.reduce(
    (sum, job) => sum + (job.kind === 'row' ? bench.cellsOf(job) : EXPLORED_COUNTS),
    0,
  );
  const doer =
    workers === 1 || worth < WORTH_THREADS
      ? new Here(bench, stop.signal)
      : new Threads(plan, workers, stop.signal);
  try {
    for (const [phase, numbers = []] of [
      ['cells', rows],
      ['orders', explored],
    ] as const) {
      const start = Date.now();
      const later = phase === 'cells' ? (explored ?? []).length : 0;
      const cells = numbers.reduce((sum, i) => sum + sizeOf(bench, i), 0);
      let doneCells = 0;
      await doer.all(numbers, (i, done) => {
        results[i] = done;
        doneCells += sizeOf(bench, i);
        tell({
          phase,
          doneCells,
          cells,
          later,
          elapsedMs: Date.now() - start,
          what: jobs[i]?.port.name ?? '',
        });
      });
    }
  } finally {
    process.off('SIGINT', onSignal);
    await doer.end();
  }
  const done = results.filter((result) => result !== undefined);
  return {
    cells: done.flatMap(({ cells }) => cells),
    explored: done.flatMap(({ explored: records }) => records),
    isComplete: done.length === jobs.length,
  };
}

function sizeOf(bench: Bench, i: number): number {
  const job = bench.jobs[i];
  return job === undefined ? 0 : bench.cellsOf(job);
}

type Keep = (job: number, done: Done) => void;

/** Does jobs in this thread. */
class Here {
  private readonly bench: Bench;
  private readonly signal: AbortSignal;

  constructor(bench: Bench, signal: AbortSignal) {
    this.bench = bench;
    this.signal = signal;
  }

  async all(numbers: readonly number[], keep: Keep): Promise<void> {
    for (const i of numbers) {
      const job = this.bench.jobs[i];
      // A signal is handled between two jobs.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.signal.aborted) return;
      if (job !== undefined) keep(i, await this.bench.run(job));
    }
  }

  async end(): Promise<void> {
    // Nothing was started.
  }
}

/** Does jobs in threads. */
class Threads {
  private readonly pool: Piscina<number, Reply>;
  private readonly signal: AbortSignal;

  constructor(plan: Plan, workers: number, signal: AbortSignal) {
    this.signal = signal;
    this.pool = new Piscina<number, Reply>({
      filename: threadUrl('matrix').href,
      workerData: plan,
      minThreads: workers,
      maxThreads: workers,
      atomics: 'disabled',
    });
    // What happens to a thread is told where its job is waited for.
    this.pool.on('error', () => undefined);
    signal.addEventListener('abort', () => void this.end());
  }

  async all(numbers: readonly number[], keep: Keep): Promise<void> {
    if (this.signal.aborted) return;
    await Promise.all(
      numbers.map(async (i) => {
        const reply = await this.pool.run(i).catch((error: unknown) => {
          if (this.signal.aborted) return undefined;
          throw error;
        });
        if (reply !== undefined) keep(i, doneIn(reply));
      }),
    );
  }

  async end(): Promise<void> {
    await this.pool.destroy();
  }
}

function doneIn(reply: Reply): Done {
  if ('mistake' in reply) throw new UsageError(reply.mistake);
  return reply;
}
