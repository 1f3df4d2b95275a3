/**
 * Measuring by ratio: every variant runs in every round, in a fresh random order, beside a baseline;
 * what counts is variant over baseline within the round. CPU time of the process, not the wall clock.
 */

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
  /** Nanoseconds of a unit (of a call, where it has no units), or bytes. */
  readonly perUnit: number;
  readonly unit: 'ns' | 'ns per unit' | 'bytes';
}

/** What a variant runs before it is measured, so that the compilers are done with it. */
const WARM_UP_SAMPLES = 50;

const CALIBRATION_SAMPLES = 5;

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** CPU microseconds of `times` calls. */
function sample(run: () => void, times: number): number {
  const start = cpuMicros();
  for (let i = 0; i < times; i += 1) run();
  return cpuMicros() - start;
}

/**
 * How many calls take about `sampleMicros`. What else the process does meanwhile, compiling in the background say, only
 * adds to a sample; taken for the work itself it would make all later samples too short to be told from the clock.
 */
function calibrate(run: () => void, sampleMicros: number): number {
  for (let times = 1; ; times *= 2) {
    const micros = Math.min(...Array.from({ length: CALIBRATION_SAMPLES }, () => sample(run, times)));
    if (micros >= sampleMicros / 2)
      return Math.max(1, Math.round((times * sampleMicros) / Math.max(micros, 1)));
  }
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The rows of a group of sizes. */
export function sizeRows({ baseline, sizes }: SizeGroup): readonly Row[] {
  return [baseline, ...sizes].map(({ name, bytes }) => {
    const ratio = bytes / baseline.bytes;
    return { name, ratio, low: ratio, high: ratio, perUnit: bytes, unit: 'bytes' };
  });
}

/** Measures a group in this process. */
export function measure(
  group: Group,
  options: { readonly rounds: number; readonly sampleMicros: number },
): readonly Row[] {
  const all = [group.baseline, group.baseline, group.baseline, ...group.variants].map((variant, slot) => ({
    variant,
    slot,
  }));
  for (const { variant } of all)
    sample(variant.run, calibrate(variant.run, options.sampleMicros) * WARM_UP_SAMPLES);
  const times = all.map(({ variant }) => calibrate(variant.run, options.sampleMicros));
  const perCall = all.map(() => [] as number[]);
  const ratios = all.map(() => [] as number[]);
  for (let round = 0; round < options.rounds; round += 1) {
    const order = all.map((_, i) => i).sort(() => Math.random() - 0.5);
    const micros = new Array<number>(all.length).fill(0);
    for (const i of order) micros[i] = sample(all[i]!.variant.run, times[i]!) / times[i]!;
    const base = median(micros.slice(0, 3));
    for (const [i, value] of micros.entries()) {
      perCall[i]!.push(value);
      ratios[i]!.push(value / base);
    }
  }
  return all.slice(2).map(({ variant, slot }) => ({
    name: variant.name,
    ratio: median(ratios[slot]!),
    low: quantile(ratios[slot]!, 0.25),
    high: quantile(ratios[slot]!, 0.75),
    perUnit: (median(perCall[slot]!) * 1000) / (variant.perCall ?? 1),
    unit: variant.perCall === undefined ? 'ns' : 'ns per unit',
  }));
}
