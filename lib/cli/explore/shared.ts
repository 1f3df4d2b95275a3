/**
 * Memory that the thread that explores and the one that watches it have in common: neither waits for the other.
 */
import type { Counts, StopSignal } from 'scatterlist/explore';

/** What the thread does; the time for each is bounded by itself. */
const PHASES = ['loading', 'exploring', 'reporting'] as const;
export type Phase = (typeof PHASES)[number];

/** Why the watch stops the thread, as the report tells it. */
const REASONS = ['interrupted', 'memory', 'time'] as const;
export type Reason = (typeof REASONS)[number];

/** Places of the whole numbers. */
const STOP = 0;
const BEATS = 1;
const PHASE = 2;
const FLAGS = 3;
/** The numbers of `Counts`, then the part that is explored. */
const NUMBERS = 6;
const FLAG_BYTES = 8 * Math.ceil((4 * FLAGS) / 8);

/** How far a thread is, and whether it must stop. */
export class Shared {
  readonly buffer: SharedArrayBuffer;
  private readonly flags: Int32Array;
  private readonly numbers: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(FLAG_BYTES + 8 * NUMBERS)) {
    this.buffer = buffer;
    this.flags = new Int32Array(buffer, 0, FLAGS);
    this.numbers = new Float64Array(buffer, FLAG_BYTES, NUMBERS);
  }

  /** For the thread: whether it must stop. Each look is a sign of life. */
  signal(textOf: (reason: Reason) => string): StopSignal {
    const { flags } = this;
    const reason = (): Reason | undefined => REASONS[Atomics.load(flags, STOP) - 1];
    return {
      get aborted() {
        Atomics.add(flags, BEATS, 1);
        return Atomics.load(flags, STOP) !== 0;
      },
      get reason() {
        const given = reason();
        return given === undefined ? undefined : textOf(given);
      },
    };
  }

  /** Tells the thread to stop; only the first reason counts. */
  stop(reason: Reason): void {
    Atomics.compareExchange(this.flags, STOP, 0, 1 + REASONS.indexOf(reason));
  }

  get reason(): Reason | undefined {
    return REASONS[Atomics.load(this.flags, STOP) - 1];
  }

  /** Signs of life so far. */
  get beats(): number {
    return Atomics.load(this.flags, BEATS);
  }

  get phase(): Phase {
    return PHASES[Atomics.load(this.flags, PHASE)] ?? 'loading';
  }

  set phase(phase: Phase) {
    Atomics.store(this.flags, PHASE, PHASES.indexOf(phase));
  }

  get counts(): Counts {
    const [schedules = 0, steps = 0, states = 0, pruned = 0, milliseconds = 0] = this.numbers;
    return { schedules, steps, states, pruned, milliseconds };
  }

  /** The part that is explored, where the strategy can tell. */
  get progress(): number | undefined {
    const part = this.numbers[NUMBERS - 1] ?? NaN;
    return Number.isNaN(part) ? undefined : part;
  }

  /** Leaves the counts where the watch finds them. */
  tell({ schedules, steps, states, pruned, milliseconds }: Counts, part: number | undefined): void {
    this.numbers.set([schedules, steps, states, pruned, milliseconds, part ?? NaN]);
  }
}
