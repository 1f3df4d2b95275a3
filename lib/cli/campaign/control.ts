/**
 * Memory by which a campaign tells its threads what to do, without waiting for them.
 */
const STOP = 0;
const ASKED = 1;
const SCHEDULES = 2;
const WORDS = 3;
/** Schedules are not counted where there is no limit. */
const UNLIMITED = -1;

/** What all threads of a pool look at. */
export class Control {
  readonly memory: SharedArrayBuffer;
  private readonly words: Int32Array;

  /** New memory, for so many schedules; or that of another thread. */
  constructor(memory?: SharedArrayBuffer, schedules = Infinity) {
    this.memory = memory ?? new SharedArrayBuffer(4 * WORDS);
    this.words = new Int32Array(this.memory);
    if (memory === undefined) this.words[SCHEDULES] = schedules < 2 ** 31 ? schedules : UNLIMITED;
  }

  get isStopped(): boolean {
    return Atomics.load(this.words, STOP) !== 0;
  }

  stop(): void {
    Atomics.store(this.words, STOP, 1);
  }

  /** Asks what is left. */
  ask(): void {
    Atomics.add(this.words, ASKED, 1);
  }

  /** How often that was asked. */
  get asked(): number {
    return Atomics.load(this.words, ASKED);
  }

  /** Notes schedules that ended; whether the last that was allowed is among them. */
  countSchedules(ended: number): boolean {
    if (Atomics.load(this.words, SCHEDULES) === UNLIMITED || ended === 0) return false;
    const isLast = Atomics.sub(this.words, SCHEDULES, ended) <= ended;
    if (isLast) this.stop();
    return isLast;
  }
}
