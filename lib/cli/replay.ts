/**
 * `scatterlist replay`: one schedule of a user's own program.
 */
import { existsSync } from 'node:fs';
import { explorerOf, parseSaved, parseSchedule } from 'scatterlist/explore';
import type { SavedSchedule } from 'scatterlist/explore';
import { EXIT } from './exit-codes.ts';
import { checkSaved, parseReplay, whyStopped } from './explore/one-schedule.ts';
import { failed } from './failed.ts';
import { load, running } from './load.ts';
import { PROCESS } from './explore/outside.ts';
import type { Outside } from './explore/outside.ts';
import { layout, write } from './explore/report.ts';
import { telling } from './explore/telling.ts';
import { readWithin } from './files.ts';
import { UsageError } from './usage-error.ts';

/** A schedule of a million steps has a fraction of it. */
const MOST_BYTES = 2 ** 26;

/** Runs `scatterlist replay`. */
export async function replay(args: readonly string[], outside: Outside = PROCESS): Promise<number> {
  const { values, file, given, milliseconds } = parseReplay(args);
  const program = await load(file);
  const saved = savedIn(given);
  const schedule = saved?.schedule ?? given;
  const { formatReport } = explorerOf(program);
  outside.enter('exploring');
  const told = running(file, () => telling(program, parseSchedule(schedule), outside, milliseconds));
  outside.enter('reporting');
  const what = saved === undefined ? `the schedule '${schedule}'` : given;
  if (saved !== undefined && told.names.join('\n') !== saved.actors.join('\n'))
    throw new UsageError(
      `${what} does not fit ${file}, which has the actors ${told.names.join(', ')} and not ${saved.actors.join(', ')}: has it changed?`,
    );
  if (told.stopped === true) {
    const { length } = told.schedule;
    process.stdout.write(
      `The schedule was not run to its end: ${whyStopped(outside)} after ${String(length)} of its ${String(length + told.unused)} decisions.\n`,
    );
    return EXIT.outOfBudget;
  }
  if (!told.exact) {
    const left =
      told.unused > 0 ? ` (${String(told.unused)} of its steps are left when the program ends)` : '';
    throw new UsageError(`${what} does not fit ${file}${left}: has it changed?`);
  }
  checkSaved(values.save, what, told);
  process.stdout.write(formatReport(told, { ...layout(values, outside.columns), file }));
  write(program, schedule, told, values, file);
  return told.violation === undefined ? EXIT.exhausted : EXIT.violation;
}

/** What a file holds; `undefined` for a schedule that is given as it is. */
function savedIn(given: string): SavedSchedule | undefined {
  try {
    parseSchedule(given);
    return undefined;
  } catch (error) {
    if (!existsSync(given)) throw failed(given, 'is no file, and no schedule', error);
  }
  const text = new TextDecoder().decode(readWithin(given, MOST_BYTES));
  try {
    return parseSaved(text, given);
  } catch (error) {
    throw error instanceof Error ? new UsageError(error.message) : error;
  }
}
