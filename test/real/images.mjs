/**
 * Check 4: file systems go over the wire and come back whole, images are loaded and written back, and
 * an initiator that dies in the middle of a write leaves the target as it should be.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  digest,
  must,
  needTools,
  root,
  run,
  scratchDirectory,
  startTarget,
  stopTarget,
  verdict,
} from './harness.mjs';

const CHECK = 'file system images and a killed initiator';
needTools(CHECK, 'qemu-img', 'qemu-io', 'mkfs.ext4', 'e2fsck', 'mkfs.vfat', 'fsck.vfat', 'mcopy');

const directory = scratchDirectory();
const path = (name) => join(directory, name);
const problems = [];
const raw = ['-f', 'raw', '-O', 'raw'];

async function makeImages() {
  const tree = path('tree');
  mkdirSync(join(tree, 'deep', 'er'), { recursive: true });
  for (let i = 0; i < 40; i += 1) writeFileSync(join(tree, 'deep', `f${i}`), randomBytes(1 + i * 3001));
  await must('truncate', ['-s', '64M', path('ext4.img'), path('vfat.img')]);
  await must('mkfs.ext4', ['-q', '-F', '-d', tree, path('ext4.img')]);
  await must('mkfs.vfat', ['-F', '32', path('vfat.img')]);
  await must('mcopy', ['-s', '-i', path('vfat.img'), join(tree, 'deep'), '::']);
}

const fsck = {
  'ext4.img': (file) => run('e2fsck', ['-fn', file]),
  'vfat.img': (file) => run('fsck.vfat', ['-n', '-v', file]),
};

async function roundTrip(name) {
  const target = await startTarget('--size', '64M', '--backend', 'kmap');
  await must('qemu-img', ['convert', '-n', ...raw, path(name), target.url]);
  await must('qemu-img', ['convert', ...raw, target.url, path('back.img')]);
  problems.push(...(await stopTarget(target)));
  const checked = await fsck[name](path('back.img'));
  if (checked.code !== 0) problems.push(`${name}: ${checked.output}`);
  if ((await digest(path(name))) !== (await digest(path('back.img'))))
    problems.push(`${name} came back changed`);
  console.log(`${name}: over the wire and back, fsck ${checked.code}`);
}

async function imageOption(name) {
  const before = await digest(path(name));
  const first = await startTarget('--image', path(name));
  const compared = await run('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', path(name), first.url]);
  if (compared.code !== 0) problems.push(`--image ${name}: ${compared.output}`);
  await must('qemu-io', ['-f', 'raw', '-c', 'write -P 0x5a 60M 4608', first.url]);
  problems.push(...(await stopTarget(first)));
  if ((await digest(path(name))) === before) problems.push(`--image ${name}: the write was not written back`);
  const read = await run('qemu-io', ['-f', 'raw', '-c', 'read -P 0x5a 60M 4608', path(name)]);
  if (read.code !== 0) problems.push(`--image ${name}: ${read.output}`);
  console.log(`${name}: loaded and written back`);
}

/** Kills qemu-img at several moments of a write; each block is the old or the new one. */
async function killed(machine) {
  const bytes = 64 * 1024 * 1024;
  writeFileSync(path('old.raw'), Buffer.alloc(bytes, 0x11));
  writeFileSync(path('new.raw'), Buffer.alloc(bytes, 0xee));
  const target = await startTarget('--size', '64M', '--machine', machine);
  await must('qemu-img', ['convert', '-n', ...raw, path('old.raw'), target.url]);
  let cut = 0;
  for (const wait of [40, 55, 70, 90, 120]) {
    const child = spawn('qemu-img', ['convert', '-n', ...raw, path('new.raw'), target.url], { cwd: root });
    const ended = new Promise((resolve) => child.on('close', (_code, signal) => resolve(signal)));
    await new Promise((resolve) => setTimeout(resolve, wait));
    child.kill('SIGKILL');
    if ((await ended) === 'SIGKILL') cut += 1;
  }
  await must('qemu-img', ['convert', ...raw, target.url, path('after.raw')]);
  const after = await must('sh', [
    '-c',
    `od -An -v -tx1 -w512 '${path('after.raw')}' | sort -u | tr -s ' ' | cut -c2-6`,
  ]);
  const kinds = after.trim().split('\n');
  if (kinds.some((kind) => !['11 11', 'ee ee'].includes(kind)))
    problems.push(`blocks of ${kinds.join(', ')}`);
  const mixed = await run('sh', ['-c', `od -An -v -tx1 -w512 '${path('after.raw')}' | sort -u | wc -l`]);
  if (Number(mixed.output) > 2) problems.push('a block is partly old and partly new');
  await must('qemu-img', ['convert', '-n', ...raw, path('new.raw'), target.url]);
  await must('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', path('new.raw'), target.url]);
  problems.push(...(await stopTarget(target)));
  console.log(`${cut} initiators killed in the middle of writing (${machine}): the target is whole`);
}

await makeImages();
for (const name of Object.keys(fsck)) await roundTrip(name);
await imageOption('ext4.img');
await killed('direct');
await killed('checked');
verdict(CHECK, problems);
