/**
 * What the subcommands that tell one schedule have in common: `run` and `replay`.
 */
import { parseArgs } from 'node:util';
import type { Explained } from 'scatterlist/explore';
import { checkWritable } from '../files.ts';
import { refuseRepeats } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import { LIMITS, limitsOf } from './limits.ts';
import type { Outside } from './outside.ts';

/** The options of both, as their help names them. */
const ONE_SCHEDULE_HELP = `  --trace FILE, --html FILE, --save FILE, --all   as for explore
  --budget Ns, --memory SIZE           end it after N seconds (default 60s), or when it takes more memory (default:
                                       half of the machine's, at most 4G)`;

/** Reads what both take. */
function parseOneSchedule(name: string, args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      trace: { type: 'string' },
      html: { type: 'string' },
      save: { type: 'string' },
      all: { type: 'boolean', default: false },
      ...LIMITS,
    },
  });
  refuseRepeats(tokens);
  checkWritable(values.trace);
  checkWritable(values.html);
  checkWritable(values.save);
  const { milliseconds, memoryBytes } = limitsOf(values);
  if (milliseconds === Infinity)
    throw new UsageError(`--budget of ${name} takes seconds (60s), not ${values.budget}`);
  return { values, positionals, milliseconds, memoryBytes };
}

/** What `scatterlist run --help` prints. */
export const RUN_HELP = `scatterlist run: run a program once, in the plain order, and tell it step by step

  scatterlist run FILE     each actor goes on until it ends or waits, in the order in which they are declared; what it
                           may choose is 0. Other orders are those of scatterlist explore
${ONE_SCHEDULE_HELP}

Exit code 0: no rule is broken in this order. 1: one is. 2: wrong usage, or the program cannot be run. 3: it was not
run to its end, because of Ctrl-C, the time or the memory. 70: a bug in scatterlist itself.
`;

/** Reads the command line of `run`. */
export function parseRun(args: readonly string[]) {
  const { positionals, ...rest } = parseOneSchedule('run', args);
  const [file, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`run takes one file; what is "${more.join(' ')}"?`);
  return { file, ...rest };
}

/** What `scatterlist replay --help` prints. */
export const REPLAY_HELP = `scatterlist replay: run one schedule of a program and tell it step by step

  scatterlist replay FILE SCHEDULE     both as a report prints them, or a file that --save wrote
${ONE_SCHEDULE_HELP}

Exit code 0: no rule is broken. 1: one is. 2: wrong usage, the schedule does not fit the program, or the program
cannot be run. 3: it was not run to its end, because of Ctrl-C, the time or the memory.
70: a bug in scatterlist itself.
`;

/** Reads the command line of `replay`. */
export function parseReplay(args: readonly string[]) {
  const { positionals, ...rest } = parseOneSchedule('replay', args);
  const [file = '', given, ...more] = positionals;
  if (given === undefined || more.length > 0) throw new UsageError('replay takes a file and a schedule');
  return { file, given, ...rest };
}

/** Why a schedule was not run to its end. */
export function whyStopped({ signal }: Outside): string {
  const { reason } = signal ?? {};
  return typeof reason === 'string' ? reason : 'the time was over';
}

/** Refuses to save a schedule that breaks no rule. */
export function checkSaved(save: string | undefined, what: string, { violation }: Explained): void {
  if (save !== undefined && violation === undefined) throw new UsageError(`--save: ${what} breaks no rule`);
}
