/**
 * How fast the core is just now.
 *
 * A guest of a shared host does not have its core to itself: while another guest runs on the core's other thread,
 * instructions take up to twice as long, and a copy of memory hardly longer. A ratio of copies with bookkeeping to
 * copies without then says more about the neighbour than about the work. So a fixed piece of work, on registers alone
 * and with nothing in it of the code that is measured, tells the rounds apart.
 */

/** A core that takes this many times its best is shared. */
const SHARED_FROM = 1.3;

/** Where among the least readings the best is looked for: the few below it are slips of the clock. */
const SLIPS = 4;

const TURNS = 100_000;

/** Somewhere for the result, without which there would be nothing to work for. */
const sink = new Int32Array(1);

/** Four chains of additions and shifts: as many instructions in flight as the core can have. */
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

/** Reads how fast the core is, and knows the best that it was. */
export class CoreMeter {
  readonly #clock: () => number;
  readonly #work: () => void;
  readonly #knownMicros: number;
  /** The least readings, in ascending order. */
  #least: readonly number[] = [];

  /** A clock of CPU time in microseconds, and the best that earlier processes saw. */
  constructor(clock: () => number, knownMicros: number, work: () => void = registerWork) {
    this.#clock = clock;
    this.#knownMicros = knownMicros;
    this.#work = work;
  }

  /** The least that the work takes, in microseconds; infinite before there are enough readings. */
  get bestMicros(): number {
    return Math.min(this.#knownMicros, this.#least[SLIPS] ?? Number.POSITIVE_INFINITY);
  }

  /** What the work takes now, in microseconds. */
  read(): number {
    const start = this.#clock();
    this.#work();
    const micros = this.#clock() - start;
    if (micros < (this.#least[SLIPS] ?? Number.POSITIVE_INFINITY))
      this.#least = [...this.#least, micros].sort((a, b) => a - b).slice(0, SLIPS + 1);
    return micros;
  }

  /** Whether a reading is that of a core of its own, by the best that is known now. */
  isQuiet(reading: number): boolean {
    return reading < SHARED_FROM * this.bestMicros;
  }

  /** Reads until the core is quiet, but not longer than `micros`; answers how long that was. */
  waitForQuiet(micros: number): number {
    const start = this.#clock();
    let waited = 0;
    while (waited < micros && !this.isQuiet(this.read())) waited = this.#clock() - start;
    return waited;
  }
}
