import { expect } from 'chai';
import { Journal } from '../../examples/iscsi-target/image/journal.ts';
import { WriteBack } from '../../examples/iscsi-target/image/write-back.ts';
import { ChangedBlocks } from '../../examples/iscsi-target/store/changed-blocks.ts';
import { PlainStore } from '../../examples/iscsi-target/store/plain-store.ts';
import type { Store } from '../../examples/iscsi-target/store/store.ts';
import { WatchedStore } from '../../examples/iscsi-target/store/watched-store.ts';
import { ForgetfulDisk } from './forgetful-disk.ts';

const BLOCK = 512;
const BYTES = 8 * BLOCK;
const IDENTITY = { sizeBytes: BYTES, device: 1n, inode: 2n, birthtimeNs: 3n, changedNs: 4n };

function put(store: Store, block: number, value: number): void {
  const data = store.stage(BLOCK);
  if (data === undefined) throw new Error('no memory');
  expect(data.write(new Uint8Array(BLOCK).fill(value), 0)).to.equal(undefined);
  expect(store.put(block * BLOCK, data, 0, BLOCK)).to.equal(undefined);
  data.release();
}

async function setUp(): Promise<{ disk: ForgetfulDisk; store: Store; cache: WriteBack }> {
  const disk = new ForgetfulDisk(new Map([['image', new Uint8Array(BYTES)]]));
  const journal = new Journal(disk.open('journal'), IDENTITY);
  await journal.begin();
  const changes = new ChangedBlocks(BYTES / BLOCK);
  const inner = new PlainStore(BYTES);
  const cache = new WriteBack({ changes, journal, image: disk.open('image'), report: () => undefined }, true);
  cache.readFrom(inner);
  return { disk, store: new WatchedStore(inner, changes), cache };
}

describe('writing back', () => {
  it('a flush that is asked for while another runs has what was written before it was asked for', async () => {
    const { disk, store, cache } = await setUp();
    const first = disk.operations;
    put(store, 1, 7);
    // At each operation of a flush, in turn: one more write, and one more flush.
    for (let at = 0; ; at += 1) {
      const value = 10 + at;
      let second: Promise<unknown> | undefined;
      const begin = disk.operations;
      disk.before = (operation) => {
        if (operation !== begin + at || second !== undefined) return;
        put(store, 2, value);
        second = cache.flush();
      };
      put(store, 1, value);
      expect(await cache.flush()).to.equal(undefined);
      if (second === undefined) {
        expect(at).to.be.greaterThan(3);
        break;
      }
      expect(await second).to.equal(undefined);
      expect(disk.contents('image')[2 * BLOCK], `operation ${String(at)}`).to.equal(value);
    }
    expect(disk.operations).to.be.greaterThan(first);
  });

  it('two flushes that wait for a third are one', async () => {
    const { store, cache } = await setUp();
    put(store, 1, 7);
    const running = cache.flush();
    const [second, third] = [cache.flush(), cache.flush()];
    expect(second).to.equal(third);
    expect(second).not.to.equal(running);
    await Promise.all([running, second]);
  });
});
