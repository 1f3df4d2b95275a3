/**
 * Errors of a user's program as mistakes of its file.
 */
import { UsageError, isUsersMistake } from './usage-error.ts';

/** An error that the user's program threw outside a schedule, and its place. */
export function failed(file: string, how: string, error: unknown): unknown {
  if (isUsersMistake(error)) return error;
  if (!(error instanceof Error)) return new UsageError(`${file} ${how}: it threw ${String(error)}`);
  const [, place] = /\n +at (?:.*\()?(?:file:\/\/)?([^()\n]+:\d+:\d+)\)?/.exec(error.stack ?? '') ?? [];
  // By name, because the program may have a copy of the library of its own.
  if (error.name === 'InvariantError') return error;
  const where = place === undefined || error.name === 'ConfigError' ? '' : ` (at ${place})`;
  return new UsageError(`${file} ${how}: ${error.name}: ${error.message}${where}`);
}
