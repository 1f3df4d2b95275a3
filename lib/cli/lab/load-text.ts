/**
 * Loads a module from a text: a file with call sites as it is, with counters, or with a mistake in it.
 *
 * The text is bundled with what it imports by a path. What it imports of the library is what the command itself uses, so
 * that there is one copy of it.
 */
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname } from 'node:path';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import * as main from 'scatterlist';
import * as backend from 'scatterlist/backend';
import * as backends from 'scatterlist/backends';
import * as conformance from 'scatterlist/conformance';
import * as exploring from 'scatterlist/explore';
import * as lab from 'scatterlist/lab';
import { isCandidate } from 'scatterlist/lab';
import type { Candidate } from 'scatterlist/lab';
import * as machine from 'scatterlist/machine';
import * as ports from 'scatterlist/ports';
import { keepMap } from '../source-lines.ts';
import { UsageError } from '../usage-error.ts';

const LIBRARY: ReadonlyMap<string, object> = new Map<string, object>([
  ['scatterlist', main],
  ['scatterlist/backend', backend],
  ['scatterlist/backends', backends],
  ['scatterlist/conformance', conformance],
  ['scatterlist/explore', exploring],
  ['scatterlist/lab', lab],
  ['scatterlist/machine', machine],
  ['scatterlist/ports', ports],
]);

const oneLibrary: Plugin = {
  name: 'one-library',
  setup(building) {
    building.onResolve({ filter: /^/ }, ({ path }) =>
      LIBRARY.has(path) || isBuiltin(path) ? { path, external: true } : undefined,
    );
  },
};

let loaded = 0;

/** The default export of the text of a file. */
export async function importText(text: string, file: string): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: dirname(file), sourcefile: file, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    sourcemap: 'external',
    outfile: `${file}.js`,
    logLevel: 'silent',
    plugins: [oneLibrary],
  });
  const outputOf = (ending: string): string =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  // A name of its own for each text, by which stacks call it.
  loaded += 1;
  const place = `${file}.${String(loaded)}.js`;
  keepMap(place, outputOf('.js.map'));
  const module: { exports: unknown } = { exports: {} };
  const body = compileFunction(outputOf('.js'), ['require', 'module', 'exports'], { filename: place });
  const requireOfNode = createRequire(file);
  Reflect.apply(body, undefined, [
    (name: string): unknown => LIBRARY.get(name) ?? requireOfNode(name),
    module,
    module.exports,
  ]);
  const { exports } = module;
  return typeof exports === 'object' && exports !== null && 'default' in exports
    ? exports.default
    : undefined;
}

/** The candidate that a text exports. */
export async function importCandidate(text: string, file: string): Promise<Candidate> {
  const exported = await importText(text, file);
  if (!isCandidate(exported))
    throw new UsageError(
      `the default export of ${basename(file)} is not a design with call sites: export default defineCallSites(…)`,
    );
  return exported;
}
