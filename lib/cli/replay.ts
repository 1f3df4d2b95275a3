/**
 * `scatterlist replay`: one schedule of a user's own program.
 */
import { parseArgs } from 'node:util';
import { explorerOf, parseSchedule } from 'scatterlist/explore';
import { load, running } from './explore/load.ts';
import { layout, write } from './explore/report.ts';
import { checkWritable } from './files.ts';
import { refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist replay --help` prints. */
export const REPLAY_HELP = `scatterlist replay: run one schedule of a program and tell it step by step

  scatterlist replay FILE SCHEDULE     both as a report prints them
  --trace FILE, --html FILE, --all     as for explore

Exit code 0: no rule is broken. 1: one is. 2: wrong usage, or the schedule does not fit the program.
`;

/** Runs `scatterlist replay`. */
export async function replay(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      trace: { type: 'string' },
      html: { type: 'string' },
      all: { type: 'boolean', default: false },
    },
  });
  refuseRepeats(tokens);
  checkWritable(values.trace);
  checkWritable(values.html);
  const [file = '', schedule, ...rest] = positionals;
  if (schedule === undefined || rest.length > 0) throw new UsageError('replay takes a file and a schedule');
  const program = await load(file);
  const { explain, formatReport } = explorerOf(program);
  const told = running(file, () => explain(program, parseSchedule(schedule)));
  if (!told.exact) {
    const left =
      told.unused > 0 ? ` (${String(told.unused)} of its steps are left when the program ends)` : '';
    throw new UsageError(`the schedule '${schedule}' does not fit ${file}${left}: has it changed?`);
  }
  process.stdout.write(formatReport(told, { ...layout(values), file }));
  write(program, schedule, values, file);
  return told.violation === undefined ? 0 : 1;
}
