/**
 * A design with its call sites, as values and as text.
 */
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Candidate } from 'scatterlist/lab';
import { CANDIDATES } from '../../../examples/lab/index.ts';
import { readWithin } from '../files.ts';
import { PACKAGE_FOLDER } from '../package-root.ts';
import { UsageError } from '../usage-error.ts';
import { importCandidate } from './load-text.ts';
import { SiteFile } from './site-source.ts';

/** A design that is measured. */
export interface Design {
  readonly candidate: Candidate;
  readonly source: SiteFile;
  /** How its file is named to the user. */
  readonly file: string;
}

const FOLDER = 'examples/lab';
const MOST_BYTES = 1024 * 1024;

/** The designs that come with the library. */
export function ownDesigns(): readonly Design[] {
  return CANDIDATES.map((candidate) => {
    const file = `${FOLDER}/${candidate.facade.name}.ts`;
    const path = join(PACKAGE_FOLDER, file);
    return { candidate, file, source: new SiteFile(path, readFileSync(path, 'utf8')) };
  });
}

/** A user's own design. */
export async function loadDesign(file: string): Promise<Design> {
  const text = await formatted(Buffer.from(readWithin(file, MOST_BYTES)).toString('utf8'), file);
  const path = resolve(file);
  const candidate = await importCandidate(text, path);
  return { candidate, file, source: new SiteFile(path, text) };
}

/** Formats a text as the call sites of the library are, so that lines compare, if prettier is installed. */
async function formatted(text: string, file: string): Promise<string> {
  try {
    const { format } = await import('prettier');
    return await format(text, { parser: 'typescript', printWidth: 110, singleQuote: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return text;
    throw new UsageError(
      `${basename(file)} is not TypeScript: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
