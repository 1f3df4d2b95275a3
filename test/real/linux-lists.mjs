/**
 * Linux's own lib/scatterlist.c, compiled over our headers and run on the simulated core, held against what that file did
 * when it was recorded (test/vectors). Nothing of Linux is in this repository: Debian's package of the sources is unpacked.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NOT_RUN, root, run, scratchDirectory, verdict } from './harness.mjs';

const CHECK = "Linux's own lib/scatterlist.c against the recordings";
const ARCHIVE = '/usr/src/linux-source-6.1.tar.xz';
const FILE = 'linux-source-6.1/lib/scatterlist.c';

function skip(why) {
  console.log(`NOT RUN: ${CHECK}: ${why}`);
  process.exit(NOT_RUN);
}

for (const tool of ['clang', 'wasm-ld', 'tar', 'xz'])
  if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
    skip(`${tool} not found (Debian; apt-get install clang lld xz-utils)`);
if (!existsSync(ARCHIVE)) skip(`${ARCHIVE} not found (Debian 12; apt-get install linux-source-6.1)`);

const folder = scratchDirectory();
const unpacked = spawnSync('tar', ['-xJf', ARCHIVE, '-C', folder, '--occurrence=1', FILE], {
  encoding: 'utf8',
});
if (unpacked.status !== 0) skip(`${ARCHIVE} cannot be unpacked: ${unpacked.stderr.trim().split('\n')[0]}`);

const command = ['--conditions=source', '--import', 'tsx', join(root, 'test/c/replay-recorded.ts')];
const { code, output } = await run(process.execPath, [...command, join(folder, FILE)]);
console.log(output.trim());
const problems =
  code === 0 && /^6\.1: [1-9]\d* passed, 0 failed$/m.test(output) ? [] : [`ended with ${code}`];
verdict(CHECK, problems);
