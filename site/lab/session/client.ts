/**
 * The page's side of the sessions: requests as promises, a worker that is started when it is needed, and started again
 * when a program does not come to an end.
 */
import { Channel } from './channel.ts';
import type { Answered, NoAnswer, StartWorker } from './channel.ts';
import type {
  ExploreRequest,
  Loaded,
  LoadRequest,
  MoveRequest,
  Reply,
  RequestName,
  Requests,
  ScheduleRun,
  SearchProgress,
  SearchResult,
} from './messages.ts';
import type { Snapshot } from './snapshot.ts';

/** How a search is watched and stopped. */
interface ExploreWatch {
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Ends the search; it then answers `cancelled` with the counts so far. */
  readonly signal?: AbortSignal;
}

/**
 * What a page does with a machine. One request runs at a time, except that `explore` has a worker of its own: stepping
 * goes on beside it. A request that takes longer than the limit is refused, and its worker is replaced.
 */
export interface LabClient {
  load(given: LoadRequest): Promise<Reply<Loaded>>;
  run(schedule?: string): Promise<Reply<ScheduleRun>>;
  snapshot(moment: number): Promise<Reply<Snapshot>>;
  decide(at: number, option: string): Promise<Reply<ScheduleRun>>;
  moveInterrupt(given: MoveRequest): Promise<Reply<ScheduleRun>>;
  explore(given: ExploreRequest, watch?: ExploreWatch): Promise<Reply<SearchResult>>;
  /** Ends the workers. */
  close(): void;
}

/** How a client is made. */
export interface LabClientOptions {
  /** Starts a worker that serves a session. */
  readonly startWorker: StartWorker;
  /** The time after which a program that gives no sign counts as one that loops for ever. Default 10000. */
  readonly silentMs?: number;
}

/** Makes a client. No worker is started before the first request. */
export function createLabClient(options: LabClientOptions): LabClient {
  return new Client(options);
}

class Client implements LabClient {
  private readonly machine: Channel;
  private readonly search: Channel;
  private readonly silentMs: number;
  #load: LoadRequest | undefined = undefined;
  /** The schedule that the machine's worker shows. */
  #shown: string | undefined = undefined;
  /** Whether the worker has to be given the program again, because it is a new one. */
  #isMachineNew = false;
  /** What the worker that searches has loaded. */
  #searched: LoadRequest | undefined = undefined;

  constructor({ startWorker, silentMs = 10_000 }: LabClientOptions) {
    this.machine = new Channel(startWorker);
    this.search = new Channel(startWorker);
    this.silentMs = silentMs;
  }

  async load(given: LoadRequest): Promise<Reply<Loaded>> {
    this.#load = given;
    this.#shown = undefined;
    this.#isMachineNew = false;
    return this.#ask('load', given);
  }

  async run(schedule?: string): Promise<Reply<ScheduleRun>> {
    return this.#kept(await this.#askAgain('run', schedule === undefined ? {} : { schedule }));
  }

  snapshot(moment: number): Promise<Reply<Snapshot>> {
    return this.#askAgain('snapshot', { moment });
  }

  async decide(at: number, option: string): Promise<Reply<ScheduleRun>> {
    return this.#kept(await this.#askAgain('decide', { at, option }));
  }

  async moveInterrupt(given: MoveRequest): Promise<Reply<ScheduleRun>> {
    return this.#kept(await this.#askAgain('moveInterrupt', given));
  }

  async explore(given: ExploreRequest, watch: ExploreWatch = {}): Promise<Reply<SearchResult>> {
    const { signal } = watch;
    const load = this.#load;
    if (load === undefined) return { ok: false, error: { text: 'no program is loaded' } };
    if (this.#searched !== load) {
      const loaded = await this.search.ask('load', load, { silentMs: this.silentMs, signal });
      if (loaded.reply === undefined) return this.#endOfSearch(loaded.why, undefined);
      if (!loaded.reply.ok) return loaded.reply;
      this.#searched = load;
    }
    let last: SearchProgress | undefined;
    const found = await this.search.ask('explore', given, {
      silentMs: 2 * this.silentMs,
      signal,
      onProgress: (progress) => {
        last = progress;
        watch.onProgress?.(progress);
      },
    });
    return found.reply ?? this.#endOfSearch(found.why, last);
  }

  close(): void {
    this.machine.end();
    this.search.end();
  }

  #kept(reply: Reply<ScheduleRun>): Reply<ScheduleRun> {
    if (reply.ok) this.#shown = reply.value.schedule;
    return reply;
  }

  /** Asks a worker that may be a new one: it is brought to where the one before was. */
  async #askAgain<Name extends RequestName>(
    name: Name,
    given: Requests[Name]['given'],
  ): Promise<Reply<Requests[Name]['answer']>> {
    if (this.#isMachineNew && this.#load !== undefined) {
      this.#isMachineNew = false;
      const loaded = await this.#ask('load', this.#load);
      if (!loaded.ok) return loaded;
      if (this.#shown !== undefined) {
        const run = await this.#ask('run', { schedule: this.#shown });
        if (!run.ok) return run;
      }
    }
    return this.#ask(name, given);
  }

  async #ask<Name extends RequestName>(
    name: Name,
    given: Requests[Name]['given'],
  ): Promise<Reply<Requests[Name]['answer']>> {
    const answered: Answered<Name> = await this.machine.ask(name, given, { silentMs: this.silentMs });
    if (answered.reply !== undefined) return answered.reply;
    this.#isMachineNew = true;
    // A program that does not end while it is loaded would not end the next time.
    if (name === 'load') this.#load = undefined;
    return { ok: false, error: { text: this.#whyText(answered.why) } };
  }

  #endOfSearch(why: NoAnswer, last: SearchProgress | undefined): Reply<SearchResult> {
    this.#searched = undefined;
    if (why !== 'aborted') return { ok: false, error: { text: this.#whyText(why) } };
    const { part, isShrinking, ...counts } = last ?? NOTHING_YET;
    const done = part === undefined ? '' : `, about ${String(Math.floor(100 * part))} % of all`;
    return {
      ok: true,
      value: {
        kind: 'cancelled',
        counts,
        found: undefined,
        verdict: isShrinking
          ? 'Stopped while what was found was made shorter; search again to see it.'
          : 'Stopped: nothing was found so far, and nothing is proven.',
        lookedAt: [`${String(counts.schedules)} schedules${done}.`],
        notLookedAt: ['The orders that were left when the search was stopped.'],
      },
    };
  }

  #whyText(why: NoAnswer): string {
    if (why === 'aborted') return 'the page has ended its worker';
    if (why !== 'silent') return `the worker of the page has failed: ${why.failed}`;
    return `the program did not come back within ${String(this.silentMs / 1000)} seconds, so it was ended; a loop without a yield never lets anything else run`;
  }
}

const NOTHING_YET: SearchProgress = {
  schedules: 0,
  steps: 0,
  states: 0,
  pruned: 0,
  milliseconds: 0,
  part: undefined,
  isShrinking: false,
};
