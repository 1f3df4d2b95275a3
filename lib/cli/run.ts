/**
 * `scatterlist run`: a user's own program once, in the plain order.
 */
import { explorerOf, formatSchedule } from 'scatterlist/explore';
import { EXIT } from './exit-codes.ts';
import { ONE_SCHEDULE_HELP, checkSaved, parseOneSchedule, whyStopped } from './explore/one-schedule.ts';
import { PROCESS } from './explore/outside.ts';
import type { Outside } from './explore/outside.ts';
import { layout, write } from './explore/report.ts';
import { telling } from './explore/telling.ts';
import { watched } from './explore/watch.ts';
import { load, running } from './load.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist run --help` prints. */
export const RUN_HELP = `scatterlist run: run a program once, in the plain order, and tell it step by step

  scatterlist run FILE     each actor goes on until it ends or waits, in the order in which they are declared; what it
                           may choose is 0. Other orders are those of scatterlist explore
${ONE_SCHEDULE_HELP}

Exit code 0: no rule is broken in this order. 1: one is. 2: wrong usage, or the program cannot be run. 3: it was not
run to its end, because of Ctrl-C, the time or the memory. 70: a bug in scatterlist itself.
`;

function parse(args: readonly string[]) {
  const { positionals, ...rest } = parseOneSchedule('run', args);
  const [file, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`run takes one file; what is "${more.join(' ')}"?`);
  return { file, ...rest };
}

/** Runs `scatterlist run`. */
export async function run(args: readonly string[], outside: Outside = PROCESS): Promise<number> {
  const { values, file = '', milliseconds } = parse(args);
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

/** The same, in a thread that is watched. */
export async function runWatched(args: readonly string[]): Promise<number> {
  const { file = '', milliseconds, memoryBytes } = parse(args);
  return watched('run', args, { file, strategy: 'replay', milliseconds, memoryBytes, json: false });
}
