/**
 * The disk: a scatterlist over sparse pages, in the shape of the kernel's ramdisk backend
 * (drivers/target/target_core_rd.c).
 *
 * The list is built once, from tables of a fixed size chained together; the table of a page is found by
 * division. Entries that were never written share one page of zeros, so an unwritten disk costs one
 * page and reading needs no special case.
 */
import {
  describeError,
  sgAssignPage,
  sgChain,
  sgCompare,
  sgInitTable,
  sgMap,
  sgNext,
  sgSetPage,
} from 'scatterlist';
import { sgPcopyFromBuffer, sgPcopyToBuffer, sgUnmap, SgMiter } from 'scatterlist';
import type { MapBackend, Mapping, Page, ScatterlistError, SgArray, SgEntry, SgList } from 'scatterlist';
import { withFault } from './faults.ts';
import type { DiskFault, Transfer } from './faults.ts';
import type { PagePool } from './page-pool.ts';
import { pageParts, PAGE_BYTES, Provisioning } from './provisioning.ts';
import type { PagePart } from './provisioning.ts';
import type { Difference, Extent, Failure, Store } from './store.ts';

/** Entries of one table: RD_MAX_ALLOCATION_SIZE over the size of an entry. */
const TABLE_ENTRIES = 65536 / 32;
const FULL: Failure = { why: 'no page is free', full: true };

type List = SgList<'lowmem' | 'highmem' | 'iomem' | 'protected' | 'unmappable'>;

function failed(error: ScatterlistError): Failure {
  return { why: describeError(error), full: false };
}

/** A list from one of its entries on. Every entry but the last is a page, so the entry is found by division. */
function from(entry: SgEntry, nents: number): List {
  return { sgl: entry, origNents: nents };
}

/** Pages of the disk, shared by all sessions. */
export class SgDisk {
  readonly sizeBytes: number;
  readonly pages: number;
  readonly #tables: SgEntry[] = [];
  readonly #pool: PagePool;
  readonly #zero: Page;
  readonly #provisioning: Provisioning;

  constructor(sizeBytes: number, pool: PagePool) {
    this.sizeBytes = sizeBytes;
    this.pages = Math.ceil(sizeBytes / PAGE_BYTES);
    this.#pool = pool;
    this.#provisioning = new Provisioning(this.pages);
    const zero = pool.take();
    if (zero === undefined) throw new RangeError('no page for zeros');
    this.#zero = zero.page;
    this.#buildTables();
  }

  #buildTables(): void {
    let previous: SgEntry | undefined;
    for (let built = 0; built < this.pages;) {
      const entries = Math.min(TABLE_ENTRIES, this.pages - built);
      const more = built + entries < this.pages;
      const table = sgInitTable(entries + (more ? 1 : 0));
      const first = table.entry(0);
      for (let i = 0; i < entries; i += 1) sgSetPage(table.entry(i), this.#zero, PAGE_BYTES);
      if (previous !== undefined) sgChain(previous.array, TABLE_ENTRIES + 1, first);
      this.#tables.push(first);
      previous = first;
      built += entries;
    }
  }

  /** `rd_get_sg_table`: the entry of a page. */
  entry(page: number): SgEntry {
    const table = this.#tables[Math.floor(page / TABLE_ENTRIES)];
    if (table === undefined)
      throw new RangeError(`no page ${String(page)} on a disk of ${String(this.pages)}`);
    return table.array.entry(page % TABLE_ENTRIES);
  }

  /** The list that holds a range. */
  list(offset: number, lengthBytes: number): List {
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + Math.max(lengthBytes, 1) - 1) / PAGE_BYTES);
    return from(this.entry(first), last - first + 1);
  }

  /** Whether a block has contents. */
  isMapped(block: number): boolean {
    return this.#provisioning.hasBlock(block);
  }

  /** Gives a page of its own to every entry of a range that shares the page of zeros. */
  provision(offset: number, lengthBytes: number, zero: (entry: SgEntry, part: PagePart) => Failure): Failure {
    const last = Math.floor((offset + lengthBytes - 1) / PAGE_BYTES);
    let first = Math.floor(offset / PAGE_BYTES);
    while (first <= last && this.#provisioning.isFull(first)) first += 1;
    if (first > last) return undefined;
    for (const part of pageParts(offset, lengthBytes)) {
      const entry = this.entry(part.page);
      if (entry.page === this.#zero) {
        const taken = this.#pool.take();
        if (taken === undefined) return FULL;
        sgAssignPage(entry, taken.page);
        // clear_highpage, unless all of it is about to be written.
        const wrong =
          taken.used && part.bytes < PAGE_BYTES
            ? zero(entry, { ...part, from: 0, bytes: PAGE_BYTES })
            : undefined;
        if (wrong !== undefined) {
          this.#dropPage(entry);
          return wrong;
        }
      }
      this.#provisioning.write(part);
    }
    return undefined;
  }

  /**
   * Takes a page of data in exchange for the page of the disk whose contents it replaces: what
   * `fuse_try_move_page` does in the page cache. Both pages are whole and of one zone.
   */
  exchange(page: number, data: SgEntry): void {
    const entry = this.entry(page);
    const { page: before } = entry;
    if (before === null || data.page === null) throw new RangeError('an entry without a page');
    sgAssignPage(entry, data.page);
    sgAssignPage(data, before);
  }

  /** Gives up the blocks of a range; a page of which none is left goes back. */
  unmap(offset: number, lengthBytes: number, zero: (entry: SgEntry, part: PagePart) => Failure): Failure {
    for (const part of pageParts(offset, lengthBytes)) {
      if (!this.#provisioning.hasPage(part.page)) continue;
      const entry = this.entry(part.page);
      if (!this.#provisioning.unmap(part)) this.#dropPage(entry);
      else {
        const wrong = zero(entry, part);
        if (wrong !== undefined) return wrong;
      }
    }
    return undefined;
  }

  #dropPage(entry: SgEntry): void {
    const { page } = entry;
    if (page === null || page === this.#zero) return;
    sgAssignPage(entry, this.#zero);
    this.#pool.give(page);
  }

  /** Gives every page back. */
  destroy(): void {
    for (let sg: SgEntry | null = this.entry(0); sg !== null; sg = sgNext(sg)) this.#dropPage(sg);
    this.#pool.give(this.#zero);
  }
}

/** Lists for the data of commands (`t_data_sg`), each of which is used again for a command of its size. */
export class DataLists {
  readonly #pool: PagePool;
  readonly #spare = new Map<number, SgArray[]>();
  #inUse = 0;

  constructor(pool: PagePool) {
    this.#pool = pool;
  }

  /** A list of pages for so many bytes, or nothing where the pool has too few. */
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
      if (taken === undefined) return undefined;
      sgSetPage(array.entry(i), taken.page, PAGE_BYTES);
    }
    return array;
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

  /** Gives everything back; answers lists that are still in use. */
  destroy(): number {
    this.#shrink();
    return this.#inUse;
  }
}

/** The data of one command. */
class CommandData implements Extent {
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

  /** The list from the page of a byte on; the byte is then within its first page. */
  list(at: number): List {
    if (this.#array === undefined) throw new RangeError('the data of the command is released');
    const page = Math.floor(at / PAGE_BYTES);
    return from(this.#array.entry(page), this.#array.slots - page);
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

/** A range of the disk, to read from. */
class DiskRange implements Extent {
  readonly lengthBytes: number;
  readonly #disk: SgDisk;
  readonly #offset: number;
  readonly #backend: MapBackend;

  constructor(disk: SgDisk, offset: number, lengthBytes: number, backend: MapBackend) {
    this.#disk = disk;
    this.#offset = offset;
    this.lengthBytes = lengthBytes;
    this.#backend = backend;
  }

  read(target: Uint8Array, at: number): Failure {
    const start = this.#offset + at;
    const copied = sgPcopyToBuffer(
      this.#disk.list(start, target.length),
      target,
      this.#backend,
      start % PAGE_BYTES,
    );
    return copied.ok ? undefined : failed(copied.error);
  }

  write(): Failure {
    return { why: 'a range of the disk is read only', full: false };
  }

  release(): void {
    return;
  }
}

/** How a session's store works. */
export interface StoreOptions {
  readonly fault?: DiskFault | undefined;
  /** Whole pages of data become pages of the disk instead of being copied; only where both are of one zone. */
  readonly movesPages?: boolean;
}

/** The disk as one session uses it: through the backend of its task. */
export class SgStore implements Store {
  readonly #disk: SgDisk;
  readonly #lists: DataLists;
  readonly #backend: MapBackend;
  readonly #fault: DiskFault | undefined;
  readonly #movesPages: boolean;
  readonly #scratch = new Uint8Array(PAGE_BYTES);
  // On a checked machine an array of bytes is a copy kept in step: there, one plain copy costs less.
  readonly #chunk: (mapping: Mapping, lengthBytes: number, scratch: Uint8Array) => Uint8Array;

  constructor(disk: SgDisk, lists: DataLists, backend: MapBackend, options: StoreOptions = {}) {
    this.#disk = disk;
    this.#lists = lists;
    this.#backend = backend;
    this.#fault = options.fault;
    this.#movesPages = options.movesPages === true && options.fault?.direction !== 'write';
    this.#chunk = backend.context.machine.config.mode === 'direct' ? bytesOf : copyOf;
  }

  get sizeBytes(): number {
    return this.#disk.sizeBytes;
  }

  #through(direction: DiskFault['direction'], offset: number, lengthBytes: number): MapBackend {
    if (this.#fault === undefined) return this.#backend;
    const transfer: Transfer = {
      offset,
      lengthBytes,
      pageAt: (atByte) => this.#disk.entry(Math.floor((offset + atByte) / PAGE_BYTES)).page ?? undefined,
    };
    return withFault(this.#backend, this.#fault, direction, transfer);
  }

  stage(lengthBytes: number): Extent | undefined {
    const array = this.#lists.take(lengthBytes);
    return array && new CommandData(lengthBytes, array, this.#lists, this.#backend);
  }

  range(offset: number, lengthBytes: number): Extent {
    return new DiskRange(this.#disk, offset, lengthBytes, this.#through('read', offset, lengthBytes));
  }

  put(offset: number, data: Extent, dataAt: number, lengthBytes: number, spent = false): Failure {
    const short = this.#disk.provision(offset, lengthBytes, this.#zero);
    if (short !== undefined) return short;
    const moves = spent && this.#movesPages && offset % PAGE_BYTES === dataAt % PAGE_BYTES;
    if (!moves) return this.#copy(offset, data, dataAt, lengthBytes);
    // The parts of pages at both ends are copied, the whole pages between them change hands.
    const head = Math.min((PAGE_BYTES - (offset % PAGE_BYTES)) % PAGE_BYTES, lengthBytes);
    const whole = lengthBytes - head - ((lengthBytes - head) % PAGE_BYTES);
    const tail = lengthBytes - head - whole;
    const wrong =
      this.#copy(offset, data, dataAt, head) ??
      this.#copy(offset + head + whole, data, dataAt + head + whole, tail);
    if (wrong !== undefined || whole === 0) return wrong;
    const { sgl: first } = listOf(data, dataAt + head);
    const page = (offset + head) / PAGE_BYTES;
    for (let i = 0; i < whole / PAGE_BYTES && first !== null; i += 1) {
      this.#disk.exchange(page + i, first.array.entry(first.slot + i));
    }
    return undefined;
  }

  /** `rd_execute_rw`: walks the command's list and, inside each of its chunks, the pages of the disk. */
  #copy(offset: number, data: Extent, dataAt: number, lengthBytes: number): Failure {
    if (lengthBytes === 0) return undefined;
    const disk = this.#through('write', offset, lengthBytes);
    const list = listOf(data, dataAt);
    const it = new SgMiter(list.sgl, this.#backend, 'fromSg', list.origNents);
    it.skip(dataAt % PAGE_BYTES);
    let at = offset;
    let left = lengthBytes;
    let sg: SgEntry | null = this.#disk.entry(Math.floor(at / PAGE_BYTES));
    while (left > 0 && sg !== null) {
      const next = it.next();
      if (!next.ok) return failed(next.error);
      if (!next.value) break;
      const inPage = at % PAGE_BYTES;
      const length = Math.min(it.length, PAGE_BYTES - inPage, left);
      const mapped = sgMap(sg, inPage, disk);
      if (!mapped.ok) {
        it.stop();
        return failed(mapped.error);
      }
      mapped.value.copyFrom(this.#chunk(it.mapping, length, this.#scratch));
      sgUnmap(mapped.value);
      it.consumed = length;
      at += length;
      left -= length;
      if (at % PAGE_BYTES === 0) sg = sgNext(sg);
    }
    it.stop();
    return left === 0 ? undefined : { why: `${String(left)} bytes too few`, full: false };
  }

  compare(offset: number, data: Extent, dataAt: number, lengthBytes: number): Difference {
    const compared = sgCompare(
      this.#disk.list(offset, lengthBytes),
      listOf(data, dataAt),
      { lengthBytes, skipFirstBytes: offset % PAGE_BYTES, skipSecondBytes: dataAt % PAGE_BYTES },
      this.#backend,
      this.#backend,
    );
    if (!compared.ok) return { failure: failed(compared.error), atByte: -1 };
    return { failure: undefined, atByte: compared.value.equal ? -1 : compared.value.atByte };
  }

  unmap(offset: number, lengthBytes: number): Failure {
    return this.#disk.unmap(offset, lengthBytes, this.#zero);
  }

  isMapped(block: number): boolean {
    return this.#disk.isMapped(block);
  }

  readonly #zero = (entry: SgEntry, part: PagePart): Failure => {
    const mapped = sgMap(entry, part.from, this.#backend);
    if (!mapped.ok) return failed(mapped.error);
    mapped.value.fill(0, 0, part.bytes);
    sgUnmap(mapped.value);
    return undefined;
  };
}

function listOf(data: Extent, at: number): List {
  if (!(data instanceof CommandData)) throw new TypeError('not the data of a command');
  return data.list(at);
}

/** The first bytes of a chunk, without a copy where the mapping has them as an array. */
function bytesOf(mapping: Mapping, lengthBytes: number, scratch: Uint8Array): Uint8Array {
  if (!('bytes' in mapping) || !(mapping.bytes instanceof Uint8Array))
    return copyOf(mapping, lengthBytes, scratch);
  return lengthBytes === mapping.bytes.length ? mapping.bytes : mapping.bytes.subarray(0, lengthBytes);
}

/** The first bytes of a chunk, copied out. */
function copyOf(mapping: Mapping, lengthBytes: number, scratch: Uint8Array): Uint8Array {
  const bytes = scratch.subarray(0, lengthBytes);
  mapping.copyTo(bytes);
  return bytes;
}
