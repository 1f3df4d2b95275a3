/** Which blocks of the disk changed since they were last written back, and how they were when writing back began. */
import { BlockSet } from './block-set.ts';
import type { BlockRun } from './block-set.ts';
import { BLOCK_BYTES } from './store.ts';
import type { Failure, Store } from './store.ts';

/** The most blocks that are read at a time: 256 KiB. */
const CHUNK_BLOCKS = 512;
const ZEROS: Uint8Array = new Uint8Array(BLOCK_BYTES);

/** Some bytes of the disk as they were. Bytes that are all 0 can be `zeros`. */
export interface Chunk {
  readonly offset: number;
  readonly lengthBytes: number;
  readonly bytes: Uint8Array | 'zeros';
}

/** The changed blocks as they were at one moment, while the disk goes on changing. */
export class Snapshot {
  readonly #blocks: BlockSet;
  /** Blocks that were not returned by `chunks` yet. */
  readonly #pending: BlockSet;
  /** The old contents of pending blocks that have changed since. */
  readonly #saved = new Map<number, Uint8Array>();
  readonly #store: Store;

  readonly #chunkBlocks: number;

  constructor(blocks: BlockSet, pending: BlockSet, store: Store, chunkBlocks: number) {
    this.#blocks = blocks;
    this.#pending = pending;
    this.#store = store;
    this.#chunkBlocks = chunkBlocks;
  }

  get blocks(): BlockSet {
    return this.#blocks;
  }

  /** Keeps the bytes of a range that is about to change. */
  save(first: number, count: number): Failure {
    for (let block = first; block < first + count; block += 1) {
      if (!this.#pending.has(block) || this.#saved.has(block)) continue;
      const bytes = this.#store.isMapped(block) ? new Uint8Array(BLOCK_BYTES) : ZEROS;
      const failure =
        bytes === ZEROS ? undefined : this.#store.range(block * BLOCK_BYTES, BLOCK_BYTES).read(bytes, 0);
      if (failure !== undefined) return failure;
      this.#saved.set(block, bytes);
    }
    return undefined;
  }

  /** The contents in the order of the disk. Throws if the disk cannot be read. */
  *chunks(): Generator<Chunk> {
    for (const run of this.#blocks.runs(this.#chunkBlocks)) {
      const bytes = this.#isZeros(run) ? 'zeros' : this.#read(run);
      this.#pending.delete(run.first, run.count);
      yield { offset: run.first * BLOCK_BYTES, lengthBytes: run.count * BLOCK_BYTES, bytes };
    }
  }

  #isZeros({ first, count }: BlockRun): boolean {
    for (let block = first; block < first + count; block += 1) {
      const saved = this.#saved.get(block);
      if (saved === undefined ? this.#store.isMapped(block) : saved !== ZEROS) return false;
    }
    return true;
  }

  #read({ first, count }: BlockRun): Uint8Array {
    const bytes = new Uint8Array(count * BLOCK_BYTES);
    const failure = this.#store.range(first * BLOCK_BYTES, bytes.length).read(bytes, 0);
    if (failure !== undefined) throw new Error(`the disk cannot be read: ${failure.why}`);
    for (let i = 0; i < count; i += 1) {
      const saved = this.#saved.get(first + i);
      if (saved !== undefined) bytes.set(saved, i * BLOCK_BYTES);
      this.#saved.delete(first + i);
    }
    return bytes;
  }
}

/** The changed blocks of one disk. */
export class ChangedBlocks {
  readonly #blocks: number;
  readonly #chunkBlocks: number;
  #changed: BlockSet;
  #any = false;
  #snapshot: Snapshot | undefined = undefined;

  /** No chunk of a snapshot has more than `chunkBlocks` blocks. */
  constructor(blocks: number, chunkBlocks = CHUNK_BLOCKS) {
    this.#blocks = blocks;
    this.#chunkBlocks = chunkBlocks;
    this.#changed = new BlockSet(blocks);
  }

  /** Whether any block changed since the last snapshot. */
  get any(): boolean {
    return this.#any;
  }

  /** Notes that a range is about to change. If this fails, the range must not be changed. */
  change(offset: number, lengthBytes: number): Failure {
    if (lengthBytes === 0) return undefined;
    const first = Math.floor(offset / BLOCK_BYTES);
    const count = Math.ceil((offset + lengthBytes) / BLOCK_BYTES) - first;
    const failure = this.#snapshot?.save(first, count);
    if (failure !== undefined) return failure;
    this.#changed.add(first, count);
    this.#any = true;
    return undefined;
  }

  /** Moves all changes to a snapshot, which reads them through `store`. There can be only one snapshot at a time. */
  snapshot(store: Store): Snapshot {
    const pending = new BlockSet(this.#blocks);
    pending.addAll(this.#changed);
    this.#snapshot = new Snapshot(this.#changed, pending, store, this.#chunkBlocks);
    this.#changed = new BlockSet(this.#blocks);
    this.#any = false;
    return this.#snapshot;
  }

  /** Ends the snapshot. If it was not kept, its blocks count as changed again. */
  end(snapshot: Snapshot, kept: boolean): void {
    this.#snapshot = undefined;
    if (kept) return;
    this.#changed.addAll(snapshot.blocks);
    this.#any = true;
  }
}
