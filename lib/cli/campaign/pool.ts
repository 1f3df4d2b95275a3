/**
 * Threads of this process, which explore one job together.
 */
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { nextSearchMemory, sharedSearchMemory, workOn } from 'scatterlist/explore';
import type { PackedPiece, PiecesResult, SharedSearchMemory, Work } from 'scatterlist/explore';
import { threadUrl } from '../thread-url.ts';
import { UsageError } from '../usage-error.ts';
import { NO_COUNTS, NO_WORK } from './bag.ts';
import type { Job } from './bag.ts';
import { Control } from './control.ts';
import type { Crew } from './run.ts';
import type { Errand, Reply, Told } from './thread.ts';

const MOST_TABLES = 4;
/** One thread is enough for programs that take no longer. */
const ALONE_MS = 500;

/** A pool of threads for one program. */
export class Pool implements Crew {
  /** All threads are at the same job. */
  readonly size = 1;
  private readonly threadCount: number;
  private readonly file: string;
  private readonly control: Control;
  private readonly threads: Piscina<Errand, Reply>;
  /** The memory of the tables that jobs name. */
  readonly #tables = new Map<string, SharedSearchMemory>();
  #current: SharedSearchMemory | undefined = undefined;

  /** A pool for so many schedules in all. */
  constructor(file: string, threadCount: number, schedules?: number) {
    this.file = file;
    this.threadCount = threadCount;
    this.control = new Control(undefined, schedules);
    this.threads = new Piscina<Errand, Reply>({
      filename: threadUrl('campaign').href,
      minThreads: 1,
      maxThreads: threadCount,
      // A thread that starts again would have to load the program again.
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
    });
    // What happens to a thread is told where its job is waited for.
    this.threads.on('error', () => undefined);
  }

  get title(): string {
    return `${String(this.threadCount)} threads`;
  }

  get work(): Work {
    return this.#current === undefined ? NO_WORK : workOn(this.#current);
  }

  /** Runs a job; after so many milliseconds it gives back what is left. */
  async run(
    job: Job,
    onLeft: (left: readonly PackedPiece[]) => void,
    milliseconds = Infinity,
  ): Promise<PiecesResult> {
    const memory = this.#memoryOf(job.table);
    const end = Date.now() + milliseconds;
    const errand: Errand = { file: this.file, job, memory, control: this.control.memory, end };
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (left: Told) => {
      onLeft(left);
    });
    this.#current = memory;
    try {
      const first = this.#start({ ...errand, port: port2 }, [port2]);
      const isDone = await Promise.race([first.then(() => true), later(ALONE_MS)]);
      const others = isDone || job.isAlone ? 0 : this.threadCount - 1;
      const all = [first, ...Array.from({ length: others }, () => this.#start(errand))];
      // The others come to the same verdict, some of them only when they have loaded the program.
      for (const one of all) one.catch(() => undefined);
      return { ...(await Promise.race(all)), counts: { ...NO_COUNTS, ...workOn(memory) } };
    } finally {
      this.#current = undefined;
      port1.close();
    }
  }

  /** Has all threads explore a job that another thread explores, too, with the memory that they share. */
  help(job: Job, memory: SharedSearchMemory): void {
    const errand: Errand = { file: this.file, job, memory, control: this.control.memory, end: Infinity };
    // What goes wrong here goes wrong there.
    for (let i = 0; i < this.threadCount; i += 1) this.#start(errand).catch(() => undefined);
  }

  async #start(errand: Errand, transferList: MessagePort[] = []): Promise<PiecesResult> {
    const reply = await this.threads.run(errand, { transferList }).catch((error: unknown) => {
      throw died(this.file, error);
    });
    if ('mistake' in reply) throw new UsageError(reply.mistake);
    return reply.result;
  }

  #memoryOf(table: string): SharedSearchMemory {
    const known = this.#tables.get(table);
    const memory = known === undefined ? sharedSearchMemory() : nextSearchMemory(known);
    this.#tables.delete(table);
    this.#tables.set(table, memory);
    // The oldest is not used any more, or its states are explored again.
    for (const old of this.#tables.keys()) if (this.#tables.size > MOST_TABLES) this.#tables.delete(old);
    return memory;
  }

  ask(): void {
    this.control.ask();
  }

  stop(): void {
    this.control.stop();
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    await this.threads.destroy();
  }
}

function later(milliseconds: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, false).unref();
  });
}

/** A program that ends one thread would end the others, too. */
function died(file: string, error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'InvariantError') return error;
  return new UsageError(`${file} cannot be explored to the end: a worker ended by itself (${message})`);
}
