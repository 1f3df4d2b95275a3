/**
 * Workers on other machines, which take jobs from a queue in Redis or Valkey.
 *
 * A worker that is killed loses its job; the queue notices that and gives it to another.
 */
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Job as QueuedJob, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { UsageError } from '../usage-error.ts';
import { NO_COUNTS, NO_WORK } from './bag.ts';
import type { Job } from './bag.ts';
import { hashOf } from './checkpoint.ts';
import { Pool } from './pool.ts';
import type { Crew } from './run.ts';
import type { PackedPiece, PiecesResult, Work } from 'scatterlist/explore';

const NAME = 'scatterlist';
/** A worker that has not been heard of for so long is lost. */
const LOCK_MS = 3000;
const STALLED_EVERY_MS = 1000;
const POLL_MS = 30;
/** How long a job runs before it gives back what is left: a short time at first, so that all get some. */
const SLICE = { least: 300, most: 10_000, part: 10 } as const;

/** What a job in the queue says. */
interface Order {
  readonly campaign: string;
  /** The program's file, as the campaign's machine has it, and from the folder where the campaign was started. */
  readonly file: string;
  readonly near: string;
  readonly hash: string;
  readonly job: Job;
  readonly milliseconds: number;
}

/** What a worker replies. */
type Reply = { readonly result: PiecesResult } | { readonly mistake: string };

interface Library {
  readonly Queue: typeof Queue;
  readonly Worker: typeof Worker;
  readonly DelayedError: new () => Error;
  readonly Redis: typeof Redis;
}

async function library(): Promise<Library> {
  try {
    const [{ DelayedError, Queue, Worker }, { Redis }] = await Promise.all([
      import('bullmq'),
      import('ioredis'),
    ]);
    return { DelayedError, Queue, Worker, Redis };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')
      throw new UsageError('--queue needs two packages that are not installed: npm install bullmq ioredis');
    throw error;
  }
}

/** Checks that there is a server. */
async function reach(url: string, { Redis }: Library): Promise<void> {
  if (!/^rediss?:\/\//.test(url)) throw new UsageError(`--queue takes redis://host:port, not "${url}"`);
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5000 });
  let reason = 'no connection';
  redis.on('error', (error: Error) => {
    reason = error.message === '' ? String(Reflect.get(error, 'code')) : error.message;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch {
    throw new UsageError(`the queue ${url} cannot be reached: ${reason}`);
  } finally {
    redis.disconnect();
  }
}

/** A job that is out. */
interface Waiting {
  readonly job: Job;
  readonly resolve: (result: PiecesResult) => void;
  readonly reject: (error: Error) => void;
}

/** Jobs that others explore. */
export class QueueCrew implements Crew {
  private readonly queue: Queue<Order, Reply>;
  private readonly order: Omit<Order, 'job' | 'milliseconds'>;
  readonly #start = Date.now();
  readonly #open = new Map<string, Waiting>();
  private readonly timer: NodeJS.Timeout;
  #workers = 0;
  #looks = 0;
  #isLooking = false;

  static async open(url: string, file: string): Promise<QueueCrew> {
    const found = await library();
    await reach(url, found);
    return new QueueCrew(new found.Queue<Order, Reply>(NAME, { connection: { url } }), file);
  }

  private constructor(queue: Queue<Order, Reply>, file: string) {
    this.queue = queue;
    // The connection comes back by itself; what was lost meanwhile is asked for again.
    queue.on('error', () => undefined);
    const campaign = `${String(process.pid)}-${String(Date.now())}`;
    const near = relative('.', file);
    this.order = { campaign, file: resolve(file), near, hash: hashOf(file) };
    this.timer = setInterval(() => {
      if (this.#isLooking) return;
      this.#isLooking = true;
      void this.#look().finally(() => {
        this.#isLooking = false;
      });
    }, POLL_MS);
  }

  /** One job more than there are workers, so that none has to wait. */
  get size(): number {
    return this.#workers + 1;
  }

  get title(): string {
    return `${String(this.#workers)} workers`;
  }

  /** Results come at the end of each job only. */
  readonly work: Work = NO_WORK;

  async run(job: Job): Promise<PiecesResult> {
    const spent = Date.now() - this.#start;
    const slice = Math.min(SLICE.most, Math.max(SLICE.least, spent / SLICE.part));
    // What one worker alone has to explore cannot be given back in parts. JSON has no Infinity.
    const milliseconds = job.isAlone ? Number.MAX_SAFE_INTEGER : slice;
    const options = { removeOnComplete: { age: 600 }, removeOnFail: { age: 600 } };
    const { id = '' } = await this.queue.add('pieces', { ...this.order, job, milliseconds }, options);
    return new Promise((resolveJob, reject) => {
      this.#open.set(id, { job, resolve: resolveJob, reject });
    });
  }

  ask(): void {
    // Each job gives back what is left after a while.
  }

  stop(): void {
    for (const [id, { job, resolve: resolveJob }] of this.#open) {
      this.#open.delete(id);
      void this.queue.remove(id).catch(() => undefined);
      // What a worker is doing now is left for later.
      const result = { counts: NO_COUNTS, rest: job.pieces, seen: job.seen };
      resolveJob(result);
    }
  }

  /** Leaves the queue; jobs of this campaign that were not begun are taken out of it. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.queue.close();
  }

  async #look(): Promise<void> {
    this.#looks += 1;
    if (this.#looks % 10 === 1) this.#workers = await this.queue.getWorkersCount().catch(() => this.#workers);
    for (const [id, one] of this.#open) {
      const job: QueuedJob<Order, Reply> | undefined = await this.queue.getJob(id).catch(() => undefined);
      if (job?.finishedOn === undefined) continue;
      this.#open.delete(id);
      const reply = job.returnvalue;
      if (job.failedReason !== undefined && job.failedReason !== '')
        one.reject(new UsageError(`a worker could not run a job: ${job.failedReason}`));
      else if ('mistake' in reply) one.reject(new UsageError(reply.mistake));
      else one.resolve(reply.result);
    }
  }
}

/** Takes jobs from a queue with some threads, until it is told to stop; `onReady` is told when it begins. */
export async function work(
  url: string,
  threads: number,
  stopped: AbortSignal,
  onReady: () => void,
): Promise<void> {
  const found = await library();
  await reach(url, found);
  onReady();
  let pool: { readonly key: string; readonly threads: Pool } | undefined;
  const poolFor = async (file: string, hash: string): Promise<Pool> => {
    const key = `${hash} ${file}`;
    if (pool?.key === key) return pool.threads;
    await pool?.threads.close();
    pool = { key, threads: new Pool(file, threads) };
    return pool.threads;
  };
  let mistake: UsageError | undefined;
  let end = (): void => undefined;
  const over = new Promise<void>((resolveOver) => {
    end = resolveOver;
    stopped.addEventListener('abort', end);
  });
  const run = async (queued: QueuedJob<Order, Reply>, token: string | undefined): Promise<Reply> => {
    const { campaign, file, near, hash, job, milliseconds } = queued.data;
    const path = [file, resolve(near)].find((one) => existsSync(one) && hashOf(one) === hash);
    if (path === undefined) {
      mistake = new UsageError(`a job is for another ${near} than the one here`);
      end();
      await queued.moveToDelayed(Date.now() + LOCK_MS, token);
      throw new found.DelayedError();
    }
    const crew = await poolFor(path, hash);
    try {
      const shared = { ...job, table: `${campaign} ${job.table}` };
      return { result: await crew.run(shared, ignore, milliseconds) };
    } catch (error) {
      if (error instanceof UsageError) return { mistake: error.message };
      throw error;
    }
  };
  const worker = new found.Worker<Order, Reply>(NAME, run, {
    connection: { url },
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_EVERY_MS,
    maxStalledCount: 1e6,
    drainDelay: 1,
  });
  worker.on('error', () => undefined);
  await over;
  await worker.close();
  await pool?.threads.close();
  if (mistake !== undefined) throw mistake;
}

function ignore(_left: readonly PackedPiece[]): void {
  // The whole campaign is told at the end of the job.
}
