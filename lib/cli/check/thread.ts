/**
 * The thread in which files are checked.
 */
import { workerData } from 'node:worker_threads';
import { checkerFor } from './checker.ts';
import type { CheckOne, FileResult } from './checker.ts';
import type { CachePlace } from './cache.ts';
import type { CheckOptions } from './options.ts';

/** What the pool passes to its threads. */
export interface ThreadData {
  readonly options: CheckOptions;
  readonly cache: CachePlace | undefined;
}

function dataOf(data: unknown): ThreadData;
function dataOf(data: unknown): unknown {
  return data;
}

let checker: CheckOne | undefined;

/** Checks some files. */
export default async function run(files: readonly string[]): Promise<readonly FileResult[]> {
  if (checker === undefined) {
    const { options, cache } = dataOf(workerData);
    checker = checkerFor(options, cache);
  }
  const results: FileResult[] = [];
  for (const file of files) results.push(await checker.file(file));
  return results;
}
