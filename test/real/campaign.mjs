/**
 * A campaign over a queue, with three workers of which one is killed at a random moment: twenty times, and the verdict is
 * that of a search that is not divided.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort, needTools, root, scratchDirectory } from './harness.mjs';

needTools('campaign', 'redis-server');
const ROUNDS = 20;
const COMMAND = 'dist/cli/scatterlist.js';
const PROGRAMS = ['test/real/campaign-program.mjs', 'test/real/campaign-bug.mjs'];
const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function start(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function outcomeOf(...args) {
  const child = start(process.execPath, [COMMAND, ...args, '--json']);
  let [out, error] = ['', ''];
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (error += data));
  const [code] = await once(child, 'close');
  if (code > 1) throw new Error(`${args.join(' ')} ended with ${code}: ${error}`);
  const { kind, violation } = JSON.parse(out);
  return `${kind} ${violation?.rule ?? ''}`.trim();
}

const port = await freePort();
const scratch = scratchDirectory();
const redis = start('redis-server', ['--port', `${port}`, '--save', '', '--dir', scratch]);
let started = '';
redis.stdout.on('data', (data) => (started += data));
while (!/Ready to accept/.test(started)) await new Promise((done) => setTimeout(done, 20));
const queue = ['--queue', `redis://127.0.0.1:${port}`];
const worker = () => start(process.execPath, [COMMAND, 'worker', ...queue, '--workers', '1']);
const workers = [worker(), worker(), worker()];
const expected = new Map();
for (const program of PROGRAMS) expected.set(program, await outcomeOf('explore', program));
console.log([...expected.values()].join(', '));
let failed = 0;
const start0 = Date.now();
for (let round = 0; round < ROUNDS; round += 1) {
  const program = PROGRAMS[round % PROGRAMS.length];
  const victim = Math.floor(Math.random() * workers.length);
  const killed = setTimeout(() => {
    workers[victim].kill('SIGKILL');
    workers[victim] = worker();
  }, Math.random() * 2500);
  const verdict = await outcomeOf('campaign', program, ...queue, '--budget', '60s').catch(String);
  clearTimeout(killed);
  if (verdict === expected.get(program)) continue;
  failed += 1;
  console.log(`FAIL: round ${round}: ${program}: ${verdict}, not ${expected.get(program)}`);
}
console.log(
  `${ROUNDS - failed} of ${ROUNDS} campaigns with a killed worker: the same verdict, ${((Date.now() - start0) / 1000).toFixed(0)} s`,
);
process.exit(failed === 0 ? 0 : 1);
