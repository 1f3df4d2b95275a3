/**
 * Checks files, in threads if there are many.
 */
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { threadUrl } from '../thread-url.ts';
import { UsageError } from '../usage-error.ts';
import type { CachePlace } from './cache.ts';
import { checkerFor } from './checker.ts';
import type { FileResult } from './checker.ts';
import type { FileCheck } from './file.ts';
import type { CheckOptions } from './options.ts';
import type { ThreadData } from './thread.ts';

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
  readonly unreadable: readonly Unreadable[];
}

/** A file or a folder that could not be read. */
export interface Unreadable {
  readonly file: string;
  readonly why: string;
}

/** Files to check. */
export interface Found {
  readonly files: readonly string[];
  readonly unreadable: readonly Unreadable[];
}

const SKIPPED = /^(?:\.git|Documentation|tools|scripts|node_modules)$/;
/** Each piece is a message to a thread and one back. */
const PIECE_FILES = 48;
/** Fewer files are checked before a thread has started. */
const WORTH_THREADS = 40;

/** The C files of the paths that a user names: a directory stands for all that is in it. Links are not followed. */
export function filesOf(paths: readonly string[]): Found {
  const files: string[] = [];
  const unreadable: Unreadable[] = [];
  for (const path of paths) {
    const isDirectory = refusing(path, () => statSync(path).isDirectory());
    if (!isDirectory) files.push(path);
    else {
      refusing(path, () => readdirSync(path));
      collect(path, true, files, unreadable);
    }
  }
  // A file may be named, and lie in a directory that is named as well.
  const once = new Map(files.map((file) => [resolve(file), file]));
  return { files: [...once.values()], unreadable };
}

function refusing<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    const code = codeOf(error);
    throw new UsageError(
      `${path}: ${code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`}`,
    );
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  throw error;
}

function collect(folder: string, isTop: boolean, files: string[], unreadable: Unreadable[]): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!(isTop && SKIPPED.test(entry.name)) && entry.name !== '.git')
          collect(path, false, files, unreadable);
      } else if (entry.isFile() && entry.name.endsWith('.c')) files.push(path);
    }
  } catch (error) {
    unreadable.push({ file: shown(folder), why: `it cannot be read (${codeOf(error)})` });
  }
}

/** How files are checked. */
export interface Running {
  readonly options: CheckOptions;
  readonly cache: CachePlace | undefined;
  /** For many files. Default: one for each core. */
  readonly threads?: number;
  readonly tell?: (done: number, of: number) => void;
}

/** Checks files. */
export async function checkFiles({ files, unreadable }: Found, running: Running): Promise<Checked> {
  const results = files.length < WORTH_THREADS ? await here(files, running) : await threads(files, running);
  const checked: CheckedFile[] = [];
  const unread = [...unreadable];
  for (const [at, result] of results.entries()) {
    const file = shown(files[at] ?? '');
    if (result === undefined) continue;
    if ('why' in result) unread.push({ file, why: result.why });
    else checked.push({ ...result, file });
  }
  return { read: files.length, files: checked, unreadable: unread };
}

/** A file as the user would name it. */
function shown(file: string): string {
  const path = relative('.', file);
  return path.startsWith('..') ? file : path;
}

async function here(files: readonly string[], { options, cache }: Running): Promise<readonly FileResult[]> {
  const checker = checkerFor(options, cache);
  const results: FileResult[] = [];
  for (const file of files) results.push(await checker.file(file));
  return results;
}

async function threads(
  files: readonly string[],
  { options, cache, threads: count = availableParallelism(), tell }: Running,
): Promise<readonly FileResult[]> {
  const { Piscina } = await import('piscina');
  const data: ThreadData = { options, cache };
  const pool = new Piscina<readonly string[], readonly FileResult[]>({
    filename: threadUrl('check').href,
    workerData: data,
    maxThreads: count,
    minThreads: count,
  });
  let done = 0;
  try {
    const pieces: Promise<readonly FileResult[]>[] = [];
    for (let at = 0; at < files.length; at += PIECE_FILES) {
      const piece = files.slice(at, at + PIECE_FILES);
      pieces.push(
        pool.run(piece).then((result) => {
          done += piece.length;
          tell?.(done, files.length);
          return result;
        }),
      );
    }
    return (await Promise.all(pieces)).flat();
  } finally {
    await pool.destroy();
  }
}
