/**
 * Measures ratios. Every variant runs in every round, in a new random order, beside a baseline, and the result is the ratio
 * of variant to baseline within the round. The clock is the CPU time of the process and not the wall clock.
 *
 * A meter (core-meter.ts) detects rounds in which another guest of the host used the same core. If there are enough other
 * rounds, only those count.
 */
import { CoreMeter } from './core-meter.ts';

/** One kind of work to measure. Each call does all of it; `perCall` says how many units that is. */
export interface Variant {
  readonly name: string;
  readonly run: () => void;
  /** The units of work that one call does (pages, pairs), for rows that are shown per unit. */
  readonly perCall?: number;
}

/** A comparison of variants with one baseline. */
export interface Group {
  readonly name: string;
  /** Says in one line of the table what is measured. */
  readonly title: string;
  readonly baseline: Variant;
  readonly variants: readonly Variant[];
}

/** A comparison of sizes. Unlike times they are taken only once. */
export interface SizeGroup {
  readonly name: string;
  readonly title: string;
  /** What is counted. Default: bytes. */
  readonly unit?: 'bytes' | 'steps' | 'times';
  /** Bytes of the baseline, per unit. */
  readonly baseline: { readonly name: string; readonly bytes: number };
  readonly sizes: readonly { readonly name: string; readonly bytes: number }[];
}

/** Makes a group. It is called in a fresh process, so that the code is not optimised for another group. */
export type GroupMaker = (how: { readonly smoke: boolean }) => Group | SizeGroup | Promise<Group | SizeGroup>;

export interface Row {
  readonly name: string;
  readonly ratio: number;
  /** The least and the greatest ratio of the middle half of the rounds, which show how noisy the row is. */
  readonly low: number;
  readonly high: number;
  /** The ratio in the rounds that were left out because the core was shared; `undefined` if there were too few. */
  readonly shared?: number | undefined;
  /** Nanoseconds of a unit (of a call, if the row has no units), or bytes. */
  readonly perUnit: number;
  readonly unit: 'ns' | 'ns per unit' | 'bytes' | 'steps' | 'times';
}

/**
 * How much a variant runs before it is measured, so that V8 has finished compiling it. It runs at least the first number of
 * samples, and at most the second number until it was called as often as the third number says. V8 compiles a function
 * that is called once in a hundred microseconds only after thousands of calls.
 */
const WARM_UP_SAMPLES = 50;
const MOST_WARM_UP_SAMPLES = 250;
const WARM_UP_CALLS = 5000;

const CALIBRATION_SAMPLES = 5;

/** The greatest number of rounds, as a multiple of the wanted number. */
const MOST_TRIES = 3;
/** The share of the wanted rounds that do not wait for a quiet core. They show what sharing the core costs. */
const IMPATIENT_SHARE = 0.5;
/** The share of the wanted rounds that must be quiet, so that only quiet rounds count. */
const LEAST_QUIET_SHARE = 0.25;
/** With fewer shared rounds than this, their median is not printed. */
const LEAST_SHARED = 5;

/** The rows of a group, and how quiet the core was. */
export interface Timing {
  readonly rows: readonly Row[];
  /** The best time of the meter in microseconds; 0 if no time was measured. */
  readonly coreMicros: number;
  readonly rounds: number;
  /** The number of rounds in which the core was not shared. */
  readonly quietRounds: number;
  /** Whether only the quiet rounds count. */
  readonly isQuiet: boolean;
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly sampleMicros: number;
  /** The best time of the core meter in earlier processes; infinite before the first. */
  readonly coreMicros: number;
  /** The longest time to wait for a quiet core, over all rounds. */
  readonly patienceMicros: number;
  /** Only for tests: a clock of CPU time in microseconds, and the work whose time shows whether the core is shared. */
  readonly clock?: () => number;
  readonly work?: () => void;
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

type Clock = () => number;

/** The CPU time of `times` calls, in microseconds. */
function sample(clock: Clock, run: () => void, times: number): number {
  const start = clock();
  for (let i = 0; i < times; i += 1) run();
  return clock() - start;
}

/**
 * Returns how many calls take about `sampleMicros`. Other work of the process, such as compiling in the background, only
 * makes a sample longer. If such a sample were used, the later samples would be too short for the clock, so the shortest counts.
 */
function calibrate(clock: Clock, run: () => void, sampleMicros: number): number {
  for (let times = 1; ; times *= 2) {
    const micros = Math.min(...Array.from({ length: CALIBRATION_SAMPLES }, () => sample(clock, run, times)));
    if (micros >= sampleMicros / 2)
      return Math.max(1, Math.round((times * sampleMicros) / Math.max(micros, 1)));
  }
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The rows of a group of sizes. Other guests of the host cannot disturb these. */
export function sizesOf({ baseline, sizes, unit = 'bytes' }: SizeGroup): Timing {
  const rows = [baseline, ...sizes].map(({ name, bytes }): Row => {
    const ratio = bytes / baseline.bytes;
    return { name, ratio, low: ratio, high: ratio, perUnit: bytes, unit };
  });
  return { rows, coreMicros: 0, rounds: 1, quietRounds: 1, isQuiet: true };
}

/** The results of one round, by variant. */
interface Round {
  /** The time of the meter, of which three quarters of the readings were below. */
  readonly reading: number;
  readonly micros: readonly number[];
  readonly ratios: readonly number[];
}

/** Measures a group in this process. */
export function measure(group: Group, options: MeasureOptions): Timing {
  const clock = options.clock ?? cpuMicros;
  const all = [group.baseline, group.baseline, group.baseline, ...group.variants];
  const meter = new CoreMeter(clock, options.coreMicros, options.work);
  for (const { run } of all) {
    const inSample = calibrate(clock, run, options.sampleMicros);
    const calls = Math.max(WARM_UP_CALLS, WARM_UP_SAMPLES * inSample);
    sample(clock, run, Math.min(calls, MOST_WARM_UP_SAMPLES * inSample));
    meter.read();
  }
  const times = all.map(({ run }) => calibrate(clock, run, options.sampleMicros));
  const runRound = (): Round => {
    const order = all.map((_, i) => i).sort(() => Math.random() - 0.5);
    const micros = new Array<number>(all.length).fill(0);
    const readings = [meter.read()];
    for (const i of order) {
      micros[i] = sample(clock, all[i]!.run, times[i]!) / times[i]!;
      readings.push(meter.read());
    }
    const base = median(micros.slice(0, 3));
    return { reading: quantile(readings, 0.75), micros, ratios: micros.map((value) => value / base) };
  };
  const rounds: Round[] = [];
  const undisturbed = (): readonly Round[] => rounds.filter(({ reading }) => meter.isQuiet(reading));
  let patienceMicros = options.patienceMicros;
  while (rounds.length < MOST_TRIES * options.rounds && undisturbed().length < options.rounds) {
    if (rounds.length >= IMPATIENT_SHARE * options.rounds)
      patienceMicros -= meter.waitForQuiet(patienceMicros);
    rounds.push(runRound());
  }
  const quiet = undisturbed();
  const isQuiet = quiet.length >= LEAST_QUIET_SHARE * options.rounds;
  const kept = isQuiet ? quiet : rounds;
  const others = isQuiet ? rounds.filter((round) => !quiet.includes(round)) : [];
  const rows = all.slice(2).map(({ name, perCall }, i): Row => {
    const ratios = kept.map((round) => round.ratios[i + 2]!);
    return {
      name,
      ratio: median(ratios),
      low: quantile(ratios, 0.25),
      high: quantile(ratios, 0.75),
      shared: others.length < LEAST_SHARED ? undefined : median(others.map((round) => round.ratios[i + 2]!)),
      perUnit: (median(kept.map((round) => round.micros[i + 2]!)) * 1000) / (perCall ?? 1),
      unit: perCall === undefined ? 'ns' : 'ns per unit',
    };
  });
  return { rows, coreMicros: meter.bestMicros, rounds: rounds.length, quietRounds: quiet.length, isQuiet };
}
