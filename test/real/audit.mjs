/**
 * The conversion audit of `scatterlist check` beside `scatterlist audit`, on the drivers that both know: one reads the C
 * of Linux 6.1, the other watches a port of it run. Nothing of Linux is here: Debian's package of the sources is unpacked.
 *
 *     node test/real/audit.mjs
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOT_RUN, root, scratchDirectory, verdict } from './harness.mjs';

const CHECK = 'conversion audit of the text beside that of the run';
const ARCHIVE = '/usr/src/linux-source-6.1.tar.xz';
const TREE = 'linux-source-6.1';
const KNOWN = join(root, 'test/real/audit.json');

function skip(why) {
  console.log(`NOT RUN: ${CHECK}: ${why}`);
  process.exit(NOT_RUN);
}

if (!existsSync(ARCHIVE)) skip(`${ARCHIVE} not found (Debian 12; apt-get install linux-source-6.1)`);

function scatterlist(...args) {
  const command = ['--conditions=source', '--import', 'tsx', join(root, 'lib/cli/scatterlist.ts'), ...args];
  const { stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!stdout.startsWith('{')) throw new Error(`scatterlist ${args[0]}: ${stderr || stdout}`);
  return JSON.parse(stdout);
}

const { ports } = scatterlist('audit', '--json');
const files = [...new Set(ports.map(({ follows }) => follows))].sort();
const folder = scratchDirectory();
// Files that this version of Linux does not have are named by tar, and left out.
spawnSync('tar', ['-xJf', ARCHIVE, '-C', folder, ...files.map((file) => `${TREE}/${file}`)]);
const there = files.filter((file) => existsSync(join(folder, TREE, file)));
if (there.length === 0) skip(`${ARCHIVE} cannot be unpacked`);
const checked = scatterlist(
  'check',
  '--json',
  '--convert',
  'kmap,kmap_atomic=kmap_local_page',
  ...there.map((file) => join(folder, TREE, file)),
);

/** Of each file: what the runs of its ports show, and which functions the text names. */
const now = there.map((file) => {
  const sites = ports
    .filter(({ follows }) => follows === file)
    .flatMap((port) => port.sites.filter(({ needs }) => needs.mechanism === undefined));
  const run = sites.every(({ isLocal }) => isLocal) ? 'local' : 'global';
  const found = checked.files.find((one) => one.file.endsWith(`/${file}`))?.findings ?? [];
  return { file, run, text: [...new Set(found.map((one) => one.function))].sort() };
});

const problems = [];
const known = JSON.parse(readFileSync(KNOWN, 'utf8'));
for (const one of now) {
  const before = known.find(({ file }) => file === one.file);
  if (JSON.stringify(before?.text) !== JSON.stringify(one.text) || before?.run !== one.run)
    problems.push(`${one.file}: ${JSON.stringify(one)}, and not ${JSON.stringify(before)}`);
  if ((one.run === 'global') !== one.text.length > 0 && before?.why === undefined)
    problems.push(`${one.file}: the two disagree, and test/real/audit.json does not say why`);
  // What the run shows to be used by another context, the text has to name.
  if (one.run === 'global' && one.text.length === 0 && !before?.hasOtherMap)
    problems.push(`${one.file}: the run needs a global mapping, and the text names no function`);
}
console.log(
  `${now.length} files: ${now.filter(({ run }) => run === 'global').length} global in a run, ${now.filter(({ text }) => text.length > 0).length} named by their text`,
);
verdict(CHECK, problems);
