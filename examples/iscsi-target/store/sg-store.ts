/** The disk as one session uses it, through the backend of its task. */
import { sgCompare, sgMap, sgNext, sgPcopyToBuffer, sgUnmap, SgMiter } from 'scatterlist';
import type { MapBackend, Mapping, SgEntry } from 'scatterlist';
import { CommandData } from './command-data.ts';
import type { DataLists } from './command-data.ts';
import { withFault } from './faults.ts';
import type { DiskFault, Transfer } from './faults.ts';
import { failed } from './page-list.ts';
import type { PageList } from './page-list.ts';
import { PAGE_BYTES } from './provisioning.ts';
import type { PagePart } from './provisioning.ts';
import type { SgDisk } from './sg-disk.ts';
import type { Difference, Extent, Failure, Store } from './store.ts';

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
  /** Whether whole pages of data become pages of the disk instead of being copied. Both must be in one zone. */
  readonly movesPages?: boolean;
}

/** The store of one session. */
export class SgStore implements Store {
  readonly #disk: SgDisk;
  readonly #lists: DataLists;
  readonly #backend: MapBackend;
  readonly #fault: DiskFault | undefined;
  readonly #movesPages: boolean;
  readonly #scratch = new Uint8Array(PAGE_BYTES);
  // On a checked machine the array of a mapping is a copy that has to be kept equal; one plain copy takes less time.
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
    // The parts of pages at both ends are copied, and the whole pages between them are exchanged.
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

function listOf(data: Extent, at: number): PageList {
  if (!(data instanceof CommandData)) throw new TypeError('not the data of a command');
  return data.list(at);
}

/** The first bytes of a chunk, without a copy if the mapping has them as an array. */
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
