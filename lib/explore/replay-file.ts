/**
 * Replays a schedule from a file, so that a bug that was found once stays a unit test of one line.
 */
import { builtIn, read } from '../base/built-in.ts';
import { ConfigError } from '../base/invariant.ts';
import { checkOptions } from '../base/options.ts';
import { oneLine } from '../base/printable.ts';
import { parseSchedule } from './choice.ts';
import { explain } from './explain.ts';
import type { Explained } from './explain.ts';
import type { Program } from './program.ts';
import { parseSaved } from './saved-schedule.ts';
import type { SavedSchedule } from './saved-schedule.ts';

/** What must be the case, otherwise `replayFile` throws. */
export interface ReplayOptions {
  /**
   * `broken`: the schedule fits, and breaks the rule that the file names. `fixed`: no rule is broken; if a decision is
   * not possible any more, because the fix forbids it, the nearest possible one is taken.
   */
  readonly expect?: 'broken' | 'fixed';
}

/**
 * Replays a schedule that `scatterlist explore --save` wrote, as `explain` does; throws if it does not fit the program.
 * A test needs one line: `replayFile(program, new URL('./lost.schedule', import.meta.url), { expect: 'fixed' })`.
 */
export function replayFile<S extends object>(
  program: Program<S>,
  file: string | { readonly href: string },
  options?: ReplayOptions,
): Explained;
export function replayFile(
  program: Program,
  file: string | { readonly href: string },
  options: ReplayOptions = {},
): Explained {
  checkOptions('replayFile', options, { expect: ['broken', 'fixed'] });
  const path = pathOf(typeof file === 'string' ? file : file.href);
  const from = oneLine(path);
  return replaySaved(program, parseSaved(textOf(path), from), from, options.expect);
}

function replaySaved(
  program: Program,
  saved: SavedSchedule,
  from: string,
  expect: ReplayOptions['expect'],
): Explained {
  const told = explain(program, parseSchedule(saved.schedule));
  const { names, exact, violation, unused } = told;
  const misfit =
    names.join('\n') !== saved.actors.join('\n')
      ? `it has ${listed(names)}, and the schedule was made for ${listed(saved.actors)}`
      : !exact && expect !== 'fixed'
        ? unused > 0
          ? `${String(unused)} of its steps are left when the program ends`
          : 'not every step is possible'
        : undefined;
  if (misfit !== undefined)
    throw new ConfigError(
      `${from} does not fit the program any more: ${oneLine(misfit)}; it was saved from ${oneLine(saved.program)} by version ${oneLine(saved.library)}`,
    );
  if (expect === 'broken' && violation?.rule !== saved.rule)
    throw new Error(
      `${from} does not break ${oneLine(saved.rule)} any more: ${violation === undefined ? 'no rule is broken' : broken(violation)}`,
    );
  if (expect === 'fixed' && violation !== undefined)
    throw new Error(
      `${from} ${violation.rule === saved.rule ? 'still breaks' : `does not break ${oneLine(saved.rule)}, but`} ${broken(violation)}`,
    );
  return told;
}

function broken({ rule, what }: { readonly rule: string; readonly what: string }): string {
  return `${rule}: ${oneLine(what)}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no actors' : `the actors ${names.map((name) => `"${name}"`).join(', ')}`;
}

function pathOf(file: string): string {
  const convert = read(builtIn('node:url'), 'fileURLToPath');
  if (!file.startsWith('file:') || typeof convert !== 'function') return file;
  try {
    return String(Reflect.apply(convert, undefined, [file]));
  } catch (error) {
    throw unreadable(file, error);
  }
}

function textOf(path: string): string {
  const fs = builtIn('node:fs');
  const readFile = read(fs, 'readFileSync');
  if (typeof readFile !== 'function')
    throw new ConfigError(`${oneLine(path)} cannot be read here: replayFile needs Node 20.16 or later`);
  try {
    return String(Reflect.apply(readFile, fs, [path, 'utf8']));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): ConfigError {
  const why = error instanceof Error ? error.message : String(error);
  return new ConfigError(oneLine(`${path} cannot be read: ${why}`));
}
