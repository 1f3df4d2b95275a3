import { expect } from 'chai';
import { posix } from 'node:path';
import { importsOf } from '../../tools/imports.ts';
import type { Import } from '../../tools/imports.ts';
import { read, repositoryFiles, starExports } from './repository.ts';

interface Layer {
  /** Folders it may import, besides itself. */
  readonly uses: readonly string[];
  /** Folders it may import with `import type` only. */
  readonly usesTypes?: readonly string[];
}

const belowCli = ['base', 'machine', 'kernel', 'mapping', 'scatterlist', 'explore', 'conformance'].map(
  (name) => `lib/${name}`,
);

// Who may import whom. A folder that is not here may not exist in lib/.
const layers: Readonly<Record<string, Layer>> = {
  'lib/base': { uses: [] },
  'lib/machine': { uses: ['lib/base'] },
  'lib/kernel': { uses: ['lib/base', 'lib/machine'] },
  'lib/mapping': { uses: ['lib/base', 'lib/machine', 'lib/kernel'] },
  'lib/scatterlist': { uses: ['lib/base', 'lib/mapping'], usesTypes: ['lib/kernel', 'lib/machine'] },
  'lib/explore': {
    uses: ['lib/base', 'lib/machine', 'lib/kernel'],
    usesTypes: ['lib/mapping', 'lib/scatterlist'],
  },
  'lib/conformance': { uses: belowCli },
  backends: { uses: ['lib/base', 'lib/machine', 'lib/kernel', 'lib/mapping'] },
  'lib/ports': {
    uses: ['lib/base', 'lib/machine', 'lib/kernel', 'lib/mapping', 'lib/explore', 'backends'],
  },
  'lib/lab': { uses: [...belowCli, 'lib/ports', 'backends'] },
  'lib/c': {
    uses: [
      'lib/base',
      'lib/machine',
      'lib/kernel',
      'lib/mapping',
      'lib/scatterlist',
      'lib/explore',
      'backends',
    ],
  },
  'lib/eslint': { uses: ['lib/base'] },
  'lib/entries': { uses: [...belowCli, 'lib/ports', 'lib/lab', 'backends', 'lib/c', 'lib/eslint'] },
};

/** Rooms of a layer, from the lowest up: a room may import itself and those before it. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'lib/kernel': ['window', 'parts', 'core', 'locking', 'highmem', 'device', 'page', 'dma', 'address'],
  'lib/scatterlist': ['list', 'alloc', 'map', 'copy'],
};

/** Needs Node, which is what its entry says. */
const NEEDS_NODE = 'lib/c/';

/** Measures a part of the command, which no entry has: its processes are measured there, too, as a user runs them. */
const OF_COMMAND = 'bench/groups/check.ts';

/** Rooms that stand beside each other: neither may import the other. */
const beside: readonly (readonly string[])[] = [
  ['lib/kernel/locking', 'lib/kernel/highmem'],
  ['lib/kernel/device', 'lib/kernel/page'],
  ['lib/scatterlist/alloc', 'lib/scatterlist/map'],
];

// Plain data, or what is read from it, with no import of its own: every layer above may use it.
const data = ['lib/machine/limits.ts', 'lib/kernel/parts/piece-range.ts'];

const files = repositoryFiles();
const sources = files.filter((file) => /^(lib|backends|examples|bench)\/.*\.ts$/.test(file));
const published = sources.filter((file) => /^(lib|backends)\//.test(file) && !file.startsWith('lib/cli/'));
const dependencies = Object.keys({
  ...readPackage().dependencies,
  ...readPackage().devDependencies,
});

describe('imports', () => {
  it('has sources to look at', () => {
    expect(published).to.not.be.empty;
  });

  it('go down the layers only', () => {
    expect(published.flatMap(wrongDirections)).to.deep.equal([]);
  });

  it('go down the rooms of a layer only', () => {
    expect(published.flatMap(wrongRooms)).to.deep.equal([]);
    for (const [layer, names] of Object.entries(rooms)) {
      const folders = published
        .filter((file) => file.startsWith(`${layer}/`))
        .map((file) => posix.dirname(file).slice(layer.length + 1));
      expect([...new Set(folders)], layer).to.have.members(names);
    }
  });

  it('name no module of Node or npm in lib/ and backends/ (lib/cli apart; lib/c names those of Node)', () => {
    const bare = published.flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => !specifier.startsWith('.'))
        .filter(({ specifier }) => !(file.startsWith(NEEDS_NODE) && specifier.startsWith('node:')))
        .map((i) => show(file, i)),
    );
    expect(bare).to.deep.equal([]);
  });

  it('lead to lib/c from its own entry only, so that all others do without Node', () => {
    const wrong = published.flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => target.startsWith(NEEDS_NODE))
        .filter(() => !file.startsWith(NEEDS_NODE) && file !== 'lib/entries/c.ts')
        .map((i) => show(file, i)),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('of the examples and the bench are those a user could write', () => {
    const wrong = sources
      .filter((file) => /^(examples|bench)\//.test(file))
      .flatMap((file) =>
        importsOf(file)
          .filter(
            (i) => !userCouldWrite(i, file) && !(file === OF_COMMAND && i.target.startsWith('lib/cli/')),
          )
          .map((i) => show(file, i)),
      );
    expect(wrong).to.deep.equal([]);
  });

  it('have no cycle, type imports counted', () => {
    expect(findCycle(sources)).to.deep.equal([]);
  });

  it('are re-exported by name from the entries, never with *', () => {
    const entries = published.filter(
      (file) => layerOf(file) === 'lib/entries' || file === 'backends/index.ts',
    );
    const stars = entries.flatMap((file) => starExports(file).map((line) => `${file}:${String(line)}`));
    expect(stars).to.deep.equal([]);
  });

  it('give every backend one line of backends/index.ts', () => {
    const index = importsOf('backends/index.ts');
    const backends = published.filter((file) => /^backends\/(?!index\.ts$)[^/]+$/.test(file));
    for (const file of backends) {
      const lines = index.filter(({ target }) => target === file).map(({ line }) => line);
      expect(new Set(lines).size, file).to.equal(1);
    }
    expect(index.map(({ target }) => target).filter((target) => !backends.includes(target))).to.deep.equal(
      [],
    );
  });
});

function wrongDirections(file: string): string[] {
  const layer = layerOf(file);
  const rule = layers[layer];
  if (!rule) return [`${file}: the list of layers has no ${layer}`];
  return importsOf(file)
    .filter(({ specifier, target, typeOnly }) => {
      if (!specifier.startsWith('.') || data.includes(target)) return false;
      const to = layerOf(target);
      return to !== layer && !rule.uses.includes(to) && !(typeOnly && rule.usesTypes?.includes(to));
    })
    .map((i) => show(file, i));
}

function wrongRooms(file: string): string[] {
  const from = posix.dirname(file);
  const order = rooms[layerOf(file)] ?? [];
  const heightOf = (folder: string): number => order.indexOf(posix.basename(folder));
  return importsOf(file)
    .filter(({ target }) => {
      const to = posix.dirname(target);
      if (to === from || layerOf(target) !== layerOf(file)) return false;
      return heightOf(to) > heightOf(from) || beside.some((both) => both.includes(from) && both.includes(to));
    })
    .map((i) => show(file, i));
}

/** The helpers of backends belong to backends. */
function layerOf(file: string): string {
  const [top = '', second = ''] = file.split('/');
  return top === 'lib' ? `lib/${second}` : top;
}

/** From its own folder, from an entry of this package, from Node or from an npm package. */
function userCouldWrite({ specifier, target }: Import, file: string): boolean {
  if (specifier.startsWith('.')) return target.split('/')[0] === file.split('/')[0];
  if (/^(node:|scatterlist($|\/))/.test(specifier)) return true;
  return dependencies.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

/** The first cycle found, as a path that ends where it begins. */
function findCycle(nodes: readonly string[]): string[] {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file) || !nodes.includes(file)) return [];
    for (const { target } of importsOf(file)) {
      const cycle = walk(posix.normalize(target), [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of nodes) {
    const cycle = walk(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function show(file: string, { specifier, typeOnly, line }: Import): string {
  return `${file}:${String(line)} ${typeOnly ? 'import type' : 'import'} ${specifier}`;
}

function readPackage(): Record<'dependencies' | 'devDependencies', Record<string, string>> {
  return JSON.parse(read('package.json')) as ReturnType<typeof readPackage>;
}
