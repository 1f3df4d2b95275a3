/**
 * The page's side of the worker: one run at a time, and of the settings that come meanwhile the newest.
 */
import type { FromWorker, Setting, ToWorker } from './messages.ts';

/** A worker, as far as it is used here. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
}

/** Starts a worker; what it sends is told to `hear`. */
export type StartWorker = (hear: (message: FromWorker) => void) => Promise<WorkerLike>;

export class Bench {
  private readonly start: StartWorker;
  private readonly tell: (message: FromWorker) => void;
  private worker: Promise<WorkerLike> | undefined;
  private isRunning = false;
  private next: ToWorker | undefined;

  /** `start` makes a worker, `tell` is told what it sends. */
  constructor(start: StartWorker, tell: (message: FromWorker) => void) {
    this.start = start;
    this.tell = tell;
  }

  async list(): Promise<void> {
    await this.send({ kind: 'list' });
  }

  async weigh(setting: Setting): Promise<void> {
    await this.send({ kind: 'weigh', setting });
  }

  /** Ends a run that takes too long; the next one has a new worker. */
  async cancel(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.isRunning = false;
    this.next = undefined;
    (await worker)?.terminate();
  }

  private async send(message: ToWorker): Promise<void> {
    if (this.isRunning) {
      this.next = message;
      return;
    }
    this.isRunning = true;
    this.worker ??= this.begin();
    const { worker } = this;
    const started = await worker;
    if (this.worker === worker) started.postMessage(message);
  }

  private begin(): Promise<WorkerLike> {
    const worker = this.start((message) => {
      if (this.worker === worker) this.hear(message);
    });
    return worker;
  }

  private hear(message: FromWorker): void {
    this.isRunning = false;
    const { next } = this;
    this.next = undefined;
    this.tell(message);
    if (next !== undefined) void this.send(next);
  }
}
