/** A store whose changes are noted before they happen, so that they can be written back. */
import type { ChangedBlocks } from './changed-blocks.ts';
import type { Difference, Extent, Failure, Store } from './store.ts';

export class WatchedStore implements Store {
  readonly #inner: Store;
  readonly #changes: ChangedBlocks;

  constructor(inner: Store, changes: ChangedBlocks) {
    this.#inner = inner;
    this.#changes = changes;
  }

  get sizeBytes(): number {
    return this.#inner.sizeBytes;
  }

  stage(lengthBytes: number): Extent | undefined {
    return this.#inner.stage(lengthBytes);
  }

  range(offset: number, lengthBytes: number): Extent {
    return this.#inner.range(offset, lengthBytes);
  }

  put(offset: number, data: Extent, dataAt: number, lengthBytes: number, spent?: boolean): Failure {
    return (
      this.#changes.change(offset, lengthBytes) ?? this.#inner.put(offset, data, dataAt, lengthBytes, spent)
    );
  }

  compare(offset: number, data: Extent, dataAt: number, lengthBytes: number): Difference {
    return this.#inner.compare(offset, data, dataAt, lengthBytes);
  }

  unmap(offset: number, lengthBytes: number): Failure {
    return this.#changes.change(offset, lengthBytes) ?? this.#inner.unmap(offset, lengthBytes);
  }

  isMapped(block: number): boolean {
    return this.#inner.isMapped(block);
  }
}
