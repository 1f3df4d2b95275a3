/**
 * The `scatterlist` command: finds the subcommand and runs it.
 */
import { printable } from 'scatterlist/explore';
import { EXPLORE_HELP, exploreWatched } from './explore.ts';
import { CAMPAIGN_HELP, WORKER_HELP, campaign, worker } from './campaign.ts';
import { MATRIX_HELP, matrix } from './matrix.ts';
import { MANIFEST } from './package-root.ts';
import { REPLAY_HELP, replayWatched } from './replay.ts';
import { UsageError, isUsersMistake } from './usage-error.ts';

interface Command {
  readonly run: (args: readonly string[]) => Promise<number>;
  readonly help: string;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['matrix', { run: matrix, help: MATRIX_HELP }],
  ['explore', { run: exploreWatched, help: EXPLORE_HELP }],
  ['campaign', { run: campaign, help: CAMPAIGN_HELP }],
  ['worker', { run: worker, help: WORKER_HELP }],
  ['replay', { run: replayWatched, help: REPLAY_HELP }],
]);

const HELP = `scatterlist ${MANIFEST.version}: Linux scatterlist and highmem mapping, without a kernel

${[...COMMANDS.values()].map(({ help }) => `  ${help.split('\n')[0] ?? ''}`).join('\n')}

scatterlist COMMAND --help tells more; scatterlist --version prints the version.
`;

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    process.stdout.write(`${MANIFEST.version}\n`);
    return 0;
  }
  const command = COMMANDS.get(name);
  if (command === undefined)
    throw new UsageError(`no command "${name}"; there is ${[...COMMANDS.keys()].join(', ')}`);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!isUsersMistake(error)) throw error;
  process.stderr.write(`scatterlist: ${printable(error.message.replaceAll(/\s*\n\s*/g, ' '))}\n`);
  process.exitCode = 2;
}
