import { expect } from 'chai';
import { ChangedBlocks } from '../../examples/iscsi-target/store/changed-blocks.ts';
import { PlainStore } from '../../examples/iscsi-target/store/plain-store.ts';
import { BLOCK_BYTES } from '../../examples/iscsi-target/store/store.ts';
import type { Extent, Failure, Store } from '../../examples/iscsi-target/store/store.ts';
import { WatchedStore } from '../../examples/iscsi-target/store/watched-store.ts';
import { blocks } from './image-samples.ts';

const BLOCKS = 16;
const BYTES = BLOCKS * BLOCK_BYTES;

interface Parts {
  readonly inner: PlainStore;
  readonly changes: ChangedBlocks;
  readonly store: Store;
}

function setUp(): Parts {
  const inner = new PlainStore(BYTES);
  const changes = new ChangedBlocks(BLOCKS);
  return { inner, changes, store: new WatchedStore(inner, changes) };
}

function put(store: Store, offset: number, bytes: Uint8Array): Failure {
  const data = store.stage(bytes.length);
  if (data === undefined) throw new Error('no memory');
  expect(data.write(bytes, 0)).to.equal(undefined);
  const failure = store.put(offset, data, 0, bytes.length);
  data.release();
  return failure;
}

function contents(store: Store): Uint8Array {
  const all = new Uint8Array(BYTES);
  expect(store.range(0, BYTES).read(all, 0)).to.equal(undefined);
  return all;
}

/** The blocks that changed, each once. */
function changed({ changes, inner }: Parts): number[] {
  const runs = [...changes.snapshot(inner).blocks.runs(BLOCKS)];
  return runs.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));
}

describe('a watched store', () => {
  it('notes the blocks that a write touches, in whole or in part', () => {
    for (const [offset, length, wanted] of [
      [0, 512, [0]],
      [2 * 512, 1536, [2, 3, 4]],
      [500, 24, [0, 1]],
      [15 * 512 + 511, 1, [15]],
    ] as const) {
      const parts = setUp();
      expect(put(parts.store, offset, new Uint8Array(length).fill(5))).to.equal(undefined);
      expect(changed(parts)).to.deep.equal(wanted);
      expect(contents(parts.inner)).to.deep.equal(new Uint8Array(BYTES).fill(5, offset, offset + length));
    }
  });

  it('notes the blocks that are unmapped', () => {
    const parts = setUp();
    expect(put(parts.inner, 0, blocks(BLOCKS, 5))).to.equal(undefined);
    expect(parts.store.unmap(8 * BLOCK_BYTES, 8 * BLOCK_BYTES)).to.equal(undefined);
    expect(changed(parts)).to.deep.equal([8, 9, 10, 11, 12, 13, 14, 15]);
    expect([parts.inner.isMapped(7), parts.inner.isMapped(8)]).to.deep.equal([true, false]);
  });

  it('is the store inside for everything that changes nothing, and notes nothing then', () => {
    const { inner, changes, store } = setUp();
    expect(put(inner, 0, blocks(8, 5))).to.equal(undefined);
    expect(store.sizeBytes).to.equal(BYTES);
    expect(contents(store)).to.deep.equal(contents(inner));
    for (const block of [0, 7, 8, 15]) expect(store.isMapped(block)).to.equal(inner.isMapped(block));
    const data = store.stage(BLOCK_BYTES);
    expect(data?.write(blocks(1, 5).fill(6, 100), 0)).to.equal(undefined);
    expect(data && store.compare(0, data, 0, BLOCK_BYTES)).to.deep.equal({ failure: undefined, atByte: 100 });
    data?.release();
    expect(changes.any).to.equal(false);
  });

  it('says whether data are spent', () => {
    const { inner, changes } = setUp();
    const told: unknown[] = [];
    const spy: Store = {
      sizeBytes: BYTES,
      stage: (length) => inner.stage(length),
      range: (offset, length) => inner.range(offset, length),
      compare: (offset, data, at, length) => inner.compare(offset, data, at, length),
      unmap: (offset, length) => inner.unmap(offset, length),
      isMapped: (block) => inner.isMapped(block),
      put: (...args) => {
        told.push(args);
        return undefined;
      },
    };
    const store = new WatchedStore(spy, changes);
    const data = inner.stage(1024);
    expect(store.put(512, data, 256, 512, true)).to.equal(undefined);
    expect(store.put(0, data, 0, 512)).to.equal(undefined);
    expect(told).to.deep.equal([
      [512, data, 256, 512, true],
      [0, data, 0, 512, undefined],
    ]);
  });

  it('keeps a snapshot as it was, and changes nothing where it cannot be kept', () => {
    const { inner, changes, store } = setUp();
    expect(put(store, 0, blocks(2, 5))).to.equal(undefined);
    const failure = { why: 'unreadable', full: false };
    let isReadable = false;
    const range = (offset: number, length: number): Extent => {
      const extent = inner.range(offset, length);
      return {
        lengthBytes: length,
        read: (target, at) => (isReadable ? extent.read(target, at) : failure),
        write: (source, at) => extent.write(source, at),
        release: () => {
          extent.release();
        },
      };
    };
    const snapshot = changes.snapshot({
      sizeBytes: BYTES,
      stage: (length) => inner.stage(length),
      range,
      put: () => undefined,
      compare: (offset, data, at, length) => inner.compare(offset, data, at, length),
      unmap: () => undefined,
      isMapped: (block) => inner.isMapped(block),
    });
    const before = contents(inner);
    expect(put(store, BLOCK_BYTES, blocks(1, 6))).to.equal(failure);
    expect(store.unmap(0, BLOCK_BYTES)).to.equal(failure);
    expect(contents(inner)).to.deep.equal(before);
    expect(changes.any).to.equal(false);
    isReadable = true;
    expect(put(store, BLOCK_BYTES, blocks(1, 6))).to.equal(undefined);
    const chunks = [...snapshot.chunks()];
    expect(chunks.map(({ bytes }) => bytes)).to.deep.equal([blocks(2, 5)]);
    expect(changes.any).to.equal(true);
  });
});
