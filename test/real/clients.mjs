/** The three clients that check data: convert and compare, blkverify, and fio with verification. */
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import { freePort, IQN, listens, must, run, seeded, start } from './harness.mjs';

const MIB = 1024 * 1024;

/** A raw image of random data with stretches of zeros, not a multiple of a page long. */
export function makeSource(directory, bytes = 32 * MIB) {
  const image = Buffer.alloc(bytes);
  const random = seeded(7);
  for (let at = 0; at < bytes;) {
    const length = Math.min(bytes - at, 512 * (1 + random(700)));
    if (random(3) > 0) randomFillSync(image, at, length);
    at += length;
  }
  const file = join(directory, 'source.raw');
  writeFileSync(file, image);
  return file;
}

/** Writes the image to the disk and compares; answers whether they are the same. */
export async function convertAndCompare(target, source) {
  const raw = ['-f', 'raw'];
  await must('qemu-img', ['convert', '-n', ...raw, '-O', 'raw', source, target.url]);
  const compared = await run('qemu-img', ['compare', ...raw, '-F', 'raw', source, target.url]);
  return { same: compared.code === 0, output: compared.output };
}

/** Random reads and writes of whole sectors, of all sizes, at all offsets within pages. */
function blkverifyCommands(random, diskBytes, patterns, count) {
  const commands = [];
  const place = (length) => 512 * random((diskBytes - length) / 512);
  for (let i = 0; i < count; i += 1) {
    const length = 512 * (1 + random(i % 4 === 0 ? 600 : 40));
    const at = place(length);
    const kind = random(10);
    if (kind < 4) commands.push(`write -q -s ${patterns} ${at} ${length}`);
    else if (kind === 4) {
      const parts = [512 * (1 + random(9)), 512 * (1 + random(9)), 512 * (1 + random(130))];
      const total = parts.reduce((sum, part) => sum + part, 0);
      commands.push(`writev -q -P ${1 + random(255)} ${place(total)} ${parts.join(' ')}`);
    } else commands.push(`read -q ${at} ${length}`);
  }
  for (let at = 0; at < diskBytes; at += MIB) commands.push(`read -q ${at} ${Math.min(MIB, diskBytes - at)}`);
  commands.push('flush');
  return commands;
}

/**
 * QEMU's blkverify: the disk must answer what a local file answers that was written the same.
 *
 * The file is reached through qemu-nbd. As a plain file it is written by a thread of its own, from the
 * same vector of buffers that libiscsi moves along in place while it sends.
 */
export async function blkverify(target, source, directory, count = 400) {
  const reference = join(directory, 'reference.raw');
  const patterns = join(directory, 'patterns.bin');
  const socket = join(directory, 'reference.sock');
  copyFileSync(source, reference);
  writeFileSync(patterns, randomFillSync(Buffer.alloc(401 * 1024)));
  const server = await start('qemu-nbd', ['-f', 'raw', '-t', '-k', socket, reference], () =>
    existsSync(socket),
  );
  const options = [
    'driver=blkverify',
    `raw.driver=raw,raw.file.driver=nbd,raw.file.path=${socket}`,
    `test.driver=raw,test.file.driver=iscsi,test.file.transport=tcp,test.file.portal=127.0.0.1:${target.port}`,
    `test.file.target=${IQN},test.file.lun=1`,
  ].join(',');
  const commands = blkverifyCommands(seeded(11), 32 * MIB, patterns, count);
  const input = [...commands, 'quit', ''].join('\n');
  const result = await run('qemu-io', ['--image-opts', options], { input });
  server.child.kill('SIGTERM');
  await server.ended;
  const output = result.output.replaceAll('qemu-io> ', '');
  return {
    same: result.code === 0 && output.trim() === '',
    mismatch: /contents mismatch/.test(output),
    output,
  };
}

/** fio through qemu-nbd: random reads and writes whose contents carry their own checksums. */
export async function fioVerify(target, sizeMiB = 24) {
  const port = await freePort();
  const bind = ['-b', '127.0.0.1', '-p', String(port)];
  const bridge = await start('qemu-nbd', ['-f', 'raw', '-t', ...bind, '--cache=none', target.url], () =>
    listens(port),
  );
  const size = [`--size=${sizeMiB}m`, `--io_size=${sizeMiB}m`, '--bsrange=512-128k', '--blockalign=512'];
  const verify = [
    '--verify=crc32c',
    '--verify_fatal=1',
    '--do_verify=1',
    '--verify_state_save=0',
    '--randseed=42',
  ];
  const result = await run('fio', [
    '--name=v',
    '--ioengine=nbd',
    `--uri=nbd://127.0.0.1:${port}/`,
    '--rw=randrw',
    '--iodepth=16',
    ...size,
    ...verify,
  ]);
  bridge.child.kill('SIGTERM');
  await bridge.ended;
  const mismatch = /verify: bad|verify failed|crc32c: verify/i.test(result.output);
  return { same: result.code === 0, mismatch, output: result.output };
}
