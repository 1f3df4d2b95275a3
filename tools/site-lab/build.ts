/**
 * Builds the laboratory's pages: classic scripts that also run where a page is opened from a file.
 *
 * A page from a file may import no module and start no worker by its address. So each part is one script, and the source
 * of a worker comes in a script that sets it as a string.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from '../public-api.ts';
import { collectExamples } from './examples.ts';

const SOURCE = join(ROOT, 'site/lab');

/** Scripts by the file that they are built from. */
const SCRIPTS = {
  'lab.js': 'view/main.ts',
  'editor.js': 'editor/main.ts',
  'experiments.js': 'experiments/main.ts',
} as const;

/** Workers likewise. */
const WORKERS = {
  'worker.js': 'session/worker.ts',
  'experiments-worker.js': 'experiments/worker.ts',
} as const;

const PAGES = ['index.html', 'experiments.html'];

/** The size of a file that was built. */
export interface BuiltFile {
  readonly file: string;
  readonly bytes: number;
  readonly gzippedBytes: number;
}

/** Builds the page into a folder. */
export async function buildLab(folder: string): Promise<readonly BuiltFile[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const texts = new Map<string, string>();
  for (const [file, entry] of Object.entries(SCRIPTS)) texts.set(file, await bundle(entry));
  for (const [file, entry] of Object.entries(WORKERS))
    texts.set(
      file,
      `(globalThis.scatterlistWorkers ??= {})[${JSON.stringify(file)}] = ${JSON.stringify(await bundle(entry))};\n`,
    );
  texts.set('lab.css', await bundle('style/main.css'));
  texts.set('examples.js', `globalThis.scatterlistExamples = ${JSON.stringify(collectExamples())};\n`);
  for (const [file, text] of texts) writeFileSync(join(folder, file), text);
  for (const page of PAGES) copyFileSync(join(SOURCE, page), join(folder, page));
  return [...texts.keys(), ...PAGES].map((file) => sizeOf(folder, file));
}

/** Bundles one entry into one text. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCE, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    conditions: ['source'],
    // A page has no process to ask.
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'eof',
  });
  return outputFiles[0]?.text ?? '';
}

function sizeOf(folder: string, file: string): BuiltFile {
  const bytes = readFileSync(join(folder, file));
  return { file, bytes: bytes.length, gzippedBytes: gzipSync(bytes).length };
}
