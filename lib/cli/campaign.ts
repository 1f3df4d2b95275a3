/**
 * `scatterlist campaign` and `scatterlist worker`: one search, by all cores or by many machines.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { DefinedProgram, Outcome } from 'scatterlist/explore';
import { budgetOf } from './explore/limits.ts';
import { load } from './load.ts';
import { report } from './explore/report.ts';
import { runPlan } from './campaign/plan.ts';
import type { Plan } from './campaign/plan.ts';
import { Pool } from './campaign/pool.ts';
import { QueueCrew, work } from './campaign/queue.ts';
import { checkWritable } from './files.ts';
import { numberOf, refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist campaign --help` prints. */
export const CAMPAIGN_HELP = `scatterlist campaign: explore a large program with all cores, or with many machines

  scatterlist campaign FILE
  --workers N           threads (default: one for each core)
  --queue URL           no threads: have it done by those who run scatterlist worker at redis://host:port
  --budget N            stop after N schedules, or after N seconds where it ends in s (default: no limit)
  --checkpoint FILE     write what is left every 10 s, at the end of the budget, and on Ctrl-C
  --resume FILE         go on from a checkpoint of the same program
  --trace FILE          write the schedule found for Perfetto (ui.perfetto.dev) or chrome://tracing
  --html FILE           write it as one page
  --save FILE           write it for scatterlist replay, and for replayFile in a unit test
  --json                the outcome, for a program

A queue needs the packages bullmq and ioredis, and a server: Redis, or Valkey.
Exit codes are those of explore.
`;

/** What `scatterlist worker --help` prints. */
export const WORKER_HELP = `scatterlist worker: explore for campaigns that other processes or machines have started

  scatterlist worker --queue redis://host:port
  --workers N           threads (default: one for each core)

The program's file must be here, too: at the same path, or at the same place below the current folder. A worker may be
killed at any time; another takes over what it was doing. Ctrl-C lets it finish first.
`;

const MOST_WORKERS = 256;

/** The threads that an option asks for. */
export function threadsOf(text: string | undefined): number {
  return text === undefined ? Math.max(1, cpus().length) : numberOf('--workers', text, 1, MOST_WORKERS);
}

/** Explores a program with threads of this process. */
async function withThreads(program: DefinedProgram, plan: Plan, threads: number): Promise<Outcome> {
  const pool = new Pool(plan.file, threads, plan.budget.schedules);
  try {
    return await runPlan(program, plan, pool);
  } finally {
    await pool.close();
  }
}

/** Runs `scatterlist campaign`. */
export async function campaign(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      workers: { type: 'string' },
      queue: { type: 'string' },
      budget: { type: 'string' },
      checkpoint: { type: 'string' },
      resume: { type: 'string' },
      trace: { type: 'string' },
      html: { type: 'string' },
      save: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  refuseRepeats(tokens);
  if (values.queue !== undefined && values.workers !== undefined)
    throw new UsageError('--queue and --workers: one or the other');
  for (const path of [values.checkpoint, values.trace, values.html, values.save]) checkWritable(path);
  const [file = '', ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`one program at a time; what is "${rest.join(' ')}"?`);
  const program = await load(file === '' ? undefined : file);
  const { checkpoint, resume } = values;
  const budget = values.budget === undefined ? {} : budgetOf(values.budget);
  const plan = { file, budget, checkpoint, resume };
  let outcome: Outcome;
  if (values.queue === undefined) outcome = await withThreads(program, plan, threadsOf(values.workers));
  else {
    const crew = await QueueCrew.open(values.queue, file);
    try {
      outcome = await runPlan(program, plan, crew);
    } finally {
      await crew.close();
    }
  }
  return report(program, outcome, values, file);
}

/** Runs `scatterlist worker`. */
export async function worker(args: readonly string[]): Promise<number> {
  const { values, tokens } = parseArgs({
    args: [...args],
    tokens: true,
    options: { queue: { type: 'string' }, workers: { type: 'string' } },
  });
  refuseRepeats(tokens);
  const { queue } = values;
  if (queue === undefined) throw new UsageError('which queue? --queue redis://host:port');
  const threads = threadsOf(values.workers);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      stop.abort();
    });
  await work(queue, threads, stop.signal, () => {
    process.stderr.write(`scatterlist: ${String(threads)} threads wait for jobs at ${queue}\n`);
  });
  return 0;
}
