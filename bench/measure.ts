/**
 * Measuring by ratio: every variant runs in every round, in a fresh random order, beside a baseline;
 * what counts is variant over baseline within the round. CPU time of the process, not the wall clock.
 *
 * Rounds in which the core was shared with another guest of the host are told apart by a meter of their own
 * (core-meter.ts); where enough others are to be had, those count.
 */
import { CoreMeter } from './core-meter.ts';

/** One thing to measure. It does its whole work per call; `perCall` says how many units that is. */
export interface Variant {
  readonly name: string;
  readonly run: () => void;
  /** Units of work a call does (pages, pairs), for rows that are read per unit. */
  readonly perCall?: number;
}

/** A comparison: variants against one baseline. */
export interface Group {
  readonly name: string;
  /** What is measured, in a line for the table. */
  readonly title: string;
  readonly baseline: Variant;
  readonly variants: readonly Variant[];
}

/** A comparison of sizes, not of times: nothing is repeated. */
export interface SizeGroup {
  readonly name: string;
  readonly title: string;
  /** Bytes of the baseline, per unit. */
  readonly baseline: { readonly name: string; readonly bytes: number };
  readonly sizes: readonly { readonly name: string; readonly bytes: number }[];
}

/** Makes a group; called in a fresh process, so that no other group has shaped the code. */
export type GroupMaker = (how: { readonly smoke: boolean }) => Group | SizeGroup;

export interface Row {
  readonly name: string;
  readonly ratio: number;
  /** Least and most ratio over the rounds' middle half: how noisy the row is. */
  readonly low: number;
  readonly high: number;
  /** The ratio in the rounds that were left out, because the core was shared; absent where there were few. */
  readonly shared?: number | undefined;
  /** Nanoseconds of a unit (of a call, where it has no units), or bytes. */
  readonly perUnit: number;
  readonly unit: 'ns' | 'ns per unit' | 'bytes';
}

/**
 * What a variant runs before it is measured, so that the compilers are done with it: so many samples, and up to so many
 * while it was called less often than that. V8 compiles what is called once in a hundred microseconds after thousands of
 * calls only.
 */
const WARM_UP_SAMPLES = 50;
const MOST_WARM_UP_SAMPLES = 250;
const WARM_UP_CALLS = 5000;

const CALIBRATION_SAMPLES = 5;

/** Rounds in all, for each that is wanted. */
const MOST_TRIES = 3;
/** Of the rounds that are wanted, how many run without waiting for a quiet core, to show what sharing it costs. */
const IMPATIENT_SHARE = 0.5;
/** Of the rounds that are wanted, how many have to be quiet to count alone. */
const LEAST_QUIET_SHARE = 0.25;
/** Fewer rounds have no median worth printing. */
const LEAST_SHARED = 5;

/** Rows of a group, and how quiet it was. */
export interface Timing {
  readonly rows: readonly Row[];
  /** What the meter took at best, in microseconds; 0 where nothing was timed. */
  readonly coreMicros: number;
  readonly rounds: number;
  /** How many rounds the core was not shared in. */
  readonly quietRounds: number;
  /** Whether only those count. */
  readonly isQuiet: boolean;
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly sampleMicros: number;
  /** What the meter of the core took at best in earlier processes; infinite before the first. */
  readonly coreMicros: number;
  /** How long to wait for a quiet core, over all rounds. */
  readonly patienceMicros: number;
  /** CPU time of the process in microseconds, and what is timed to see whether the core is shared; for tests. */
  readonly clock?: () => number;
  readonly work?: () => void;
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

type Clock = () => number;

/** CPU microseconds of `times` calls. */
function sample(clock: Clock, run: () => void, times: number): number {
  const start = clock();
  for (let i = 0; i < times; i += 1) run();
  return clock() - start;
}

/**
 * How many calls take about `sampleMicros`. What else the process does meanwhile, compiling in the background say, only
 * adds to a sample; taken for the work itself it would make all later samples too short to be told from the clock.
 */
function calibrate(clock: Clock, run: () => void, sampleMicros: number): number {
  for (let times = 1; ; times *= 2) {
    const micros = Math.min(...Array.from({ length: CALIBRATION_SAMPLES }, () => sample(clock, run, times)));
    if (micros >= sampleMicros / 2)
      return Math.max(1, Math.round((times * sampleMicros) / Math.max(micros, 1)));
  }
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The rows of a group of sizes, which no neighbour disturbs. */
export function sizesOf({ baseline, sizes }: SizeGroup): Timing {
  const rows = [baseline, ...sizes].map(({ name, bytes }): Row => {
    const ratio = bytes / baseline.bytes;
    return { name, ratio, low: ratio, high: ratio, perUnit: bytes, unit: 'bytes' };
  });
  return { rows, coreMicros: 0, rounds: 1, quietRounds: 1, isQuiet: true };
}

/** What one round found, by variant. */
interface Round {
  /** What the meter took: three in four readings took less. */
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
