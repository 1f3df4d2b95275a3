/**
 * Check 3: the data checks can fail. Eight faults of a data path, injected into the mappings of the
 * disk, must each be seen by blkverify and by fio; without a fault both are content.
 */
import { blkverify, convertAndCompare, fioVerify, makeSource } from './clients.mjs';
import { needTools, scratchDirectory, startTarget, stopTarget, verdict } from './harness.mjs';

const CHECK = 'eight data-path faults are seen by blkverify and by fio';
needTools(CHECK, 'qemu-img', 'qemu-io', 'qemu-nbd', 'fio');

const FAULTS = [
  'read-pages-swapped',
  'read-page-edge-byte',
  'read-page-stale',
  'read-tail-zeroed',
  'write-tail-dropped',
  'write-pages-swapped',
  'write-byte-past-end',
  'write-bit-flipped',
];
const directory = scratchDirectory();
const source = makeSource(directory);
const problems = [];
for (const fault of [undefined, ...FAULTS]) {
  const options = fault === undefined ? [] : ['--inject', fault];
  const seen = {};
  for (const client of ['blkverify', 'fio']) {
    const target = await startTarget('--size', '32M', ...options);
    let result;
    if (client === 'blkverify') {
      await convertAndCompare(target, source);
      result = await blkverify(target, source, directory);
    } else result = await fioVerify(target);
    seen[client] = fault === undefined ? !result.same : result.mismatch;
    for (const line of await stopTarget(target)) problems.push(`${fault}: ${client}: ${line}`);
    if (seen[client] !== (fault !== undefined)) {
      problems.push(`${fault ?? 'no fault'}: ${client}: ${result.output.slice(-800)}`);
    }
  }
  const words = Object.entries(seen).map(([client, yes]) => `${client} ${yes ? 'saw it' : 'saw nothing'}`);
  console.log(`${(fault ?? 'no fault').padEnd(20)} ${words.join(', ')}`);
}
verdict(CHECK, problems);
