/** The figures of a group: medians over the processes that measured it. */
import { median } from './measure.ts';
import type { Row } from './measure.ts';
import type { Measured } from './worker.ts';

/** One row over all processes. `noisy` where they disagree by more than a quarter. */
export interface Figure {
  readonly name: string;
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
  /** Nanoseconds of a unit (of a call, where it has no units), or bytes. */
  readonly perUnit: number;
  readonly unit: Row['unit'];
  readonly noisy: boolean;
  /** The ratio in rounds that were left out, because another guest of the host shared the core. */
  readonly shared?: number | undefined;
}

/** A group over all processes. */
export interface GroupResult {
  readonly title: string;
  readonly baseline: string;
  /** How many processes had the core to themselves for long enough. */
  readonly quietProcesses: number;
  /** How many processes the figures are from: the quiet ones, or all where fewer than wanted were. */
  readonly processes: number;
  readonly figures: readonly Figure[];
}

const quietOf = (runs: readonly Measured[]): readonly Measured[] => runs.filter(({ isQuiet }) => isQuiet);

/** Whether as many processes had the core to themselves as are wanted. */
export const isQuietEnough = (runs: readonly Measured[], wanted: number): boolean =>
  quietOf(runs).length >= wanted;

/** What the processes found out about a group, of which there is at least one. */
export function figuresOf(runs: readonly Measured[], wanted: number): GroupResult {
  const quiet = quietOf(runs);
  const kept = isQuietEnough(runs, wanted) ? quiet : runs;
  const { title, baseline, rows: first } = runs[0]!;
  const figures = first.map(({ name }, i): Figure => {
    const rows = kept.map((run) => run.rows[i]!);
    const ratios = rows.map((row) => row.ratio);
    const shared = rows.flatMap((row) => row.shared ?? []);
    const least = Math.min(...ratios);
    const most = Math.max(...ratios);
    return {
      name,
      ratio: median(ratios),
      least,
      most,
      perUnit: median(rows.map((row) => row.perUnit)),
      unit: rows[0]!.unit,
      noisy: most > 1.25 * least,
      shared: shared.length === 0 ? undefined : median(shared),
    };
  });
  return { title, baseline, quietProcesses: quiet.length, processes: kept.length, figures };
}
