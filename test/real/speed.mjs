/**
 * Check 5: speed as ratios within one run: to tgtd, and to the same target with its disk in one array
 * (--store plain), which is the bound. Absolute numbers are for the eye only.
 *
 *     node test/real/speed.mjs [--seconds N] [--rounds N] [--only TEXT] [--backend NAME] [--profile] [--strict]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  freePort,
  must,
  needTools,
  root,
  run,
  scratchDirectory,
  start,
  startTarget,
  stopTarget,
  verdict,
} from './harness.mjs';

const CHECK = 'speed against tgtd and against plain buffers';
needTools(CHECK, 'tgtd', 'tgtadm', 'iscsi-perf', 'qemu-img');
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    backend: { type: 'string', default: 'kmap_local' },
    only: { type: 'string', default: '' },
    profile: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
});
const seconds = values.seconds;
const directory = scratchDirectory();
const problems = [];

async function startTgtd() {
  const port = await freePort();
  const control = String(10000 + (port % 20000));
  const image = join(directory, 'tgtd.img');
  await must('truncate', ['-s', '100M', image]);
  const tgtd = await start('tgtd', ['-f', '-C', control, '--iscsi', `portal=127.0.0.1:${port}`], async () => {
    const shown = await run('tgtadm', ['-C', control, '--lld', 'iscsi', '--op', 'show', '--mode', 'system']);
    return shown.code === 0;
  });
  const iqn = 'iqn.2026-11.org.peer:disk';
  const admin = (...args) => must('tgtadm', ['-C', control, '--lld', 'iscsi', ...args]);
  await admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', iqn);
  await admin('--op', 'new', '--mode', 'logicalunit', '--tid', '1', '--lun', '1', '-b', image);
  await admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL');
  // The same negotiation as ours; its own default of 8 KiB segments would be slower at writing.
  const tune = (name, value) =>
    admin('--op', 'update', '--mode', 'target', '--tid', '1', '-n', name, '-v', value);
  await tune('MaxRecvDataSegmentLength', '262144');
  await tune('InitialR2T', 'No');
  await tune('FirstBurstLength', '262144');
  await must('qemu-img', [
    'convert',
    '-n',
    '-f',
    'raw',
    '-O',
    'raw',
    source,
    `iscsi://127.0.0.1:${port}/${iqn}/1`,
  ]);
  return {
    pid: tgtd.child.pid,
    url: `iscsi://127.0.0.1:${port}/${iqn}/1`,
    stop: () => (tgtd.child.kill('SIGKILL'), tgtd.ended),
  };
}

async function startOurs(...options) {
  const target = await startTarget('--size', '100M', ...options);
  await must('qemu-img', ['convert', '-n', '-f', 'raw', '-O', 'raw', source, target.url]);
  return {
    pid: target.child.pid,
    url: target.url,
    stop: async () => problems.push(...(await stopTarget(target))),
  };
}

const source = join(directory, 'source.raw');
await must('sh', ['-c', `head -c 104857600 /dev/urandom > '${source}'`]);

/** iscsi-perf prints a running average; the last one counts. */
async function perf(url, ...args) {
  const result = await run('iscsi-perf', [...args, '-t', seconds, url], { seconds: 30 });
  const rates = [...result.output.matchAll(/iops average (\d+)/g)].map(([, n]) => Number(n));
  if (rates.length === 0) throw new Error(`iscsi-perf said ${result.output.slice(-500)}`);
  return rates.at(-1);
}

/** qemu-img bench, for writes, which iscsi-perf lacks: requests a second. */
async function bench(url, ...args) {
  const output = await must('qemu-img', ['bench', '-f', 'raw', '-t', 'none', ...args, url]);
  return Number(/-c (\d+)/.exec(args.join(' '))[1]) / Number(/completed in ([\d.]+) seconds/.exec(output)[1]);
}

const LOADS = {
  '4 KiB random read, queue depth 1': {
    measure: (url) => perf(url, '-r', '-m', '1', '-b', '8'),
    tgtd: 1,
  },
  '4 KiB random read, queue depth 32': {
    measure: (url) => perf(url, '-r', '-m', '32', '-b', '8'),
    tgtd: 1,
  },
  '256 KiB sequential read, queue depth 8': {
    measure: (url) => perf(url, '-m', '8', '-b', '512'),
    tgtd: 0.6,
  },
  '256 KiB sequential write, queue depth 8': {
    measure: (url) => bench(url, '-w', '-c', String(3000 * Number(seconds)), '-d', '8', '-s', '256k'),
    tgtd: 0.6,
  },
};

/** Seconds of CPU that a process has used: other work on the machine does not change them much. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Requests a second, and requests that a second of the server's CPU is good for. */
async function rateOf({ url, pid }, measure) {
  const before = { cpu: cpuSeconds(pid), at: performance.now() };
  const rate = await measure(url);
  const seconds = (performance.now() - before.at) / 1000;
  return { rate, perCpu: (rate * seconds) / Math.max(cpuSeconds(pid) - before.cpu, 0.01) };
}

const loads = Object.entries(LOADS).filter(([load]) => load.includes(values.only));

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

// One server at a time is measured, all of them alternately, so that a slow minute hits all alike.
const servers = {
  tgtd: await startTgtd(),
  plain: await startOurs('--store', 'plain'),
  scatterlist: await startOurs('--backend', values.backend),
};
for (const [load, { measure, tgtd: wanted }] of Number(values.rounds) > 0 ? loads : []) {
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const rates = {};
    for (const [name, server] of Object.entries(servers)) rates[name] = await rateOf(server, measure);
    rounds.push(rates);
  }
  const ratio = (peer, what) => median(rounds.map((r) => r.scatterlist[what] / r[peer][what]));
  const toTgtd = ratio('tgtd', 'rate');
  const toPlain = ratio('plain', 'rate');
  const rate = Math.round(median(rounds.map((r) => r.scatterlist.rate)));
  console.log(`${load}: ${rate} requests a second`);
  console.log(
    `  ${toTgtd.toFixed(2)} x tgtd (wanted ${wanted}), by CPU time ${ratio('tgtd', 'perCpu').toFixed(2)} x`,
  );
  console.log(
    `  ${toPlain.toFixed(2)} x plain buffers (wanted 0.9), by CPU time ${ratio('plain', 'perCpu').toFixed(2)} x`,
  );
  if (toTgtd < wanted) problems.push(`${load}: ${toTgtd.toFixed(2)} x tgtd`);
  if (toPlain < 0.9) problems.push(`${load}: ${toPlain.toFixed(2)} x plain buffers`);
}
for (const { stop } of Object.values(servers)) await stop();

/** Where the time goes: samples by the file they fell in. */
async function profile() {
  const port = await freePort();
  const args = ['--cpu-prof', `--cpu-prof-dir=${directory}`, '--conditions=source', '--import', 'tsx'];
  const main = [
    join(root, 'examples/iscsi-target/main.ts'),
    '--listen',
    `127.0.0.1:${port}`,
    '--size',
    '100M',
  ];
  const target = await start(process.execPath, [...args, ...main], (output) => output.includes('listening'));
  const url = `iscsi://127.0.0.1:${port}/iqn.2026-11.org.scatterlist:disk/1`;
  for (const [, { measure }] of loads) await measure(url);
  target.child.kill('SIGTERM');
  await target.ended;
  const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
  const { nodes, samples } = JSON.parse(readFileSync(join(directory, file), 'utf8'));
  const layerOf = new Map(nodes.map(({ id, callFrame }) => [id, layer(callFrame)]));
  const counts = new Map();
  for (const id of samples) counts.set(layerOf.get(id), (counts.get(layerOf.get(id)) ?? 0) + 1);
  const busy = samples.length - (counts.get('idle') ?? 0);
  counts.delete('idle');
  for (const [name, n] of [...counts].sort((a, b) => b[1] - a[1])) {
    console.log(`profile: ${((100 * n) / busy).toFixed(1).padStart(5)} % ${name}`);
  }
}

function layer({ url, functionName }) {
  if (functionName === '(idle)' || functionName === '(program)') return 'idle';
  if (/\/lib\/scatterlist\//.test(url)) return 'scatterlists (lib/scatterlist)';
  if (/\/(lib\/(machine|kernel|mapping|base)|backends)\//.test(url))
    return 'mapping layer (lib/kernel, lib/machine, backends)';
  if (/\/examples\//.test(url)) return 'the target itself (examples)';
  if (functionName === '(garbage collector)') return 'garbage collector';
  return url.startsWith('node:') || url === '' ? 'Node and the socket' : 'other';
}

if (values.profile) await profile();
if (!values.strict && problems.every((problem) => / x /.test(problem))) {
  for (const problem of problems) console.log(`below what is wanted: ${problem}`);
  problems.length = 0;
}
verdict(CHECK, problems);
