/**
 * Finds the folder of the package, both from the sources and from the built command.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Manifest {
  readonly name: string;
  readonly version: string;
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'name' in value && 'version' in value;
}

function find(): { readonly folder: string; readonly manifest: Manifest } {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (isManifest(manifest)) return { folder, manifest };
    }
    if (folder === dirname(folder)) throw new Error('the package.json of scatterlist is missing');
  }
}

/** The folder of the package, and its package.json. */
export const { folder: PACKAGE_FOLDER, manifest: MANIFEST } = find();
