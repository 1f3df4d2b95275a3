/**
 * Check 2: what the target negotiates decides the shape of every write. Five shapes, three clients
 * that look at the data, every backend, both kinds of machine; after each run nothing is mapped.
 *
 *     node test/real/negotiation.mjs            a covering selection, for CI
 *     node test/real/negotiation.mjs --full     the whole matrix
 */
import { blkverify, convertAndCompare, fioVerify, makeSource } from './clients.mjs';
import { needTools, scratchDirectory, startTarget, stopTarget, verdict } from './harness.mjs';

const full = process.argv.includes('--full');
const CHECK = `negotiation shapes x clients x backends (${full ? 'full' : 'selection'})`;
needTools(CHECK, 'qemu-img', 'qemu-io', 'qemu-nbd', 'fio');

const shape = (r2t, immediate, segment, first, burst) => [
  '--initial-r2t',
  r2t,
  '--immediate-data',
  immediate,
  '--max-recv-data-segment-length',
  String(segment),
  '--first-burst-length',
  String(first),
  '--max-burst-length',
  String(burst),
];
const SHAPES = {
  'all solicited, 512 B': shape('yes', 'no', 512, 262144, 262144),
  'immediate and unsolicited, 8 KiB': shape('no', 'yes', 8192, 65536, 262144),
  'unsolicited then R2T, 4 KiB': shape('no', 'no', 4096, 16384, 32768),
  'immediate then R2T, 256 KiB': shape('yes', 'yes', 262144, 65536, 262144),
  'boundaries within pages, 4608 B': shape('yes', 'yes', 4608, 4608, 66048),
};
const BACKENDS = [
  'kmap',
  'kmap_local',
  'kmap_atomic',
  'vmap',
  'page_address',
  'pgmap',
  'io_access',
  'iomem_bounce',
];
const shapes = Object.keys(SHAPES);
const combinations = [];
for (const [b, backend] of BACKENDS.entries()) {
  for (const [s, name] of shapes.entries()) {
    for (const [m, machine] of ['checked', 'direct'].entries()) {
      // The selection: every backend on both machines, every shape with some, mid-page boundaries with all.
      const chosen = (m === 0 && s === 4) || (m === 1 && s === b % 4);
      if (full || chosen) combinations.push({ backend, name, machine });
    }
  }
}

const directory = scratchDirectory();
const source = makeSource(directory);
const problems = [];
for (const { backend, name, machine } of combinations) {
  const what = `${backend}, ${machine}, ${name}`;
  const began = Date.now();
  const target = await startTarget(
    '--size',
    '32M',
    '--backend',
    backend,
    '--machine',
    machine,
    ...SHAPES[name],
  );
  const clients = {
    convert: () => convertAndCompare(target, source),
    blkverify: () => blkverify(target, source, directory, full ? 400 : 200),
    fio: () => fioVerify(target, full ? 24 : 8),
  };
  const bad = [];
  for (const [client, check] of Object.entries(clients)) {
    const { same, output } = await check();
    if (!same) bad.push(`${what}: ${client}: ${output.slice(-1500)}`);
  }
  for (const line of await stopTarget(target)) bad.push(`${what}: ${line}`);
  problems.push(...bad);
  console.log(
    `${bad.length === 0 ? 'ok  ' : 'BAD '} ${what} (${((Date.now() - began) / 1000).toFixed(1)} s)`,
  );
}
verdict(CHECK, problems);
