/**
 * The progress of a run on the error output, with the time left.
 */

/** What is told while jobs are done. */
export interface Tell {
  /** Whether cells are run, or explored in every order. */
  readonly phase: 'cells' | 'orders';
  readonly doneCells: number;
  readonly cells: number;
  /** Cells that are explored afterwards. */
  readonly later: number;
  /** Since the phase began. */
  readonly elapsedMs: number;
  readonly what: string;
}

const LEAST_MS = 1000;

/**
 * The time that is left for this phase, if cells go on to take as long as those that are done. It is told after a second,
 * because the first cells also pay for the start of the threads.
 */
export function timeLeft({ doneCells, cells, elapsedMs }: Tell): string {
  if (elapsedMs < LEAST_MS || doneCells === 0) return '';
  const seconds = Math.ceil(((elapsedMs / doneCells) * (cells - doneCells)) / 1000);
  return seconds < 60
    ? `about ${String(seconds)} s left`
    : `about ${String(Math.ceil(seconds / 60))} min left`;
}

/** The line of the progress; empty at the end. */
export function progressText(tell: Tell): string {
  const { phase, doneCells, cells, later, what } = tell;
  if (doneCells === cells && later === 0) return '';
  const then = later === 0 ? '' : `, then ${String(later)} to explore`;
  const unit = phase === 'cells' ? 'cells' : 'cells in every order';
  return `${String(doneCells)} of ${String(cells)} ${unit}  ${timeLeft(tell)}${then}  ${what}`;
}

/** Shows the progress if the error output is a terminal. */
export function tellProgress(tell: Tell): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${progressText(tell)}`);
}
