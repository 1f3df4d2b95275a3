/**
 * One worker and the requests to it, one after another. A request that does not come back ends the worker, and the next
 * request starts another.
 */
import type { Reply, RequestName, Requests, SearchProgress } from './messages.ts';

/** A worker, as far as a channel uses it. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
}

/** Starts a worker. */
export type StartWorker = () => Promise<WorkerLike>;

/** How a request is made. */
export interface Asking {
  /** The time without a sign of the worker after which it is ended. */
  readonly silentMs: number;
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Ends the worker. The request is then answered by `whenAborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** Why there is no answer. */
export type NoAnswer = 'silent' | 'aborted' | { readonly failed: string };

/** What became of a request. */
export type Answered<Name extends RequestName> =
  { readonly reply: Reply<Requests[Name]['answer']> } | { readonly reply: undefined; readonly why: NoAnswer };

interface Waiting {
  readonly id: number;
  readonly answer: (reply: unknown) => void;
  readonly fail: (why: NoAnswer) => void;
  readonly progress: (progress: SearchProgress) => void;
}

/** The requests to one worker. */
export class Channel {
  private readonly start: StartWorker;
  #worker: WorkerLike | undefined = undefined;
  #waiting: Waiting | undefined = undefined;
  #last = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(start: StartWorker) {
    this.start = start;
  }

  /** Makes a request once those before it have ended. `name` and `given` belong together. */
  ask<Name extends RequestName>(
    name: Name,
    given: Requests[Name]['given'],
    asking: Asking,
  ): Promise<Answered<Name>> {
    const asked = this.#turn.then(() => this.#ask(name, given, asking));
    this.#turn = asked.catch(() => undefined);
    return asked;
  }

  /** Ends the worker. What is asked of it now has failed. */
  end(why: NoAnswer = 'aborted'): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#waiting?.fail(why);
  }

  async #ask<Name extends RequestName>(
    name: Name,
    given: Requests[Name]['given'],
    { silentMs, onProgress = () => undefined, signal }: Asking,
  ): Promise<Answered<Name>> {
    if (signal?.aborted === true) return { reply: undefined, why: 'aborted' };
    const worker = await this.#started();
    if (typeof worker === 'string') return { reply: undefined, why: { failed: worker } };
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      const abort = (): void => {
        this.end('aborted');
      };
      const restart = (): ReturnType<typeof setTimeout> =>
        setTimeout(() => {
          this.end('silent');
        }, silentMs);
      let timer = restart();
      const done = (answered: Answered<Name>): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#waiting = undefined;
        resolve(answered);
      };
      this.#waiting = {
        id,
        answer: (reply) => {
          done(isReply<Name>(reply) ? { reply } : { reply: undefined, why: { failed: 'no answer' } });
        },
        fail: (why) => {
          done({ reply: undefined, why });
        },
        progress: (progress) => {
          clearTimeout(timer);
          timer = restart();
          onProgress(progress);
        },
      };
      signal?.addEventListener('abort', abort);
      worker.postMessage({ id, name, given });
    });
  }

  async #started(): Promise<WorkerLike | string> {
    if (this.#worker !== undefined) return this.#worker;
    let worker: WorkerLike;
    try {
      worker = await this.start();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    worker.onmessage = ({ data }) => {
      this.#heard(data);
    };
    worker.onerror = ({ message }) => {
      this.end({ failed: message });
    };
    this.#worker = worker;
    return worker;
  }

  #heard(data: unknown): void {
    const waiting = this.#waiting;
    if (waiting === undefined || !isMessage(data) || data.id !== waiting.id) return;
    if (data.kind === 'answer') waiting.answer(data.reply);
    else waiting.progress(data.progress);
  }
}

type Heard =
  | { readonly id: number; readonly kind: 'answer'; readonly reply: unknown }
  | { readonly id: number; readonly kind: 'progress'; readonly progress: SearchProgress };

function isMessage(data: unknown): data is Heard {
  return typeof data === 'object' && data !== null && 'id' in data && 'kind' in data;
}

// The worker is a part of the same page: what it answers is what the request says.
function isReply<Name extends RequestName>(reply: unknown): reply is Reply<Requests[Name]['answer']> {
  return typeof reply === 'object' && reply !== null && 'ok' in reply;
}
