/**
 * Measures how fast the core is at the moment.
 *
 * A guest of a shared host does not have its core to itself. While another guest runs on the core's other thread,
 * instructions take up to twice as long, but a copy of memory hardly takes longer. The ratio of copies with bookkeeping to
 * copies without bookkeeping then depends more on the other guest than on the work. So the meter times a fixed piece of
 * work that uses only registers and none of the measured code, and this time tells which rounds were disturbed.
 */

/** If the work takes this many times its best time or more, the core counts as shared. */
const SHARED_FROM = 1.3;

/** The index of the best time among the least readings. The few readings below it are errors of the clock. */
const SLIPS = 4;

const TURNS = 100_000;

/** Receives the result of the work. Without it the compiler could remove the work. */
const sink = new Int32Array(1);

/** Four chains of additions and shifts, which keep as many instructions in flight as the core allows. */
function registerWork(): void {
  let a = 1;
  let b = 2;
  let c = 3;
  let d = 4;
  for (let i = 0; i < TURNS; i += 1) {
    a = (a + i) ^ (a << 1);
    b = (b + i) ^ (b << 1);
    c = ((c ^ i) + (c << 1)) | 0;
    d = ((d ^ i) + (d << 1)) | 0;
  }
  sink[0] = a ^ b ^ c ^ d;
}

/** Reads how fast the core is, and keeps the best reading. */
export class CoreMeter {
  readonly #clock: () => number;
  readonly #work: () => void;
  readonly #knownMicros: number;
  /** The least readings, in ascending order. */
  #least: readonly number[] = [];

  /** Takes a clock of CPU time in microseconds, and the best time of earlier processes. */
  constructor(clock: () => number, knownMicros: number, work: () => void = registerWork) {
    this.#clock = clock;
    this.#knownMicros = knownMicros;
    this.#work = work;
  }

  /** The best time of the work in microseconds; infinite until there are enough readings. */
  get bestMicros(): number {
    return Math.min(this.#knownMicros, this.#least[SLIPS] ?? Number.POSITIVE_INFINITY);
  }

  /** Times the work once, in microseconds. */
  read(): number {
    const start = this.#clock();
    this.#work();
    const micros = this.#clock() - start;
    if (micros < (this.#least[SLIPS] ?? Number.POSITIVE_INFINITY))
      this.#least = [...this.#least, micros].sort((a, b) => a - b).slice(0, SLIPS + 1);
    return micros;
  }

  /** Whether a reading shows that the core is not shared, judged by the best time that is known now. */
  isQuiet(reading: number): boolean {
    return reading < SHARED_FROM * this.bestMicros;
  }

  /** Reads until the core is quiet, but not longer than `micros`; returns how long that took. */
  waitForQuiet(micros: number): number {
    const start = this.#clock();
    let waited = 0;
    while (waited < micros && !this.isQuiet(this.read())) waited = this.#clock() - start;
    return waited;
  }
}
