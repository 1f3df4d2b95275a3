/**
 * Keeps what was found in files, by what it was found from: the content of the file and of its headers, the options, and
 * the code of the check itself.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { MANIFEST, PACKAGE_FOLDER } from '../package-root.ts';
import { IS_SOURCE } from '../thread-url.ts';
import type { FileCheck } from './file.ts';
import type { CheckOptions } from './options.ts';

/** Where results are kept, as plain data for threads. */
export interface CachePlace {
  readonly folder: string;
  /** What decides the results besides the files. */
  readonly version: string;
}

const MOST_BYTES = 64 * 2 ** 20;
const PRUNED = '.pruned';
const PRUNED_EACH_MS = 60 * 60 * 1000;

/** The place for results of a check with these options, by the code that runs now. */
export function cachePlace(options: CheckOptions): CachePlace {
  const { SCATTERLIST_CACHE, XDG_CACHE_HOME } = process.env;
  const folder = SCATTERLIST_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'scatterlist');
  const code = join(PACKAGE_FOLDER, IS_SOURCE ? 'lib/cli' : 'dist/cli');
  const modules = readdirSync(code, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file))
    .sort();
  const version = hashOf([
    MANIFEST.version,
    JSON.stringify(options),
    ...modules.map((file) => {
      const { size, mtimeMs } = statSync(join(code, file));
      return `${file} ${String(size)} ${String(mtimeMs)}`;
    }),
  ]);
  return { folder: join(folder, 'check'), version };
}

/** Results on disk. What cannot be read or written is as if it were not there. */
export class Cache {
  private readonly place: CachePlace;

  constructor(place: CachePlace) {
    this.place = place;
  }

  /** What was found in a file, or what `make` finds in it now. */
  async get(texts: readonly string[], make: () => Promise<FileCheck>): Promise<FileCheck> {
    const file = join(this.place.folder, `${hashOf([this.place.version, ...texts])}.json`);
    const known = read(file);
    if (known !== undefined) return known;
    const made = await make();
    write(this.place.folder, file, made);
    return made;
  }
}

/** Prunes the cache if that was not done within the last hour: looking at thousands of files takes a while. */
export function pruneHourly(place: CachePlace): void {
  const stamp = join(place.folder, PRUNED);
  try {
    const last = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Math.abs(Date.now() - last) < PRUNED_EACH_MS) return;
    writeFileSync(stamp, '');
  } catch {
    // There is no folder, or it cannot be written to.
    return;
  }
  prune(place);
}

/** Deletes the oldest results until the rest is not too large. */
function prune({ folder }: CachePlace): void {
  try {
    const files = readdirSync(folder).flatMap((name) => {
      const found = statSync(join(folder, name), { throwIfNoEntry: false });
      return found === undefined ? [] : [{ name, bytes: found.size, at: found.mtimeMs }];
    });
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.sort((a, b) => a.at - b.at)) {
      if (bytes <= MOST_BYTES) return;
      rmSync(join(folder, file.name), { recursive: true, force: true });
      bytes -= file.bytes;
    }
  } catch {
    // There is no folder, or another process deletes the same files.
  }
}

function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${String(part.length)}:`).update(part);
  return hash.digest('hex').slice(0, 40);
}

// The first line is the hash of the rest: a file that was cut, or written by something else, does not count.
function read(file: string): FileCheck | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const end = text.indexOf('\n');
  const rest = text.slice(end + 1);
  return end > 0 && text.slice(0, end) === hashOf([rest]) ? checkOf(JSON.parse(rest)) : undefined;
}

// What `write` has written, as the hash says.
function checkOf(data: unknown): FileCheck;
function checkOf(data: unknown): unknown {
  return data;
}

// A file comes into being as a whole, so that another process never reads half of it.
function write(folder: string, file: string, check: FileCheck): void {
  const text = JSON.stringify(check);
  const part = `${file}-${String(process.pid)}-${String(threadId)}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(part, `${hashOf([text])}\n${text}`);
    renameSync(part, file);
  } catch {
    // A full or a read-only disk: the result is found anew next time.
  }
}
