/**
 * The `scatterlist` command: finds the subcommand and runs it.
 */
import { printable } from 'scatterlist/explore';
import { EXIT } from './exit-codes.ts';
import { CONVERT_CHECK_HELP, convertCheckWatched } from './convert-check.ts';
import { EXPLORE_HELP, exploreWatched } from './explore.ts';
import { CAMPAIGN_HELP, WORKER_HELP, campaign, worker } from './campaign.ts';
import { AUDIT_HELP, audit } from './audit.ts';
import { EXPERIMENT_HELP, experiment } from './experiment.ts';
import { MATRIX_HELP, matrix } from './matrix.ts';
import { MANIFEST } from './package-root.ts';
import { REPLAY_HELP, replayWatched } from './replay.ts';
import { RUN_HELP, runWatched } from './run.ts';
import { SLICE_HELP, slice } from './slice.ts';
import { UsageError, isUsersMistake } from './usage-error.ts';

interface Command {
  readonly run: (args: readonly string[]) => Promise<number>;
  readonly help: string;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['matrix', { run: matrix, help: MATRIX_HELP }],
  ['audit', { run: audit, help: AUDIT_HELP }],
  ['explore', { run: exploreWatched, help: EXPLORE_HELP }],
  ['campaign', { run: campaign, help: CAMPAIGN_HELP }],
  ['worker', { run: worker, help: WORKER_HELP }],
  ['run', { run: runWatched, help: RUN_HELP }],
  ['replay', { run: replayWatched, help: REPLAY_HELP }],
  ['convert-check', { run: convertCheckWatched, help: CONVERT_CHECK_HELP }],
  ['slice', { run: slice, help: SLICE_HELP }],
  ['experiment', { run: experiment, help: EXPERIMENT_HELP }],
]);

const REPORT_TO = 'Please report it, with the program and the command line.';

const HELP = `scatterlist ${MANIFEST.version}: Linux scatterlist and highmem mapping, without a kernel

${[...COMMANDS.values()].map(({ help }) => `  ${help.split('\n')[0] ?? ''}`).join('\n')}

scatterlist help COMMAND tells more, as does scatterlist COMMAND --help; --version, or -v, prints the
version.

Exit codes of all commands, with --json or without:

  ${EXIT.exhausted}   everything was tried, and nothing is wrong
  ${EXIT.violation}   a rule is broken, or a cell of the matrix did what its contract does not say
  ${EXIT.mistake}   wrong usage, or a program, schedule or input that is of no use; stderr says why in one line
  ${EXIT.outOfBudget}   nothing was found, but not everything was tried
  ${EXIT.bug}  a bug in scatterlist itself; stderr begins with "scatterlist: BUG:"
`;

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined) {
    process.stdout.write(HELP);
    return EXIT.mistake;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(args[0] === undefined ? HELP : commandOf(args[0]).help);
    return 0;
  }
  if (name === '--version' || name === '-v' || name === '-V') {
    process.stdout.write(`${MANIFEST.version}\n`);
    return 0;
  }
  const command = commandOf(name);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(args);
}

function commandOf(name: string): Command {
  const command = COMMANDS.get(name);
  if (command !== undefined) return command;
  throw new UsageError(`no command "${name}"; there is ${[...COMMANDS.keys()].join(', ')}`);
}

/** Tells an error, and returns the exit code for it. */
function told(error: unknown): number {
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

// The reader of a pipe may end first, as `head` does. That is not an error.
if (process.stdout.listenerCount('error') === 0)
  process.stdout.on('error', (error: Error & { readonly code?: unknown }) => {
    if (error.code === 'EPIPE') return;
    process.exit(told(error));
  });
// What is thrown in a callback.
if (process.listenerCount('uncaughtException') === 0)
  process.on('uncaughtException', (error) => process.exit(told(error)));
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = told(error);
}
