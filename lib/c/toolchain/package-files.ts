/**
 * Finds the folder of the package, both from the sources and from a build.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvariantError } from '../../base/invariant.ts';

function find(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'c', 'include', 'linux'))) return folder;
    if (folder === dirname(folder))
      throw new InvariantError('the folder c/include of scatterlist is missing');
  }
}

const ROOT = find();

/** The headers that C code includes. */
export const INCLUDE_FOLDER: string = join(ROOT, 'c', 'include');

/** The version of the package, with which cached modules are made. */
export function packageVersion(): string {
  const [, version = ''] =
    /"version": "([^"]*)"/.exec(readFileSync(join(ROOT, 'package.json'), 'utf8')) ?? [];
  return version;
}
