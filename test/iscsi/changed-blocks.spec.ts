import { expect } from 'chai';
import fc from 'fast-check';
import { ChangedBlocks } from '../../examples/iscsi-target/store/changed-blocks.ts';
import { PlainStore } from '../../examples/iscsi-target/store/plain-store.ts';
import type { Store } from '../../examples/iscsi-target/store/store.ts';
import { WatchedStore } from '../../examples/iscsi-target/store/watched-store.ts';

const BLOCK = 512;
/** Enough for three chunks, which have at most 512 blocks. */
const BLOCKS = 1500;

function put(store: Store, block: number, count: number, value: number): void {
  const data = store.stage(count * BLOCK);
  if (data === undefined) throw new Error('no memory');
  expect(data.write(new Uint8Array(count * BLOCK).fill(value), 0)).to.equal(undefined);
  expect(store.put(block * BLOCK, data, 0, count * BLOCK)).to.equal(undefined);
  data.release();
}

function contents(store: Store): Uint8Array {
  const bytes = new Uint8Array(store.sizeBytes);
  expect(store.range(0, bytes.length).read(bytes, 0)).to.equal(undefined);
  return bytes;
}

interface Change {
  readonly block: number;
  readonly count: number;
  readonly value: number;
}

const change = fc.record({
  block: fc.integer({ min: 0, max: BLOCKS - 200 }),
  count: fc.integer({ min: 1, max: 200 }),
  // 0 unmaps.
  value: fc.integer({ min: 0, max: 3 }),
});

function apply(store: Store, { block, count, value }: Change): void {
  if (value === 0) expect(store.unmap(block * BLOCK, count * BLOCK)).to.equal(undefined);
  else put(store, block, count, value);
}

describe('the changed blocks of a disk', () => {
  it('a snapshot has the disk as it was, whatever changes while it is read', () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 3, maxLength: 8 }),
        fc.array(fc.array(change, { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
        fc.boolean(),
        (before, during, isKept) => {
          const inner = new PlainStore(BLOCKS * BLOCK);
          const changes = new ChangedBlocks(BLOCKS);
          const store = new WatchedStore(inner, changes);
          // The file behind the disk: everything that changed goes there.
          const file = contents(inner);
          for (const each of before) apply(store, each);
          const expected = contents(inner);
          const snapshot = changes.snapshot(inner);
          let n = 0;
          for (const { offset, lengthBytes, bytes } of snapshot.chunks()) {
            if (bytes === 'zeros') file.fill(0, offset, offset + lengthBytes);
            else file.set(bytes, offset);
            for (const each of during[n] ?? []) apply(store, each);
            n += 1;
          }
          expect(Buffer.compare(file, expected)).to.equal(0);
          changes.end(snapshot, isKept);

          // What was not kept, and what changed meanwhile, comes with the next one.
          if (!isKept) file.fill(0);
          const last = contents(inner);
          for (const { offset, lengthBytes, bytes } of changes.snapshot(inner).chunks()) {
            if (bytes === 'zeros') file.fill(0, offset, offset + lengthBytes);
            else file.set(bytes, offset);
          }
          expect(Buffer.compare(file, last)).to.equal(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
