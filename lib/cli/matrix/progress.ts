/**
 * The progress of a run on the error output, with the time left.
 */

/** What is told while rows run. */
export interface Tell {
  readonly doneCells: number;
  readonly cells: number;
  readonly what: string;
}

const LEAST_MS = 1000;

/**
 * The time that is left, if cells go on to take as long as those that are done. It is told after a second, because the
 * first cells also pay for the start of the threads.
 */
export function timeLeft({ doneCells, cells }: Tell, elapsedMs: number): string {
  if (elapsedMs < LEAST_MS || doneCells === 0) return '';
  const seconds = Math.ceil(((elapsedMs / doneCells) * (cells - doneCells)) / 1000);
  return seconds < 60
    ? `about ${String(seconds)} s left`
    : `about ${String(Math.ceil(seconds / 60))} min left`;
}

/** A function that shows the progress if the error output is a terminal. */
export function progressTeller(): (tell: Tell) => void {
  const start = Date.now();
  return (tell) => {
    if (!process.stderr.isTTY) return;
    const { doneCells, cells, what } = tell;
    const left = timeLeft(tell, Date.now() - start);
    const text =
      doneCells === cells ? '' : `${String(doneCells)} of ${String(cells)} cells  ${left}  ${what}`;
    process.stderr.write(`\r\u001b[K${text}`);
  };
}
