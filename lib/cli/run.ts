/**
 * `scatterlist run`: a user's own program once, in the plain order.
 */
import { explorerOf, formatSchedule } from 'scatterlist/explore';
import { EXIT } from './exit-codes.ts';
import { checkSaved, parseRun, whyStopped } from './explore/one-schedule.ts';
import { PROCESS } from './explore/outside.ts';
import type { Outside } from './explore/outside.ts';
import { layout, write } from './explore/report.ts';
import { telling } from './explore/telling.ts';
import { load, running } from './load.ts';

/** Runs `scatterlist run`. */
export async function run(args: readonly string[], outside: Outside = PROCESS): Promise<number> {
  const { values, file = '', milliseconds } = parseRun(args);
  const program = await load(file === '' ? undefined : file);
  const { formatReport } = explorerOf(program);
  outside.enter('exploring');
  const told = running(file, () => telling(program, [], outside, milliseconds));
  outside.enter('reporting');
  if (told.stopped === true) {
    const steps = String(told.schedule.length);
    process.stdout.write(
      `The program was not run to its end: ${whyStopped(outside)} after ${steps} steps.\n`,
    );
    return EXIT.outOfBudget;
  }
  checkSaved(values.save, 'this order', told);
  process.stdout.write(formatReport(told, { ...layout(values, outside.columns), file }));
  write(program, formatSchedule(told.schedule), told, values, file);
  return told.violation === undefined ? EXIT.exhausted : EXIT.violation;
}
