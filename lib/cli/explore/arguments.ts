/**
 * The command line of `scatterlist explore`.
 */
import { parseArgs } from 'node:util';
import { checkWritable } from '../files.ts';
import { refuseRepeats } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import { LIMITS, limitsOf } from './limits.ts';

/** What `scatterlist explore --help` prints. */
export const EXPLORE_HELP = `scatterlist explore: run a program in every order of events, report the first that breaks a rule

  scatterlist explore FILE     a module whose default export is defineProgram(…)
  --strategy NAME       exhaustive (default), brute, bound:N, random[:SEED], pct[:SEED], round-robin, determinism
  --budget N            stop after N schedules, or after N seconds where it ends in s (default 60s)
  --trace FILE          write the schedule found for Perfetto (ui.perfetto.dev) or chrome://tracing
  --html FILE           write it as one page
  --save FILE           write it for scatterlist replay, and for replayFile in a unit test
  --all                 print every row of its timeline, not a screenful
  --workers N           N threads share the search (default: one for each core, after a second; 1: this one alone)
  --shard I/N           explore part I (from 1) of N only; with --json, merge the parts by --merge
  --merge FILE...       no program: merge the reports of shards
  --memory SIZE         stop when the process takes more (default: half of the machine's, at most 4G)
  --json                the outcome, for a program

Ctrl-C prints what was found so far; a second one ends at once.

Exit code 0: explored to the end, nothing found. 1: a rule is broken. 2: wrong usage, or the program cannot be
explored: it is not deterministic, or a step does not return. 3: nothing found, and not everything was tried.
70: a bug in scatterlist itself.
`;

/** Reads it. */
export function parseExplore(args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      strategy: { type: 'string', default: 'exhaustive' },
      trace: { type: 'string' },
      html: { type: 'string' },
      save: { type: 'string' },
      all: { type: 'boolean', default: false },
      shard: { type: 'string' },
      workers: { type: 'string' },
      merge: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      ...LIMITS,
    },
  });
  refuseRepeats(tokens);
  refuseIgnored(tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : [])));
  checkWritable(values.trace);
  checkWritable(values.html);
  checkWritable(values.save);
  const [file = '', ...rest] = positionals;
  if (!values.merge && rest.length > 0)
    throw new UsageError(`one program at a time; what is "${rest.join(' ')}"?`);
  return { values, file, files: positionals, ...limitsOf(values) };
}

/** Options that cannot be combined. They are refused, because ignoring one would look as if it had taken effect. */
function refuseIgnored(given: readonly string[]): void {
  const beside: readonly (readonly [string, readonly string[]])[] = [
    ['merge', ['strategy', 'budget', 'trace', 'html', 'save', 'workers', 'shard']],
    ['workers', ['strategy', 'shard']],
    ['shard', ['strategy']],
  ];
  for (const [option, others] of beside) {
    const other = others.find((name) => given.includes(name));
    if (given.includes(option) && other !== undefined)
      throw new UsageError(`--${option} and --${other}: one or the other`);
  }
}
