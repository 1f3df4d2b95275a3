/** What the checks with real initiators and a real browser share: starting the target, running clients, reporting. */
import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const IQN = 'iqn.2026-11.org.scatterlist:disk';

// mkfs and tgtd live where only root looks.
process.env.PATH += ':/usr/sbin:/sbin';

/** Debian packages of the clients and the browser, for the message that says what is missing. */
const PACKAGES =
  'libiscsi-bin tgt qemu-utils qemu-block-extra fio e2fsprogs dosfstools mtools chromium redis-server (Debian; apt-get install)';
/** Exit code of a check that could not run. */
export const NOT_RUN = 77;

/** Ends the process loudly where a client is missing. */
export function needTools(check, ...tools) {
  const missing = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length === 0) return;
  console.log(`NOT RUN: ${check}: ${missing.join(', ')} not found. Packages: ${PACKAGES}`);
  process.exit(NOT_RUN);
}

/** A directory that goes away with the process. */
export function scratchDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'scatterlist-real-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

// Killed for taking too long, it still takes its children along.
process.on('SIGTERM', () => process.exit(143));

/** Starts a program and waits until `ready` answers true for its output so far. */
export async function start(command, args, ready, seconds = 30) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const program = { child, output: '', exited: undefined };
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      program.output += String(error);
      resolve(-1);
    });
    child.on('close', (code) => {
      children.delete(child);
      program.exited = code ?? -1;
      resolve(program.exited);
    });
  });
  child.stdout.on('data', (text) => (program.output += text));
  child.stderr.on('data', (text) => (program.output += text));
  program.ended = ended;
  for (let waited = 0; ; waited += 50) {
    if (await ready(program.output)) return program;
    if (program.exited !== undefined || waited > seconds * 1000) {
      child.kill('SIGKILL');
      throw new Error(`${command} ${args.join(' ')} did not start:\n${program.output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether something listens on a port. */
export function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

/** Starts the target with options of its command line. */
export async function startTarget(...options) {
  const port = await freePort();
  const args = ['--conditions=source', '--import', 'tsx', 'examples/iscsi-target/main.ts'];
  const listen = ['--listen', `127.0.0.1:${port}`];
  const target = await start(process.execPath, [...args, ...listen, ...options], (output) =>
    output.includes('listening'),
  );
  target.port = port;
  target.url = `iscsi://127.0.0.1:${port}/${IQN}/1`;
  return target;
}

/** Stops a target and answers what is wrong with how it ended: live mappings, leaks, nesting, exit code. */
export async function stopTarget(target) {
  target.child.kill('SIGTERM');
  const code = await target.ended;
  const wrong = [];
  for (const [line, live, peak, declared] of target.output.matchAll(
    /^.* ended: live mappings (\d+)(?: depth (\d+)\/(\d+))?.*$/gm,
  )) {
    if (live !== '0' || Number(peak ?? 0) > Number(declared ?? 0)) wrong.push(line);
  }
  if (code !== 0 || !/^clean$/m.test(target.output))
    wrong.push(`exit code ${code}`, target.output.slice(-2000));
  return wrong;
}

/** Runs a client; never longer than `seconds`. */
export function run(command, args, { seconds = 120, input } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    children.add(child);
    let output = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: -1, output: String(error), timedOut });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      children.delete(child);
      resolve({ code: code ?? -1, output, timedOut });
    });
  });
}

/** `run` where anything but success is an error. */
export async function must(command, args, options) {
  const result = await run(command, args, options);
  if (result.code === 0) return result.output;
  const why = result.timedOut ? 'took too long' : `ended with ${result.code}`;
  throw new Error(`${command} ${args.join(' ')} ${why}:\n${result.output.slice(-3000)}`);
}

/** The sha256 of a file. */
export async function digest(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** A generator of numbers that repeats itself: the same check is the same every time. */
export function seeded(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Prints the verdict of a check and sets the exit code. */
export function verdict(check, problems) {
  for (const problem of problems) console.log(`  ${problem}`);
  console.log(`${problems.length === 0 ? 'PASS' : 'FAIL'}: ${check}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
