/**
 * Reads the files that a command line names, up to a limit, and writes them, or says in one sentence why a file cannot be
 * used.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from './usage-error.ts';

const PIECE_BYTES = 64 * 1024;
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EISDIR', 'it is a directory'],
  ['EACCES', 'permission is denied'],
  ['EPERM', 'permission is denied'],
  ['EROFS', 'its file system is read-only'],
  ['ENOSPC', 'no space is left on its device'],
]);

/** The error for a file that cannot be used. */
function refused(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  return new UsageError(`${file}: ${REASONS.get(String(error.code)) ?? error.message}`);
}

/** Reads a file, a pipe or a device; refuses it when more bytes than the limit have been read. */
export function readWithin(file: string, maxBytes: number): Uint8Array {
  let opened: number | undefined;
  try {
    opened = openSync(file, 'r');
    const found = fstatSync(opened);
    refuseDirectory(file, found);
    if (found.size > maxBytes) throw tooLong(file, `${String(found.size)} bytes`, maxBytes);
    return readAll(file, opened, maxBytes);
  } catch (error) {
    throw refused(file, error);
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

// A device or a pipe has a size of 0 but may deliver any number of bytes.
function readAll(file: string, opened: number, maxBytes: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let total = 0; ;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const bytes = readSync(opened, piece);
    if (bytes === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, bytes));
    total += bytes;
    if (total > maxBytes) throw tooLong(file, `more than ${String(maxBytes)} bytes`, maxBytes);
  }
}

function tooLong(file: string, has: string, maxBytes: number): UsageError {
  return new UsageError(`${file}: it has ${has}, and the limit is ${String(maxBytes)}`);
}

function refuseDirectory(file: string, found: Stats): void {
  if (found.isDirectory()) throw new UsageError(`${file}: it is a directory`);
}

/** Refuses a file that is not there, or is a directory. */
export function checkReadable(file: string): void {
  try {
    refuseDirectory(file, statSync(file));
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw refused(file, error);
  }
}

/** Refuses, before the work begins, an output file that cannot be written. */
export function checkWritable(file: string | undefined): void {
  if (file === undefined) return;
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found !== undefined) refuseDirectory(file, found);
    accessSync(found === undefined ? dirname(file) : file, constants.W_OK);
  } catch (error) {
    throw refused(file, error);
  }
}

/** Writes a file. */
export function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw refused(file, error);
  }
}
