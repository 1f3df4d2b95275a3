import { expect } from 'chai';
import { Journal } from '../../examples/iscsi-target/image/journal.ts';
import { recover } from '../../examples/iscsi-target/image/recover.ts';
import { WriteBack } from '../../examples/iscsi-target/image/write-back.ts';
import { ChangedBlocks } from '../../examples/iscsi-target/store/changed-blocks.ts';
import { PlainStore } from '../../examples/iscsi-target/store/plain-store.ts';
import type { Failure, Store } from '../../examples/iscsi-target/store/store.ts';
import { WatchedStore } from '../../examples/iscsi-target/store/watched-store.ts';
import { after, cuts, ForgetfulDisk, split } from './forgetful-disk.ts';
import type { Contents, Event } from './forgetful-disk.ts';

const BLOCK = 512;
const BLOCKS = 24;
const BYTES = BLOCK * BLOCKS;
/** So small that a flush has several of them. */
const CHUNK_BLOCKS = 2;
const PIECE_BYTES = 3 * BLOCK;
const IDENTITY = { sizeBytes: BYTES, device: 1n, inode: 2n, birthtimeNs: 3n, changedNs: 4n };

function put(store: Store, block: number, count: number, value: number): Failure {
  const data = store.stage(count * BLOCK);
  if (data === undefined) throw new Error('no memory');
  const failure =
    data.write(new Uint8Array(count * BLOCK).fill(value), 0) ??
    store.put(block * BLOCK, data, 0, count * BLOCK);
  data.release();
  return failure;
}

function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Life {
  readonly disk: ForgetfulDisk;
  /** How the disk was after each change; an acknowledged flush notes the number of the last that it has. */
  readonly states: readonly Uint8Array[];
}

type Fault = (disk: ForgetfulDisk, operation: number, event: Event) => void;

/** Changes a disk and flushes it, with changes in the middle of each flush. */
async function live(seed: number, flushes: number, fault: Fault = () => undefined): Promise<Life> {
  const random = seeded(seed);
  const image = Uint8Array.from({ length: BYTES }, (_, i) => 1 + (i % 250));
  const disk = new ForgetfulDisk(new Map([['image', image]]));
  const journal = new Journal(disk.open('journal'), IDENTITY, PIECE_BYTES);
  await journal.begin();
  const changes = new ChangedBlocks(BLOCKS, CHUNK_BLOCKS);
  const inner = new PlainStore(BYTES);
  const whole = inner.stage(BYTES);
  expect(whole.write(image, 0) ?? inner.put(0, whole, 0, BYTES)).to.equal(undefined);
  const store = new WatchedStore(inner, changes);
  const cache = new WriteBack({ changes, journal, image: disk.open('image'), report: () => undefined }, true);
  cache.readFrom(inner);
  const states: Uint8Array[] = [image];
  const change = (): void => {
    const count = 1 + random(4);
    const block = random(BLOCKS - count);
    const unmaps = random(4) === 0;
    const failure = unmaps
      ? store.unmap(block * BLOCK, count * BLOCK)
      : put(store, block, count, 1 + random(250));
    expect(failure).to.equal(undefined);
    const now = new Uint8Array(BYTES);
    expect(inner.range(0, BYTES).read(now, 0)).to.equal(undefined);
    states.push(now);
  };
  disk.before = (operation, event) => {
    fault(disk, operation, event);
    if (random(3) === 0) change();
  };
  for (let i = 0; i < flushes; i += 1) {
    for (let n = 1 + random(3); n > 0; n -= 1) change();
    const last = states.length - 1;
    if ((await cache.flush()) === undefined) disk.note(last);
  }
  return { disk, states };
}

/** What a target that starts on these files makes of the image; it may be cut off itself, after some operations. */
async function restart(files: Contents, most = Infinity): Promise<ForgetfulDisk> {
  const disk = new ForgetfulDisk(files);
  disk.before = (operation) => {
    if (operation >= most) throw new Error('cut off');
  };
  const journal = new Journal(disk.open('journal'), IDENTITY, PIECE_BYTES);
  const names = { journalName: 'journal', imageName: 'image' };
  await recover({ journal, image: disk.open('image'), ...names }).catch((error: unknown) => {
    if (!(error instanceof Error) || error.message !== 'cut off') throw error;
  });
  return disk;
}

function lastNote(events: readonly Event[]): number {
  const note = events.findLast((event) => event.kind === 'note');
  return note?.kind === 'note' ? note.value : 0;
}

/** The image is the disk as it was at one moment, not before the last acknowledged flush. */
function expectOneOf(states: readonly Uint8Array[], since: number, image: Uint8Array, where: string): void {
  const found = states.findLastIndex((state) => Buffer.compare(state, image) === 0);
  expect(found, `${where}: the image is no state of the disk`).to.be.at.least(0);
  expect(found, `${where}: acknowledged writes are missing`).to.be.at.least(since);
}

async function expectWhole(files: Contents, { states }: Life, since: number, where: string): Promise<void> {
  const disk = await restart(files);
  expectOneOf(states, since, disk.contents('image'), where);
}

describe('an image whose target is cut off', () => {
  it('at every byte that it writes, is the disk as it was at one moment with all that was acknowledged', async () => {
    const life = await live(1, 3);
    const { start, events } = life.disk;
    // A flush writes several chunks, to the journal and to their places.
    const writesTo = (name: string): number =>
      events.filter((event) => event.kind === 'write' && event.file === name).length;
    expect(writesTo('journal')).to.be.greaterThan(4 * 3);
    expect(writesTo('image')).to.be.greaterThan(2 * 3);
    let cut = 0;
    for (const [i, event] of events.entries()) {
      const done = events.slice(0, i);
      const files = after(start, done);
      const since = lastNote(done);
      await expectWhole(files, life, since, `before event ${String(i)}`);
      for (const part of cuts(event)) {
        await expectWhole(after(files, [part]), life, since, `within event ${String(i)}`);
        cut += 1;
      }
    }
    expect(cut).to.be.greaterThan(5000);
  });

  it('and again while it recovers, at every operation', async () => {
    const life = await live(2, 3);
    const { start, events } = life.disk;
    for (let i = 0; i <= events.length; i += 1) {
      const done = events.slice(0, i);
      const files = after(start, done);
      const whole = await restart(files);
      for (let most = 0; most < whole.operations; most += 1) {
        const first = await restart(files, most);
        const next = whole.events[most];
        for (const part of [undefined, ...(next === undefined ? [] : cuts(next, 97))]) {
          const left = after(first.start, [...first.events, ...(part === undefined ? [] : [part])]);
          await expectWhole(left, life, lastNote(done), `event ${String(i)}, recovery ${String(most)}`);
        }
      }
    }
  });

  it('with whatever the system had not synced lost, written in part, or written in another order', async () => {
    const random = seeded(7);
    for (let seed = 10; seed < 16; seed += 1) {
      const life = await live(seed, 3);
      const { start, events } = life.disk;
      for (let i = 0; i <= events.length; i += 1) {
        const done = events.slice(0, i);
        const { safe, loose } = split(done);
        for (let n = 0; n < 12; n += 1) {
          const some: Event[] = [];
          for (const event of loose) {
            if (random(2) === 0) continue;
            if (event.kind !== 'write' || random(2) === 0) some.push(event);
            else some.push({ ...event, bytes: event.bytes.subarray(0, random(event.bytes.length)) });
          }
          if (random(2) === 0) some.reverse();
          const files = after(start, [...safe, ...some]);
          await expectWhole(files, life, lastNote(done), `seed ${String(seed)}, event ${String(i)}`);
        }
      }
    }
  });

  it('after any operation failed, wholly or in part, once or for good', async () => {
    const { disk } = await live(3, 3);
    for (let failing = 2; failing < disk.operations + 2; failing += 1) {
      for (const [forGood, part] of [
        [false, 0],
        [false, 0.5],
        [true, 0],
        [true, 0.5],
      ] as const) {
        const life = await live(3, 4, (on, operation, event) => {
          if (operation !== failing && !(forGood && operation > failing)) return;
          if (event.kind === 'write')
            on.partly({ ...event, bytes: event.bytes.subarray(0, Math.floor(event.bytes.length * part)) });
          throw new Error('ENOSPC: no space left on device');
        });
        const { start, events } = life.disk;
        for (let i = 0; i <= events.length; i += 1) {
          const done = events.slice(0, i);
          const where = `operation ${String(failing)} failed, cut at ${String(i)}`;
          await expectWhole(after(start, done), life, lastNote(done), where);
        }
        if (!forGood) expect(lastNote(events), 'the last flush works again').to.be.greaterThan(0);
      }
    }
  });
});
