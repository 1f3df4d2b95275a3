/**
 * The thread in which files are checked.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { checkText } from './file.ts';
import type { FileCheck } from './file.ts';
import { contractsFor, namesOf } from './options.ts';
import type { CheckOptions } from './options.ts';
import { Grammar } from './parse/grammar.ts';

// What the pool passes to its threads.
function optionsOf(data: unknown): CheckOptions;
function optionsOf(data: unknown): unknown {
  return data;
}

/** Checks a text that lies, or would lie, at a path; returns nothing for one in which nothing is mapped. */
export type CheckOne = (text: string, path: string) => FileCheck | undefined;

let checker: Promise<CheckOne> | undefined;

/** Makes what checks texts. */
export async function checkerFor(options: CheckOptions): Promise<CheckOne> {
  const grammar = await Grammar.load();
  const contracts = contractsFor(options);
  const names = namesOf(contracts);
  return (text, path) => {
    const headers = headersOf(text, path).filter((header) => names.test(header));
    if (!names.test(text) && headers.length === 0) return undefined;
    return checkText(grammar, text, contracts, headers);
  };
}

// The headers beside a file, whose inline functions may map and unmap for it.
function headersOf(text: string, path: string): readonly string[] {
  return [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]+"([\w./-]+\.h)"/gm)].flatMap(([, name = '']) => {
    try {
      return [readFileSync(join(dirname(path), name), 'latin1')];
    } catch {
      // It lies in a folder that only the build knows.
      return [];
    }
  });
}

/** Checks some files. */
export default async function run(files: readonly string[]): Promise<readonly (FileCheck | undefined)[]> {
  checker ??= checkerFor(optionsOf(workerData));
  const check = await checker;
  return files.map((file) => check(readFileSync(file, 'latin1'), file));
}
