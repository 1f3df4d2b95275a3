// Four builds: the library as ES modules and as CommonJS, its types, and the command.
//
// - One file per folder of lib/ and one per entry, shared by all entries: a class exists once. CHUNKS names the files
//   that are kept apart, because reports tell by a frame's file whether it is the program's.
// - The entries are the "source" files of package.json's exports; `./backends/*` stands for the files in
//   backends/, so a new backend needs no change here.
// - Target es2022: `using` is rewritten, because Node 20 cannot parse it.
// - Class fields as tsconfig.json has them, for speed; see there.
// - dist/cjs has a package.json of its own that says commonjs; then .js and .d.ts need no .cjs twin.
// - Source maps name the .ts files instead of containing them: lib/ and backends/ are in the package.
// - The types (--configTypes) are what the compiler wrote to dist/declarations, bundled into files as the code is.
// - The command and its ports import the library by name, as a user would, and find the ES modules of
//   this very package: the library is there once, and a report tells its frames from the port's.
// - A warning (a cycle, an unresolved import, an unused import) fails the build.
import { readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dts } from 'rollup-plugin-dts';
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

/** Files that are not put into the one of their folder; lib/machine/call-site.ts knows these names. */
const CHUNKS = new Map([
  // A program calls them, or they stand between it and what it calls. The rest of the explorer runs programs.
  ['lib/explore/access', 'lib/explore/access'],
  ['lib/explore/execution/not-run', 'lib/explore/access'],
  // They run ports. The rest of lib/ports is called by ports, or stands between them and a backend.
  ['lib/ports/run-program', 'lib/ports/run-program'],
  ['lib/ports/cell', 'lib/ports/cell'],
  ['lib/ports/define-matrix', 'lib/ports/cell'],
  ['lib/ports/beside/explore-beside', 'lib/ports/report'],
]);

/** The file that a module is put into; an entry has one of its own. */
function chunkOf(folder) {
  return (id) => {
    const name = relative(folder, id).replace(/(\.d)?\.ts$/, '');
    const [, library] = /^(lib\/(?!entries\/)[^/]+)\//.exec(name) ?? [];
    if (name.startsWith('lib/ports/report/')) return 'lib/ports/report';
    if (name.startsWith('backends/')) return 'backends/internal/index';
    return CHUNKS.get(name) ?? (library ? `${library}/index` : name);
  };
}

/** `lib/entries/machine.js`: an entry has the name of its source. */
function entries(folder, ending) {
  return Object.fromEntries(
    [...sourceOf.values()].map((source) => {
      const name = relative(root, source).replace(/\.ts$/, '');
      return [name, join(folder, name + ending)];
    }),
  );
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
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  // Also where the only export is a default.
  exports: 'named',
  minifyInternalExports: false,
  sourcemap: true,
  sourcemapExcludeSources: true,
};

const commonjsMarker = {
  name: 'commonjs-marker',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

/** A source map stays only if a source that it names is in the package: entries have none, and lib/cli is not in it. */
const usefulMaps = {
  name: 'useful-maps',
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== 'chunk' || chunk.map.sources.some((source) => !source.includes('lib/cli/')))
        continue;
      delete bundle[chunk.sourcemapFileName];
      chunk.code = chunk.code.replace(/\/\/# sourceMappingURL=.*\n$/, '');
    }
  },
};

/**
 * A relative import into lib/ or backends/ would give the command a second copy of the library. How text is broken into
 * lines has no state, and is no part of the library's surface.
 */
const oneLibrary = {
  name: 'one-library',
  generateBundle(_, bundle) {
    const copied = Object.values(bundle)
      .flatMap(({ moduleIds = [] }) => moduleIds)
      .map((id) => relative(root, id))
      .filter((file) => /^(backends|lib\/(?!cli\/|base\/text-lines))/.test(file));
    if (copied.length > 0) this.error(`the command must import by name what is in ${copied.join(', ')}`);
  },
};

// Both formats are written from one graph, because most of the time goes into making that.
const library = {
  ...common,
  // Only `scatterlist/c` uses them; a test checks that.
  external: isBuiltin,
  input: entries(root, '.ts'),
  output: [
    { ...written, manualChunks: chunkOf(root), dir: 'dist/esm', format: 'es', plugins: [usefulMaps] },
    {
      ...written,
      manualChunks: chunkOf(root),
      dir: 'dist/cjs',
      format: 'cjs',
      plugins: [usefulMaps, commonjsMarker],
    },
  ],
};

/** A reference to a library of the compiler counts at the top of a file only, and bundling leaves it in the middle. */
const referencesFirst = {
  name: 'references-first',
  renderChunk(code) {
    const references = code.match(/^\/\/\/ <reference .*\n/gm) ?? [];
    if (code.includes('Symbol.dispose') && references.length === 0)
      this.error(
        'a declaration with Symbol.dispose needs a reference to lib esnext.disposable in its source',
      );
    return { code: references.join('') + code.replaceAll(/^\/\/\/ <reference .*\n/gm, '') };
  },
};

const declarations = join(root, 'dist/declarations');

const types = {
  ...common,
  plugins: [dts({ respectExternal: true }), referencesFirst],
  external: isBuiltin,
  input: entries(declarations, '.d.ts'),
  output: ['dist/esm', 'dist/cjs'].map((dir) => ({
    manualChunks: chunkOf(declarations),
    entryFileNames: '[name].d.ts',
    chunkFileNames: '[name].d.ts',
    minifyInternalExports: false,
    dir,
    format: 'es',
  })),
};

const THREADS = ['explore', 'campaign', 'matrix', 'lab', 'check'];

const command = {
  ...common,
  input: {
    scatterlist: 'lib/cli/scatterlist.ts',
    ...Object.fromEntries(THREADS.map((name) => [`${name}/thread`, `lib/cli/${name}/thread.ts`])),
  },
  external: (id) =>
    isBuiltin(id) ||
    npmDependencies.some((name) => id === name || id.startsWith(`${name}/`)) ||
    sourceOf.has(id),
  output: {
    ...written,
    dir: 'dist/cli',
    format: 'es',
    banner: ({ name }) => (name === 'scatterlist' ? '#!/usr/bin/env node' : ''),
    experimentalMinChunkSize: 20_000,
    plugins: [oneLibrary, usefulMaps],
  },
};

export default ({ configTypes }) => (configTypes ? types : [library, command]);
