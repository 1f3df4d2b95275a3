/** The data of commands under way: lists of pages of their own (`t_data_sg`). */
import { sgInitTable, sgPcopyFromBuffer, sgPcopyToBuffer, sgSetPage } from 'scatterlist';
import type { MapBackend, SgArray } from 'scatterlist';
import { failed, listFrom } from './page-list.ts';
import type { PageList } from './page-list.ts';
import type { PagePool } from './page-pool.ts';
import { PAGE_BYTES } from './provisioning.ts';
import type { Extent, Failure } from './store.ts';

/** Lists for the data of commands, each of which is used again for a command of its size. */
export class DataLists {
  readonly #pool: PagePool;
  readonly #spare = new Map<number, SgArray[]>();
  #inUse = 0;

  constructor(pool: PagePool) {
    this.#pool = pool;
  }

  /** Returns a list of pages for so many bytes, or undefined if the pool has too few. */
  take(lengthBytes: number): SgArray | undefined {
    const nents = Math.ceil(lengthBytes / PAGE_BYTES);
    const array = this.#spare.get(nents)?.pop() ?? this.#allocate(nents);
    if (array === undefined) return undefined;
    const last = array.entry(nents - 1);
    const lastBytes = lengthBytes - (nents - 1) * PAGE_BYTES;
    if (last.length !== lastBytes && last.page !== null) sgSetPage(last, last.page, lastBytes);
    this.#inUse += 1;
    return array;
  }

  #allocate(nents: number): SgArray | undefined {
    if (!this.#pool.has(nents)) this.#shrink();
    if (!this.#pool.has(nents)) return undefined;
    const array = sgInitTable(nents);
    for (let i = 0; i < nents; i += 1) {
      const taken = this.#pool.take();
      if (taken === undefined) {
        for (const page of array.pages) if (page !== null) this.#pool.give(page);
        return undefined;
      }
      sgSetPage(array.entry(i), taken.page, PAGE_BYTES);
    }
    return array;
  }

  /** The number of lists that are in use. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Takes a list back. */
  give(array: SgArray): void {
    const spare = this.#spare.get(array.slots);
    if (spare === undefined) this.#spare.set(array.slots, [array]);
    else spare.push(array);
    this.#inUse -= 1;
  }

  /** Gives the pages of unused lists back to the pool. */
  #shrink(): void {
    for (const spare of this.#spare.values()) {
      for (const array of spare) {
        for (const page of array.pages) if (page !== null) this.#pool.give(page);
      }
    }
    this.#spare.clear();
  }

  /** Gives everything back; returns the number of lists that are still in use. */
  destroy(): number {
    this.#shrink();
    return this.#inUse;
  }
}

/** The data of one command. */
export class CommandData implements Extent {
  readonly lengthBytes: number;
  readonly #lists: DataLists;
  readonly #backend: MapBackend;
  #array: SgArray | undefined;

  constructor(lengthBytes: number, array: SgArray, lists: DataLists, backend: MapBackend) {
    this.lengthBytes = lengthBytes;
    this.#array = array;
    this.#lists = lists;
    this.#backend = backend;
  }

  /** The part of the list that begins with the page of a byte. */
  list(at: number): PageList {
    if (this.#array === undefined) throw new RangeError('the data of the command is released');
    const page = Math.floor(at / PAGE_BYTES);
    return listFrom(this.#array.entry(page), this.#array.slots - page);
  }

  read(target: Uint8Array, at: number): Failure {
    const copied = sgPcopyToBuffer(this.list(at), target, this.#backend, at % PAGE_BYTES);
    return copied.ok ? undefined : failed(copied.error);
  }

  write(source: Uint8Array, at: number): Failure {
    const copied = sgPcopyFromBuffer(this.list(at), source, this.#backend, at % PAGE_BYTES);
    return copied.ok ? undefined : failed(copied.error);
  }

  release(): void {
    if (this.#array !== undefined) this.#lists.give(this.#array);
    this.#array = undefined;
  }
}
