/**
 * Checks files, in threads if there are many.
 */
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { Piscina } from 'piscina';
import { threadUrl } from '../thread-url.ts';
import { UsageError } from '../usage-error.ts';
import type { FileCheck } from './file.ts';
import type { CheckOptions } from './options.ts';
import { checkerFor } from './thread.ts';
import { readFileSync } from 'node:fs';

/** What was found in one file. */
export interface CheckedFile extends FileCheck {
  /** As the user would name it. */
  readonly file: string;
}

/** All that was found. */
export interface Checked {
  readonly files: readonly CheckedFile[];
  /** How many files were read. */
  readonly read: number;
}

const SKIPPED = /^(?:\.git|Documentation|tools|scripts|node_modules)$/;
const PIECE_FILES = 12;
/** Fewer files are checked before a thread has started. */
const WORTH_THREADS = 40;

/** The C files of the paths that a user names: a directory stands for all that is in it. */
export function filesOf(paths: readonly string[]): readonly string[] {
  const files: string[] = [];
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new UsageError(`${path}: there is no such file`);
    if (!found.isDirectory()) files.push(path);
    else collect(path, files, true);
  }
  return files;
}

function collect(folder: string, files: string[], isTop: boolean): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!(isTop && SKIPPED.test(entry.name)) && entry.name !== '.git') collect(path, files, false);
    } else if (entry.isFile() && entry.name.endsWith('.c')) files.push(path);
  }
}

/** Checks files. */
export async function checkFiles(
  files: readonly string[],
  options: CheckOptions,
  tell: (done: number, of: number) => void,
): Promise<Checked> {
  const checked =
    files.length < WORTH_THREADS ? await here(files, options) : await threads(files, options, tell);
  return {
    read: files.length,
    files: checked.flatMap((check, at) =>
      check === undefined ? [] : [{ ...check, file: shown(files[at] ?? '') }],
    ),
  };
}

/** A file as the user would name it. */
function shown(file: string): string {
  const path = relative('.', file);
  return path.startsWith('..') ? file : path;
}

async function here(
  files: readonly string[],
  options: CheckOptions,
): Promise<readonly (FileCheck | undefined)[]> {
  const check = await checkerFor(options);
  return files.map((file) => check(readFileSync(file, 'latin1'), file));
}

async function threads(
  files: readonly string[],
  options: CheckOptions,
  tell: (done: number, of: number) => void,
): Promise<readonly (FileCheck | undefined)[]> {
  const pool = new Piscina<readonly string[], readonly (FileCheck | undefined)[]>({
    filename: threadUrl('check').href,
    workerData: options,
    maxThreads: availableParallelism(),
    minThreads: availableParallelism(),
  });
  let done = 0;
  try {
    const pieces: Promise<readonly (FileCheck | undefined)[]>[] = [];
    for (let at = 0; at < files.length; at += PIECE_FILES) {
      const piece = files.slice(at, at + PIECE_FILES);
      pieces.push(
        pool.run(piece).then((result) => {
          done += piece.length;
          tell(done, files.length);
          return result;
        }),
      );
    }
    return (await Promise.all(pieces)).flat();
  } finally {
    await pool.destroy();
  }
}
