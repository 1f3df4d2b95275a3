// Packs the package as npm would publish it and uses it as strangers do: from ESM, from CommonJS, from
// TypeScript in every module mode, in a bare JavaScript context and through its command.
// Runs after the build, needs no network; the first thing that fails ends it with a non-zero code.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { buildSync } from 'esbuild';

// Run in the consumer: an entry that exports nothing was lost on the way.
const NOT_EMPTY =
  'for (const [name, entry] of all) if (Object.keys(entry).length === 0) throw new Error(`${name} is empty`);';
const root = fileURLToPath(new URL('../..', import.meta.url));
const consumer = mkdtempSync(join(tmpdir(), 'scatterlist-smoke-'));
const installed = join(consumer, 'node_modules', 'scatterlist');

/** A program in TypeScript, with what Node alone cannot run: an enum, a parameter property, an import without an ending. */
const programWith = (add) => `import { defineProgram } from 'scatterlist/explore';
import { add } from '${add}';
enum Tasks { One = 'one', Two = 'two' }
class Box { constructor(public n: number) {} }
export default defineProgram<{ n: number }>({
  setup: () => ({ n: new Box(0).n }),
  tasks: { [Tasks.One]: add, [Tasks.Two]: add },
  check: ({ n }) => n === 2,
});
`;
const ADD = `export function* add(env: { n: number }): Generator<undefined, void, void> {
  const seen: number = env.n;
  yield;
  env.n = seen + 1;
}
`;

/** A mapping that is read after its release: by a program as it is, and by a task under the explorer. */
const TOO_LATE = `const machine = createMachine();
const task = machine.task('probe');
const page = machine.allocPage({ zone: 'highmem' });
const window = kmapLocalPage(task, page); // mapped
kunmapLocal(task, window);
let direct;
try {
  window.load8(0); // direct
} catch (error) {
  direct = error.violation;
}
const program = defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (m) => ({ page: m.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *late({ task, page }) {
      const window = kmapLocalPage(task, page);
      kunmapLocal(task, window);
      yield;
      window.load8(0); // explored
    },
  },
});
const { violation } = explore(program, exhaustive());
console.log(JSON.stringify([direct.foundAt, direct.mapping.mappedAt, violation.foundAt]));
`;
/** Packed files; the limit is part of what the package promises. */
const MOST_FILES = 1000;

try {
  const tarball = pack();
  unpack(tarball);
  const pkg = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  const names = entryNames(pkg);

  step('links of the pages', pageLinks);
  step('publint', () => tool('publint', 'src/cli.js', ['run', tarball, '--strict']));
  // node10 knows no exports, so it cannot see subpaths; that is the only mode left out.
  step('attw', () =>
    tool('@arethetypeswrong/cli', 'dist/index.js', [tarball, '--profile', 'node16', ...entryPoints(names)]),
  );
  step(`ESM: ${names.length} entries`, () => importAll(names));
  step(`CommonJS: ${names.length} entries`, () => requireAll(names));
  for (const compiler of ['@typescript/native/bin/tsc', 'typescript/bin/tsc6']) {
    for (const mode of ['node16', 'nodenext', 'preserve']) {
      step(`types: ${compiler}, module ${mode}`, () => compile(names, compiler, mode));
    }
  }
  step('classes: one for all entries', oneClass);
  step('explorer: knows the states of a program', reductions);
  for (const ending of ['mjs', 'cjs'])
    for (const flags of [[], ['--enable-source-maps']])
      step(`lines of reports: ${[ending, ...flags].join(' ')}`, () => lines(ending, flags));
  step('bare JavaScript context', () => runBare(names));
  step('command', () => run(join(installed, pkg.bin.scatterlist), ['--help']));
  step('command: the matrix on its own data', () => matrix(pkg));
  for (const [name, type] of [
    ['an empty folder', undefined],
    ['an ES module', 'module'],
    ['a CommonJS package', 'commonjs'],
  ])
    step(`command: TypeScript in ${name}`, () => typeScript(pkg, type));
  step("command: a user's own port, in an empty folder", () => ownPort(pkg));
  step('command: a C file', () => cFile(pkg));
} finally {
  rmSync(consumer, { recursive: true, force: true });
}

function step(name, check) {
  check();
  console.log(`package: ${name} ok`);
}

function run(script, args, flags = []) {
  try {
    return execFileSync(process.execPath, [...flags, script, ...args], {
      cwd: consumer,
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 2 ** 26,
      // In CI the command prints colours also into a pipe.
      env: { ...process.env, NO_COLOR: '1' },
    });
  } catch (failure) {
    console.error(failure.stdout + failure.stderr);
    throw new Error(`${script} ${args.join(' ')} failed`, { cause: failure });
  }
}

/** A C file of the package has its lost write, or the one line says what is not installed. */
function cFile(pkg) {
  const file = join(installed, 'examples', 'c', 'atomic-to-local.c');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(installed, pkg.bin.scatterlist), 'explore', file],
    { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', SCATTERLIST_CACHE: join(consumer, 'cache') } },
  );
  const isMissing = status === 2 && /is not installed/.test(stderr);
  if (isMissing) console.log(`package: NOT RUN: ${stderr.trim()}`);
  else if (status !== 1 || !/lost-write[\s\S]*atomic-to-local\.c:\d/.test(stdout))
    throw new Error(stdout + stderr);
}

/** The data is in the package, no cell is unexplained, and a report names the source, not the build. */
function matrix(pkg) {
  const out = run(join(installed, pkg.bin.scatterlist), ['matrix', '--json', '--machine', 'direct']);
  const { cells, unexpected } = JSON.parse(out);
  if (unexpected !== 0) throw new Error(`${unexpected} unexpected cells`);
  // A leak or a deadlock is found at the end, and has no line.
  const places = cells.flatMap(({ violation }) => (violation?.foundAt?.file ? [violation.foundAt] : []));
  if (places.length === 0) throw new Error('no violation has a line');
  for (const { file, line } of places) {
    const source = readFileSync(file, 'utf8').split('\n')[line - 1];
    if (!/\/examples\/drivers\/.*\.ts$/.test(file) || !/\w/.test(source))
      throw new Error(`${file}: ${source}`);
  }
}

/** The command loads TypeScript by itself, whatever the folder says that its files are, and finds the lost update. */
function typeScript(pkg, type) {
  const folder = mkdtempSync(join(consumer, 'program-'));
  if (type !== undefined) writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  const command = join(installed, pkg.bin.scatterlist);
  for (const [ending, add] of [
    ['ts', './add'],
    ['mts', './add.mjs'],
    ['cts', './add.cjs'],
  ]) {
    const name = `lost.${ending}`;
    writeFileSync(join(folder, `add.${ending}`), ADD);
    writeFileSync(join(folder, name), programWith(add));
    const lost = join(folder, name);
    const saved = `${lost}.schedule`;
    const { status, stdout, stderr } = runs(command, ['explore', lost, '--save', saved, '--json']);
    if (status !== 1 || JSON.parse(stdout).violation.rule !== 'final-check')
      throw new Error(`${name}: ${status} ${stdout}${stderr}`);
    const again = runs(command, ['replay', lost, saved]);
    if (again.status !== 1 || !again.stdout.includes(`add.${ending}:4`))
      throw new Error(`${name}: ${again.status} ${again.stdout}${again.stderr}`);
    // What the explorer itself finds at the end has no line; one of the command's own would be wrong.
    if (!/✗ final-check$/m.test(again.stdout)) throw new Error(again.stdout);
  }
}

/** Runs a script in a folder that is not the program's. */
function runs(script, args) {
  return spawnSync(process.execPath, [script, ...args], { cwd: consumer, encoding: 'utf8' });
}

/** The example of the package, as a file of the user's; the folder has no package.json. */
function ownPort(pkg) {
  const examples = join(installed, 'examples');
  const file = write('own-port.mts', readFileSync(join(examples, 'own-port.ts'), 'utf8'));
  const backend = write('own-backend.mts', readFileSync(join(examples, 'own-backend.ts'), 'utf8'));
  const command = join(installed, pkg.bin.scatterlist);
  const own = run(command, [
    'matrix',
    '--port',
    file,
    '--backend',
    backend,
    '--why',
    'own-ring',
    'one-window',
  ]);
  if (!/own-ring .* over one-window, highmem pages[^]*2000 bytes verified/.test(own)) throw new Error(own);
  const exhibit = runs(command, ['explore', join(examples, 'exhibits', 'module-gzip-end-pointer.ts')]);
  if (exhibit.status !== 1 || !exhibit.stdout.includes('unmap-address'))
    throw new Error(exhibit.stdout + exhibit.stderr);
  const table = run(command, ['matrix', '--port', file, '--why', 'own-ring', 'kmap_local']);
  if (!/own-ring .* over kmap_local, highmem pages[^]*2000 bytes verified/.test(table))
    throw new Error(table);
  const sites = run(command, ['audit', '--port', file]);
  if (!/local .*own-port\.mts:\d+ .*best: kmap_local/.test(sites)) throw new Error(sites);
  const page = join(consumer, 'audit.html');
  const { local, ports } = JSON.parse(run(command, ['audit', '--port', file, '--json', '--html', page]));
  const [{ needs, pageFaults, preemption }] = ports[0].sites;
  if (local !== 1 || needs.kinds[0] !== 'highmem' || pageFaults.relied !== 'no' || !preemption.because)
    throw new Error(JSON.stringify(ports));
  const html = readFileSync(page, 'utf8');
  if (!/<pre id="cell\d+-trace">[^<]*map 0x\w+ slot \d+ \(kmap_local\) at own-port\.mts:\d+/.test(html))
    throw new Error(html);
}

function tool(name, script, args) {
  return run(join(root, 'node_modules', name, script), args);
}

function pack() {
  // npm test has just built dist/: no scripts, so that it is not built again.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', consumer];
  const told = execFileSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [{ entryCount }] = JSON.parse(told);
  if (entryCount >= MOST_FILES)
    throw new Error(`the package has ${entryCount} files; ${MOST_FILES} are too many`);
  console.log(`package: ${entryCount} files`);
  const [file, ...others] = readdirSync(consumer).filter((name) => name.endsWith('.tgz'));
  if (!file || others.length > 0) throw new Error('npm pack did not write one tarball');
  return join(consumer, file);
}

/** What npm install does, with the dependencies that are here already; the consumer has none of them for itself. */
function unpack(tarball) {
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  const { dependencies = {} } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const link = join(installed, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
}

/** Every name a user can import, read from exports; a pattern stands for the sources in its folder. */
function entryNames(pkg) {
  return Object.entries(pkg.exports)
    .filter(([, target]) => target?.source)
    .flatMap(([subpath, { source }]) => {
      if (!source.includes('*')) return [subpath];
      return readdirSync(join(installed, dirname(source)))
        .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
        .map((file) => subpath.replace('*', file.slice(0, -'.ts'.length)));
    })
    .map((subpath) => pkg.name + subpath.slice(1));
}

function entryPoints(names) {
  return ['--entrypoints', ...names.map((name) => name.replace('scatterlist', '.'))];
}

function write(file, text) {
  const path = join(consumer, file);
  writeFileSync(path, text);
  return path;
}

function importAll(names) {
  const list = names.map((name) => `['${name}', await import('${name}')]`);
  run(write('all.mjs', `const all = [${list}];\n${NOT_EMPTY}`), []);
}

function requireAll(names) {
  const list = names.map((name) => `['${name}', require('${name}')]`);
  run(write('all.cjs', `const all = [${list}];\n${NOT_EMPTY}`), []);
}

/** A backend of one entry is a backend of another; a page of a machine is a page for all. */
function oneClass() {
  const text = `const { Backend } = await import('scatterlist/backend');
    const { createMachine } = await import('scatterlist');
    const { kmapLocal } = await import('scatterlist/backends/kmap-local');
    const all = await import('scatterlist/backends');
    const backend = kmapLocal(createMachine().task('probe'));
    if (!(backend instanceof Backend) || all.kmapLocal !== kmapLocal) throw new Error('the library is there twice');`;
  run(write('one-class.mjs', text), []);
}

/** Two tasks that do not meet: the explorer sees their variables, and leaves orders out. */
function reductions() {
  const body = `*({ task, page }) { const address = kmapLocalPage(task, page); yield; kunmapLocal(task, address); }`;
  const text = `import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
    import { defineProgram, exhaustive, explore } from 'scatterlist/explore';
    const program = defineProgram({
      machine: { cpus: 2, highmemPages: 4 },
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: { ${['one', 'two'].map((name) => body.replace('*(', `*${name}(`)).join(', ')} },
    });
    const { kind, unseen, counts } = explore(program, exhaustive());
    if (kind !== 'exhausted' || unseen.length > 0 || counts.states === 0)
      throw new Error(JSON.stringify({ kind, unseen, counts }));`;
  run(write('reductions.mjs', text), []);
  run(write('reductions.cjs', text.replace(/import (.*?) from ('[^']*')/g, 'const $1 = require($2)')), []);
}

/** A report names the line of the program, not one of the library, in both formats. */
function lines(ending, flags) {
  const imports = [
    ['{ createMachine }', 'scatterlist'],
    ['{ kmapLocalPage, kunmapLocal }', 'scatterlist/machine'],
    ['{ defineProgram, exhaustive, explore }', 'scatterlist/explore'],
  ].map(([names, from]) =>
    ending === 'mjs' ? `import ${names} from '${from}';` : `const ${names} = require('${from}');`,
  );
  const text = `${imports.join('\n')}\n${TOO_LATE}`;
  const file = write(`late.${ending}`, text);
  const found = JSON.parse(run(file, [], flags));
  for (const [i, mark] of ['direct', 'mapped', 'explored'].entries()) {
    const line = 1 + text.split('\n').findIndex((each) => each.endsWith(`// ${mark}`));
    if (found[i].file !== file || found[i].line !== line)
      throw new Error(`${mark}: ${JSON.stringify(found[i])}, where ${file}:${line} is right`);
  }
}

/** Where a page of the package leads to a file, the package has that file. */
function pageLinks() {
  const pages = readdirSync(installed, { recursive: true }).filter(
    (file) => file.endsWith('.md') && !file.startsWith('node_modules'),
  );
  const dead = pages.flatMap((page) =>
    [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, to]) => to)
      .filter((to) => !/^[a-z]+:/.test(to) && !existsSync(join(installed, dirname(page), to)))
      .map((to) => `${page}: ${to}`),
  );
  if (dead.length > 0) throw new Error(`links to what is not in the package:\n${dead.join('\n')}`);
}

/** Without @types/node and the DOM, and with our declarations checked (skipLibCheck false). */
function compile(names, compiler, module) {
  const imports = names.map((name, i) => `import * as e${i} from '${name}';`);
  const text = `${imports.join('\n')}\nexport const all: object[] = [${names.map((_, i) => `e${i}`)}];\n`;
  const files = module === 'preserve' ? ['all.ts'] : ['all.mts', 'all.cts'];
  for (const file of files) write(file, text);
  const compilerOptions = {
    module,
    moduleResolution: module === 'preserve' ? 'bundler' : module,
    target: 'es2022',
    lib: ['es2022'],
    types: [],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const config = write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
  run(join(root, 'node_modules', compiler), ['-p', config]);
}

/** A context with nothing but the language: no Node, no DOM, not even console. */
function runBare(all) {
  // C code needs a compiler, and so Node.
  const names = all.filter((name) => name !== 'scatterlist/c');
  const list = names.map((name, i) => `import * as e${i} from '${name}';`);
  const { outputFiles } = buildSync({
    stdin: {
      contents: `${list.join('\n')}\nglobalThis.all = [${names.map((name, i) => `['${name}', e${i}]`)}];`,
      resolveDir: consumer,
    },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'error',
  });
  const context = vm.createContext({});
  vm.runInContext(`${outputFiles[0].text}\n${NOT_EMPTY}`, context);
  // Working, not only loading.
  vm.runInContext("all.find(([name]) => name === 'scatterlist')[1].createMachine().task('smoke');", context);
}
