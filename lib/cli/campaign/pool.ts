/**
 * Workers as threads of this process, which share the states that they have visited.
 */
import { Piscina } from 'piscina';
import { sharedStatesMemory } from 'scatterlist/explore';
import type { SharedStatesMemory } from 'scatterlist/explore';
import { UsageError } from '../usage-error.ts';
import type { Job } from './bag.ts';
import { Control } from './control.ts';
import type { Crew, Done } from './run.ts';
import type { Errand, Reply } from './thread.ts';

const MOST_TABLES = 4;

/** A pool of threads for one program. */
export class Pool implements Crew {
  readonly size: number;
  private readonly file: string;
  private readonly control: Control;
  private readonly threads: Piscina<Errand, Reply>;
  /** The memory of the tables that jobs name. */
  readonly #tables = new Map<string, SharedStatesMemory>();

  /** A pool for so many schedules in all. */
  constructor(file: string, size: number, schedules?: number) {
    this.file = file;
    this.size = size;
    this.control = new Control(undefined, schedules);
    this.threads = new Piscina<Errand, Reply>({
      filename: threadUrl(),
      minThreads: 1,
      maxThreads: size,
      // A thread that starts again would have to load the program again.
      idleTimeout: Infinity,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
    });
    // What happens to a thread is told where its job is waited for.
    this.threads.on('error', () => undefined);
  }

  /** Runs a job; after so many milliseconds it gives back what is left. */
  async run(job: Job, milliseconds = Infinity): Promise<Done> {
    const states = this.#statesOf(job.table);
    const errand: Errand = { file: this.file, job, states, control: this.control.memory, milliseconds };
    const reply = await this.threads.run(errand).catch((error: unknown) => {
      throw died(this.file, error);
    });
    if ('mistake' in reply) throw new UsageError(reply.mistake);
    return { result: reply.result, wasLost: false };
  }

  #statesOf(table: string): SharedStatesMemory {
    const states = this.#tables.get(table) ?? sharedStatesMemory();
    this.#tables.delete(table);
    this.#tables.set(table, states);
    // The oldest is not used any more, or its states are met again.
    for (const old of this.#tables.keys()) if (this.#tables.size > MOST_TABLES) this.#tables.delete(old);
    return states;
  }

  want(workers: number): void {
    this.control.want(workers);
  }

  stop(): void {
    this.control.stop();
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    await this.threads.destroy();
  }
}

/** A thread that ended by itself leaves states that are entered and not explored: the campaign cannot go on. */
function died(file: string, error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'InvariantError') return error;
  return new UsageError(`${file} cannot be explored to the end: a worker ended by itself (${message})`);
}

/** The thread's module: of the sources, or of the command as it is built. */
function threadUrl(): string {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./thread.${ending}`, import.meta.url).href;
}
