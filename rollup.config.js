// Three builds: the library as ES modules, the library as CommonJS, and the command.
//
// - One output file per source file (preserveModules), so that a bundler drops what is not used and a
//   stack trace names the file it came from.
// - The entries are the "source" files of package.json's exports; `./backends/*` stands for the files in
//   backends/, so a new backend needs no change here.
// - Target es2022: `using` is rewritten, because Node 20 cannot parse it.
// - Class fields as tsconfig.json has them, for speed; see there.
// - dist/cjs has a package.json of its own that says commonjs; then .js and .d.ts need no .cjs twin.
// - Source maps name the .ts files instead of containing them: lib/ and backends/ are in the package.
// - The command and its ports import the library by name, as a user would, and find the ES modules of
//   this very package: the library is there once, and a report tells its frames from the port's.
// - A warning (a cycle, an unresolved import, an unused import) fails the build.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'rollup-plugin-esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const npmDependencies = Object.keys({ ...pkg.dependencies, ...pkg.peerDependencies });

/** 'scatterlist/backends' → the absolute path of backends/index.ts */
const sourceOf = new Map(
  Object.entries(pkg.exports)
    .filter(([, target]) => target?.source)
    .flatMap(([subpath, { source }]) =>
      source.includes('*') ? expand(subpath, source) : [[subpath, source]],
    )
    .map(([subpath, source]) => [join(pkg.name, subpath), join(root, source)]),
);

function expand(subpath, source) {
  const names = readdirSync(join(root, source, '..')).flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []);
  return names
    .filter((name) => name !== 'index')
    .map((name) => [subpath.replace('*', name), source.replace('*', name)]);
}

const common = {
  plugins: [
    esbuild({
      target: 'es2022',
      tsconfig: false,
      tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    }),
  ],
  onLog(level, log, handler) {
    handler(level === 'warn' ? 'error' : level, log);
  },
};

const written = {
  preserveModules: true,
  preserveModulesRoot: root,
  entryFileNames: '[name].js',
  sourcemap: true,
  sourcemapExcludeSources: true,
};

const commonjsMarker = {
  name: 'commonjs-marker',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

/**
 * A relative import into lib/ or backends/ would give the command a second copy of the library. How text is broken into
 * lines has no state, and is no part of the library's surface.
 */
const oneLibrary = {
  name: 'one-library',
  generateBundle(_, bundle) {
    const copied = Object.keys(bundle).filter((file) =>
      /^(backends|lib\/(?!cli\/|base\/text-lines))/.test(file),
    );
    if (copied.length > 0) this.error(`the command must import by name what is in ${copied.join(', ')}`);
  },
};

// Both formats are written from one graph, because most of the time goes into making that.
const library = {
  ...common,
  // Only `scatterlist/c` uses them; a test checks that.
  external: isBuiltin,
  input: [...sourceOf.values()],
  output: [
    { ...written, dir: 'dist/esm', format: 'es' },
    { ...written, dir: 'dist/cjs', format: 'cjs', plugins: [commonjsMarker] },
  ],
};

const commandFile = 'scatterlist.js';

const command = {
  ...common,
  // All but the first are started as threads.
  input: [
    'lib/cli/scatterlist.ts',
    'lib/cli/explore/thread.ts',
    'lib/cli/campaign/thread.ts',
    'lib/cli/matrix/thread.ts',
    'lib/cli/lab/thread.ts',
    'lib/cli/check/thread.ts',
  ],
  external: (id) =>
    isBuiltin(id) ||
    npmDependencies.some((name) => id === name || id.startsWith(`${name}/`)) ||
    sourceOf.has(id),
  output: {
    ...written,
    dir: 'dist/cli',
    format: 'es',
    entryFileNames: ({ name }) => (name === 'lib/cli/scatterlist' ? commandFile : '[name].js'),
    banner: ({ fileName }) => (fileName === commandFile ? '#!/usr/bin/env node' : ''),
    plugins: [oneLibrary],
  },
};

const builds = [library];
if (existsSync(join(root, command.input[0]))) builds.push(command);
else console.error(`note: no ${command.input[0]} yet, so no command is built`);

export default builds;
