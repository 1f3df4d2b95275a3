/**
 * Runs a subcommand in a thread and watches it: a program can loop without `yield`, fill the memory or end the process,
 * and Ctrl-C must print what was found so far.
 */
import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Outcome } from 'scatterlist/explore';
import type { Pool } from '../campaign/pool.ts';
import { PACKAGE_FOLDER } from '../package-root.ts';
import { IS_SOURCE, threadUrl } from '../thread-url.ts';
import { UsageError } from '../usage-error.ts';
import { failed } from '../failed.ts';
import type { Help } from './outside.ts';
import { verdictOn } from './overdue.ts';
import { Shared } from './shared.ts';
import type { Phase, Reason } from './shared.ts';
import { stoppedText } from './stopped-text.ts';
import { whereIs } from './where.ts';
import type { Place } from './where.ts';

/** What the thread is given. */
export interface Errand {
  readonly name: 'explore' | 'run' | 'replay' | 'convert-check';
  readonly args: readonly string[];
  readonly buffer: SharedArrayBuffer;
  readonly memoryBytes: number;
  readonly columns: number | undefined;
  readonly showsProgress: boolean;
}

/** What the thread tells at its end. */
type End =
  | { readonly kind: 'done'; readonly code: number }
  | { readonly kind: 'mistake'; readonly message: string }
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string }
  | { readonly kind: 'exit'; readonly code: number; readonly part: string; readonly schedule: string };

/** The same, or on the way there what it found, as JSON, or what others can help with. */
export type Message =
  End | { readonly kind: 'found'; readonly outcome: string } | { readonly kind: 'help'; readonly help: Help };

/** What bounds the thread. */
export interface Bounds {
  /** The program's file, for messages. */
  readonly file: string;
  readonly strategy: string;
  /** The time to explore; Infinity if that is bounded otherwise. */
  readonly milliseconds: number;
  readonly memoryBytes: number;
  readonly json: boolean;
}

const LOOK_EVERY_MS = 100;
/** What a thread takes before it has explored much. */
const HELPER_BYTES = 100 * 2 ** 20;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Runs a subcommand in a thread. Returns the exit code; a mistake in the program is thrown. */
export async function watched(
  name: Errand['name'],
  args: readonly string[],
  bounds: Bounds,
): Promise<number> {
  const watch = new Watch(name, args, bounds);
  const onSignal = (signal: NodeJS.Signals): void => {
    // The second one ends it at once.
    if (watch.reason === 'interrupted') process.exit(128 + constants.signals[signal]);
    watch.stop('interrupted');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await watch.run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** What is left to do once it is known how the thread has ended. */
type Ending = () => number | Promise<number>;

class Watch {
  private readonly bounds: Bounds;
  private readonly shared = new Shared();
  private readonly worker: Worker;
  /** What was found before it is shrunk, as JSON. */
  #found: string | undefined = undefined;
  #helpers: Pool | undefined = undefined;
  #hasEnded = false;
  #beats = -1;
  #phase: Phase | undefined = undefined;
  #aliveAt = Date.now();
  #phaseAt = Date.now();
  #stoppedAt: number | undefined = undefined;

  constructor(name: Errand['name'], args: readonly string[], bounds: Bounds) {
    this.bounds = bounds;
    const { memoryBytes } = bounds;
    const { buffer } = this.shared;
    const { columns } = process.stdout;
    const errand: Errand = { name, args, buffer, memoryBytes, columns, showsProgress: process.stderr.isTTY };
    this.worker = new Worker(moduleOfThread(), {
      workerData: errand,
      argv: process.argv.slice(2),
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memoryBytes / 2 ** 20) },
    });
  }

  /** Why the thread was told to stop. */
  get reason(): Reason | undefined {
    return this.shared.reason;
  }

  /** Tells the thread to stop. */
  stop(reason: Reason): void {
    this.shared.stop(reason);
    this.#stoppedAt ??= Date.now();
  }

  /** Waits for the end of the thread, or ends it. */
  async run(): Promise<number> {
    let look: NodeJS.Timeout | undefined;
    try {
      const end = await new Promise<Ending>((resolve) => {
        this.#listen(resolve);
        let asked: Promise<void> | undefined;
        look = setInterval(() => {
          if (asked === undefined && !this.#mustEnd()) return;
          const silentMs = Date.now() - this.#aliveAt;
          const end = (place?: Place): void => {
            resolve(() => this.#ended(this.reason ?? (this.#isFull ? 'memory' : 'time'), place, silentMs));
          };
          // Until it is known where it is, it may take more and more memory.
          if (this.#isFull) end();
          else asked ??= whereIs(this.worker.threadId, PACKAGE_FOLDER).then(end);
        }, LOOK_EVERY_MS);
      });
      return await end();
    } finally {
      this.#hasEnded = true;
      clearInterval(look);
      await Promise.all([this.worker.terminate(), this.#helpers?.close()]);
    }
  }

  /** Starts threads that explore the same, if there is memory for them. */
  async #help({ job, memory, threads }: Help): Promise<void> {
    if (process.memoryUsage.rss() + threads * HELPER_BYTES > this.bounds.memoryBytes) return;
    const { Pool } = await import('../campaign/pool.ts');
    if (this.#hasEnded) return;
    this.#helpers ??= new Pool(this.bounds.file, threads);
    this.#helpers.help(job, memory);
  }

  #listen(resolve: (end: Ending) => void): void {
    let exit: End | undefined;
    this.worker.on('message', (message: Message) => {
      if (message.kind === 'found') this.#found = message.outcome;
      else if (message.kind === 'help') void this.#help(message.help);
      // An error, which caused the exit, is told after it.
      else if (message.kind === 'exit') exit = message;
      else resolve(() => this.#told(message));
    });
    this.worker.on('error', (error: Error & { readonly code?: unknown }) => {
      resolve(() => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return this.#ended('memory', undefined, 0);
        throw failed(this.bounds.file, 'cannot be run', error);
      });
    });
    this.worker.on('exit', (code) => {
      resolve(() => this.#told(exit ?? { kind: 'exit', code, part: '', schedule: '' }));
    });
  }

  #told(end: End): number {
    const { file } = this.bounds;
    switch (end.kind) {
      case 'done':
        return end.code;
      case 'mistake':
        throw new UsageError(end.message);
      case 'bug':
        throw Object.assign(new Error(end.message), { stack: end.stack });
      case 'exit':
        throw new UsageError(
          `${file} cannot be run: ${end.part === '' ? 'it' : end.part} ended the process with code ${String(end.code)}${after(end.schedule)}`,
        );
    }
  }

  get #isFull(): boolean {
    return process.memoryUsage.rss() > this.bounds.memoryBytes;
  }

  #mustEnd(): boolean {
    const { beats, phase } = this.shared;
    const now = Date.now();
    if (beats !== this.#beats || phase !== this.#phase) this.#aliveAt = now;
    if (phase !== this.#phase) this.#phaseAt = now;
    this.#beats = beats;
    this.#phase = phase;
    if (this.#isFull) this.stop('memory');
    const verdict = verdictOn({
      phase,
      spent: now - this.#phaseAt,
      silent: now - this.#aliveAt,
      stopping: this.#stoppedAt === undefined ? undefined : now - this.#stoppedAt,
      isFull: this.reason === 'memory',
      most: this.bounds.milliseconds,
    });
    if (verdict === 'stop') this.stop('time');
    return verdict === 'end';
  }

  /** Tells what is known of a thread that was ended from outside. */
  async #ended(reason: Reason, place: Place | undefined, silentMs: number): Promise<number> {
    const { file, json, memoryBytes, strategy } = this.bounds;
    const { counts, progress, phase } = this.shared;
    const loop = `${place?.part === '' || place === undefined ? 'it' : place.part} has not returned for ${(silentMs / 1000).toFixed(1)} s${after(place?.schedule ?? '')}${place === undefined || place.site === '' ? '' : ` (at ${place.site})`}`;
    const isOwn = phase === 'exploring' && place?.isOwn === true;
    if (this.#found === undefined && reason === 'time' && !isOwn)
      throw new UsageError(`${file} cannot be ${phase === 'loading' ? 'loaded' : 'run'}: ${loop}`);
    // Loaded only now, because a thread that ends by itself does without.
    const [{ outcomeOf }, { report }] = await Promise.all([import('./merge.ts'), import('./report.ts')]);
    const outcome: Outcome =
      this.#found === undefined
        ? {
            kind: 'outOfBudget',
            strategy,
            counts,
            unseen: [],
            limit: 'stopped',
            what: isOwn
              ? `${stoppedText(reason, memoryBytes)} ${busyText(silentMs)}`
              : stoppedText(reason, memoryBytes),
            progress,
          }
        : { ...outcomeOf(this.#found, file), counts };
    const code = report(undefined, outcome, { json }, file);
    if (silentMs > LOOK_EVERY_MS * 10 && !isOwn) process.stderr.write(`scatterlist: ${file}: ${loop}\n`);
    return code;
  }
}

/** The thread's module. Of the sources, a loader must be registered first, because a thread does not have its parent's. */
function moduleOfThread(): URL {
  const thread = threadUrl('explore');
  if (!IS_SOURCE) return thread;
  const loader = import.meta.resolve('tsx/esm/api');
  return new URL(
    `data:text/javascript,import { register } from '${loader}'; register(); await import('${thread.href}');`,
  );
}

/** What a thread does that has not come back and in which no function of the program runs. */
function busyText(silentMs: number): string {
  return `while the explorer looked at the program's data for ${(silentMs / 1000).toFixed(1)} s after one of its steps`;
}

function after(schedule: string): string {
  return schedule === '' ? '' : `, after schedule '${schedule}'`;
}
