/** Computes the figures of a group, which are medians over the processes that measured it. */
import { median } from './measure.ts';
import type { Row } from './measure.ts';
import type { Measured } from './worker.ts';

/** One row over all processes. It is `noisy` if they disagree by more than a quarter. */
export interface Figure {
  readonly name: string;
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
  /** Nanoseconds of a unit (of a call, if the row has no units), or bytes. */
  readonly perUnit: number;
  readonly unit: Row['unit'];
  readonly noisy: boolean;
  /** The ratio in the rounds that were left out because another guest of the host shared the core. */
  readonly shared?: number | undefined;
}

/** The figures of a group over all processes. */
export interface GroupResult {
  readonly title: string;
  readonly baseline: string;
  /** The number of processes that had the core to themselves for long enough. */
  readonly quietProcesses: number;
  /** The number of processes that count: the quiet ones, or all if too few were quiet. */
  readonly processes: number;
  readonly figures: readonly Figure[];
}

export interface Aim {
  readonly group: string;
  readonly row: string;
  /** The greatest allowed ratio of the row to `over`, which is a row of the group, or its baseline by default. */
  readonly most: number;
  readonly over?: string;
}

/** The output of `npm run bench -- --json`. */
export interface Printed {
  readonly processes: number;
  readonly node: string;
  readonly cpu: string;
  readonly results: Readonly<Record<string, GroupResult>>;
}

const quietOf = (runs: readonly Measured[]): readonly Measured[] => runs.filter(({ isQuiet }) => isQuiet);

/** Whether enough processes had the core to themselves. */
export const isQuietEnough = (runs: readonly Measured[], wanted: number): boolean =>
  quietOf(runs).length >= wanted;

/** The figures of a group from the results of its processes, of which there is at least one. */
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
