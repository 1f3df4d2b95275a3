/**
 * The subcommands that run a program, each in a thread that is watched. This thread needs little of the library, so it
 * loads little.
 */
import { EXPLORE_HELP, parseExplore } from './explore/arguments.ts';
import { REPLAY_HELP, RUN_HELP, parseReplay, parseRun } from './explore/one-schedule.ts';
import { watched } from './explore/watch.ts';

/** `scatterlist explore`; to merge reports takes no thread. */
async function explore(args: readonly string[]): Promise<number> {
  const { values, file, milliseconds, memoryBytes } = parseExplore(args);
  if (values.merge) return (await import('./explore.ts')).explore(args);
  const { strategy, json } = values;
  return watched('explore', args, { file, strategy, milliseconds, memoryBytes, json });
}

/** `scatterlist run`. */
async function run(args: readonly string[]): Promise<number> {
  const { file = '', milliseconds, memoryBytes } = parseRun(args);
  return watched('run', args, { file, strategy: 'replay', milliseconds, memoryBytes, json: false });
}

/** `scatterlist replay`. */
async function replay(args: readonly string[]): Promise<number> {
  const { file, milliseconds, memoryBytes } = parseReplay(args);
  return watched('replay', args, { file, strategy: 'replay', milliseconds, memoryBytes, json: false });
}

export const EXPLORE = { run: explore, help: EXPLORE_HELP } as const;
export const RUN = { run, help: RUN_HELP } as const;
export const REPLAY = { run: replay, help: REPLAY_HELP } as const;
