/**
 * Kills a target at random moments, starts it again, and compares its image with what was written.
 *
 *     npm run test:kills -- --kills 200 --seed 1
 *
 * Every write gives its blocks a number of their own. After each restart every block of the image must be whole, and
 * of a write that is not older than the last one that a SYNCHRONIZE CACHE covered.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TargetProcess } from './target-process.ts';
import { BLOCK_BYTES, TcpInitiator } from './tcp-initiator.ts';

const BLOCKS = 4096;
const MOST_BLOCKS_A_WRITE = 64;
/** Commands that one initiator has under way. */
const DEPTH = 4;
/** A target that starts is killed within this time in a quarter of all cases, one that serves in the others. */
const START_MS = 500;
const SERVE_MS = 250;

/** The contents of a block: its number and the number of the write, over and over. */
function fillBlock(bytes: Uint8Array, block: number, write: number): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, BLOCK_BYTES / 4);
  for (let i = 0; i < words.length; i += 2) {
    words[i] = block;
    words[i + 1] = write;
  }
}

/** The number of the write that a block of the image is of; undefined where it is of more than one. */
function writeOf(image: Uint8Array, block: number): number | undefined {
  const words = new Uint32Array(image.buffer, image.byteOffset + block * BLOCK_BYTES, BLOCK_BYTES / 4);
  const write = words[1];
  for (let i = 0; i < words.length; i += 2)
    if (words[i] !== block || words[i + 1] !== write) return undefined;
  return write;
}

/** What was found. */
export interface KillsResult {
  readonly kills: number;
  readonly writes: number;
  readonly synchronized: number;
  readonly recovered: number;
  readonly problems: readonly string[];
}

class Disk {
  /** Oldest write that a block may be of, and the writes that were sent since. */
  readonly least = new Uint32Array(BLOCKS);
  readonly sent: Set<number>[] = Array.from({ length: BLOCKS }, () => new Set([0]));
  writes = 0;

  check(image: Uint8Array, problems: string[], when: string): void {
    for (let block = 0; block < BLOCKS; block += 1) {
      const write = writeOf(image, block);
      const sent = this.sent[block] ?? new Set();
      const least = this.least[block] ?? 0;
      if (write === undefined) problems.push(`${when}: block ${String(block)} is torn`);
      else if (!sent.has(write) || write < least)
        problems.push(
          `${when}: block ${String(block)} is of write ${String(write)}, at least ${String(least)} was synchronized`,
        );
      this.least[block] = write ?? 0;
      sent.clear();
      sent.add(write ?? 0);
    }
  }
}

/** Writes and synchronizes until the target is gone. Writes of one initiator are in its own blocks. */
async function load(
  port: number,
  disk: Disk,
  random: (below: number) => number,
  own: number,
): Promise<number> {
  const initiator = await TcpInitiator.login(port, `iqn.test.${String(own)}`);
  if (initiator === undefined) return 0;
  const span = BLOCKS / 2;
  let synchronized = 0;
  const busy: { block: number; count: number; write: number }[] = [];
  const done: { block: number; count: number; write: number }[] = [];
  const work = async (): Promise<void> => {
    for (;;) {
      if (random(6) === 0) {
        // What was answered before is what it covers.
        const covered = done.slice();
        const ended = await initiator.synchronize();
        if (ended?.status !== 0) return;
        synchronized += 1;
        for (const { block, count, write } of covered)
          for (let i = block; i < block + count; i += 1) disk.least[i] = Math.max(disk.least[i] ?? 0, write);
        continue;
      }
      const count = 1 + random(MOST_BLOCKS_A_WRITE);
      const block = own * span + random(span - count);
      // Two writes of one block under way at once may be done in either order.
      if (busy.some((other) => block < other.block + other.count && other.block < block + count)) {
        await after(1);
        continue;
      }
      disk.writes += 1;
      const write = disk.writes;
      const data = new Uint8Array(count * BLOCK_BYTES);
      for (let i = 0; i < count; i += 1) {
        fillBlock(data.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES), block + i, write);
        disk.sent[block + i]?.add(write);
      }
      const entry = { block, count, write };
      busy.push(entry);
      const ended = await initiator.write(block, data);
      busy.splice(busy.indexOf(entry), 1);
      if (ended?.status !== 0) return;
      done.push(entry);
    }
  };
  await Promise.all(Array.from({ length: DEPTH }, work));
  initiator.close();
  return synchronized;
}

/** Kills a target so many times. */
export async function runKills(kills: number, seed: number): Promise<KillsResult> {
  const directory = mkdtempSync(join(tmpdir(), 'scatterlist-kills-'));
  const file = join(directory, 'disk.img');
  const image = new Uint8Array(BLOCKS * BLOCK_BYTES);
  for (let i = 0; i < BLOCKS; i += 1) fillBlock(image.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES), i, 0);
  writeFileSync(file, image);
  let state = seed >>> 0;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const disk = new Disk();
  const problems: string[] = [];
  let synchronized = 0;
  let recovered = 0;
  try {
    for (let kill = 0; kill <= kills && problems.length === 0; kill += 1) {
      const target = new TargetProcess(['--image', file]);
      const isLast = kill === kills;
      const killsTheStart = !isLast && random(4) === 0;
      if (killsTheStart) setTimeout(() => target.signal('SIGKILL'), random(START_MS));
      const port = await target.port;
      if (port !== undefined) {
        if (/were put in their places/.test(target.errors)) recovered += 1;
        disk.check(readFileSync(file), problems, `after kill ${String(kill)}`);
        if (!isLast && !killsTheStart) setTimeout(() => target.signal('SIGKILL'), random(SERVE_MS));
        const loads = isLast ? [] : [load(port, disk, random, 0), load(port, disk, random, 1)];
        for (const count of await Promise.all(loads)) synchronized += count;
      } else if (!killsTheStart) problems.push(`kill ${String(kill)}: no start: ${target.errors}`);
      if (isLast) target.signal('SIGTERM');
      const ended = await target.ended;
      if (ended !== (isLast ? 0 : 'SIGKILL'))
        problems.push(`the target ended with ${String(ended)}: ${target.errors}`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { kills, writes: disk.writes, synchronized, recovered, problems };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
  });
  const { kills, writes, synchronized, recovered, problems } = await runKills(
    Number(values.kills),
    Number(values.seed),
  );
  for (const problem of problems) console.log(problem);
  console.log(
    `${String(kills)} kills, seed ${values.seed}: ${String(writes)} writes, ${String(synchronized)} times synchronized, ${String(recovered)} journals finished, ${String(problems.length)} problems`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
