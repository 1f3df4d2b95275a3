/**
 * A campaign in a file: what is left of it, so that it can go on later.
 *
 * The file is bound to the program's file by a hash of its text. Visited states are not in it; some are met again.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readWithin } from '../files.ts';
import { UsageError } from '../usage-error.ts';
import type { Left } from './bag.ts';

const FORMAT = 'scatterlist checkpoint';
const VERSION = 1;
const MOST_BYTES = 2 ** 28;

/** A hash of the text of a program's file. */
export function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Writes a checkpoint in one step: what was there before stays until the new one is whole. */
export function writeCheckpoint(path: string, program: string, left: Left): void {
  const text = JSON.stringify({ format: FORMAT, version: VERSION, program: hashOf(program), left });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

interface Checkpoint {
  readonly format: string;
  readonly version: number;
  readonly program: string;
  readonly left: Left;
}

/** Reads a checkpoint of a program. */
export function readCheckpoint(path: string, program: string): Left {
  const text = new TextDecoder().decode(readWithin(path, MOST_BYTES));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // It is refused below.
  }
  if (!isCheckpoint(value)) throw new UsageError(`${path}: it is no checkpoint of scatterlist`);
  if (value.version !== VERSION)
    throw new UsageError(
      `${path}: it has format ${String(value.version)}, this version reads format ${String(VERSION)}`,
    );
  if (value.program !== hashOf(program))
    throw new UsageError(`${path}: it belongs to another program than ${program} is now`);
  return value.left;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (typeof value !== 'object' || value === null || !('format' in value && value.format === FORMAT))
    return false;
  if (!('version' in value && 'program' in value && 'left' in value)) return false;
  const { left } = value;
  return (
    typeof left === 'object' && left !== null && ['pieces', 'seen', 'counts'].every((key) => key in left)
  );
}
