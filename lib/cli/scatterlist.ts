/**
 * The `scatterlist` command: finds the subcommand and runs it.
 */
import { EXIT } from './exit-codes.ts';
import { fitted } from './help-text.ts';
import { MANIFEST } from './package-root.ts';
import { UsageError, isUsersMistake } from './usage-error.ts';

interface Command {
  readonly run: (args: readonly string[]) => Promise<number>;
  readonly help: string;
}

/** Each is loaded when it is asked for, because loading all takes longer than many of them run. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map<string, () => Promise<Command>>([
  ['matrix', () => import('./matrix.ts').then(({ matrix: run, MATRIX_HELP: help }) => ({ run, help }))],
  ['audit', () => import('./audit.ts').then(({ audit: run, AUDIT_HELP: help }) => ({ run, help }))],
  ['check', () => import('./check.ts').then(({ check: run, CHECK_HELP: help }) => ({ run, help }))],
  ['explore', () => import('./watched.ts').then(({ EXPLORE }) => EXPLORE)],
  [
    'campaign',
    () => import('./campaign.ts').then(({ campaign: run, CAMPAIGN_HELP: help }) => ({ run, help })),
  ],
  ['worker', () => import('./campaign.ts').then(({ worker: run, WORKER_HELP: help }) => ({ run, help }))],
  ['run', () => import('./watched.ts').then(({ RUN }) => RUN)],
  ['replay', () => import('./watched.ts').then(({ REPLAY }) => REPLAY)],
  [
    'convert-check',
    () =>
      import('./convert-check.ts').then(({ convertCheckWatched: run, CONVERT_CHECK_HELP: help }) => ({
        run,
        help,
      })),
  ],
  ['slice', () => import('./slice.ts').then(({ slice: run, SLICE_HELP: help }) => ({ run, help }))],
  ['lab', () => import('./lab.ts').then(({ lab: run, LAB_HELP: help }) => ({ run, help }))],
  [
    'experiment',
    () => import('./experiment.ts').then(({ experiment: run, EXPERIMENT_HELP: help }) => ({ run, help })),
  ],
]);

const REPORT_TO = 'Please report it, with the program and the command line.';

/** The first lines of all helps. */
async function helpOfAll(): Promise<string> {
  const commands = await Promise.all([...COMMANDS.values()].map((load) => load()));
  return `scatterlist ${MANIFEST.version}: Linux scatterlist and highmem mapping, without a kernel

${commands.map(({ help }) => summary(help)).join('\n')}

scatterlist help COMMAND tells more, as does scatterlist COMMAND --help; --version, or -v, prints the
version.

Exit codes of all commands, with --json or without:

  ${EXIT.exhausted}   everything was tried, and nothing is wrong
  ${EXIT.violation}   a rule is broken, or a cell of the matrix did what its contract does not say
  ${EXIT.mistake}   wrong usage, or a program, schedule or input that is of no use; stderr says why in one line
  ${EXIT.outOfBudget}   nothing was found, but not everything was tried
  ${EXIT.bug}  a bug in scatterlist itself; stderr begins with "scatterlist: BUG:"
`;
}

/** `scatterlist run: a program once` as a row of a table. */
function summary(help: string): string {
  const [, name = '', text = ''] = /^scatterlist (\S+): (.*)/.exec(help) ?? [];
  return `  ${name.padEnd(15)}${text}`;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined) {
    process.stdout.write(fitted(await helpOfAll()));
    return EXIT.mistake;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    const help = args[0] === undefined ? await helpOfAll() : (await commandOf(args[0])).help;
    process.stdout.write(fitted(help));
    return 0;
  }
  if (name === '--version' || name === '-v' || name === '-V') {
    process.stdout.write(`${MANIFEST.version}\n`);
    return 0;
  }
  const command = await commandOf(name);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(fitted(command.help));
    return 0;
  }
  return command.run(args);
}

async function commandOf(name: string): Promise<Command> {
  const command = COMMANDS.get(name);
  if (command !== undefined) return command();
  throw new UsageError(`no command "${name}"; there is ${[...COMMANDS.keys()].join(', ')}`);
}

/** Tells an error, and returns the exit code for it. */
async function told(error: unknown): Promise<number> {
  const { printable } = await import('scatterlist/explore');
  if (isUsersMistake(error)) {
    process.stderr.write(`scatterlist: ${printable(error.message.replaceAll(/\s*\n\s*/g, ' '))}\n`);
    return EXIT.mistake;
  }
  if (error instanceof Error && 'syscall' in error && error.syscall === 'write')
    return told(new UsageError(`the output cannot be written: ${error.message}`));
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${printable(`scatterlist: BUG: ${stack}\n${REPORT_TO}`)}\n`);
  return EXIT.bug;
}

async function endWith(error: unknown): Promise<void> {
  process.exit(await told(error));
}

// The reader of a pipe may end first, as `head` does. That is not an error.
if (process.stdout.listenerCount('error') === 0)
  process.stdout.on('error', (error: Error & { readonly code?: unknown }) => {
    if (error.code !== 'EPIPE') void endWith(error);
  });
// What is thrown in a callback.
if (process.listenerCount('uncaughtException') === 0)
  process.on('uncaughtException', (error) => void endWith(error));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = await told(error);
}
