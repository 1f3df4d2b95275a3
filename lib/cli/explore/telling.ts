/**
 * Runs one schedule for its report, which takes long if it has hundreds of thousands of steps.
 */
import { explorerOf } from 'scatterlist/explore';
import type { Choice, DefinedProgram, Explained } from 'scatterlist/explore';
import type { Outside } from './outside.ts';
import { tellingLine } from '../progress.ts';

/** The time for it, if no budget gives another one. */
const USUAL_MS = 60_000;
/** The time for it after the thread was told to stop. */
const LAST_MS = 5000;
const PROGRESS_EVERY_MS = 250;

/** Tells a schedule within the time, and shows how far it is. */
export function telling(
  program: DefinedProgram,
  schedule: readonly Choice[],
  outside: Outside,
  milliseconds: number = USUAL_MS,
): Explained {
  const start = Date.now();
  let shownAt = start;
  const { signal, showsProgress } = outside;
  const told = explorerOf(program).explain(program, schedule, {
    // What was found until it was stopped is told.
    ...(signal?.aborted === true
      ? { milliseconds: LAST_MS }
      : { milliseconds, ...(signal !== undefined && { signal }) }),
    onProgress: (taken, all) => {
      const now = Date.now();
      if (!showsProgress || now - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = now;
      process.stderr.write(`\r\x1b[K${tellingLine(taken / all)}, ${((now - start) / 1000).toFixed(1)} s`);
    },
  });
  if (shownAt !== start) process.stderr.write('\r\x1b[K');
  return told;
}
