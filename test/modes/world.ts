/** A session on one machine: what its operations return, and what they leave behind. */
import {
  DmaDevice,
  SgArray,
  SgMiter,
  SgTable,
  ViolationError,
  createMachine,
  dmaAddr,
  dmaMapSgtable,
  dmaSyncSgtableForCpu,
  dmaSyncSgtableForDevice,
  dmaUnmapSgtable,
  forEachSgtableDmaSg,
  mappedNents,
  origNents,
  sgChain,
  sgCompare,
  sgCopyList,
  sgDmaAddress,
  sgDmaLen,
  sgFill,
  sgInitMarker,
  sgMap,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgUnmap,
} from 'scatterlist';
import type { Machine, MapBackend, Mapping, MemoryKind, Page, SgEntry, Task } from 'scatterlist';
import {
  faultInjection,
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  recorder,
  vmap,
} from 'scatterlist/backends';
import {
  BouncePool,
  clearHighpage,
  copyHighpage,
  memcpyFromPage,
  memcpyPage,
  memcpyToPage,
  memsetPage,
  memzeroPage,
  zeroUser,
} from 'scatterlist/machine';
import type { Flat } from './oracle.ts';
import { BACKENDS, KINDS, PAGE, PAGES } from './session.ts';
import type { BackendName, BufferPlace, Entry, Kind, ListShape, Operation, Session } from './session.ts';

/** How one of the machines that are compared is built. */
export interface Variant {
  readonly mode: 'direct' | 'checked';
  readonly trace: boolean;
  readonly callSites: boolean;
}

interface Held {
  readonly mapping: Mapping & { readonly bytes?: Uint8Array };
  readonly array: Uint8Array | undefined;
}

const ACCESSES = {
  1: (m: Mapping, at: number) => m.load8(at),
  2: (m: Mapping, at: number) => m.load16(at),
  4: (m: Mapping, at: number) => m.load32(at),
  8: (m: Mapping, at: number) => Number(m.load64(at)),
} as const;

/** A machine with the lists of a session on it. */
export class World {
  readonly machine: Machine;
  private readonly task: Task;
  private readonly pages: Readonly<Record<Kind, readonly Page[]>>;
  private readonly lists: readonly SgTable<MemoryKind>[];
  private readonly backends = new Map<BackendName, MapBackend>();
  private readonly held: Held[] = [];
  private readonly own: Uint8Array;
  /** Where the pages end that had bytes from the start on, by host buffer. */
  private readonly ends = new Map<ArrayBufferLike, number>();
  private readonly devices = new Map<string, DmaDevice>();

  constructor(session: Session, variant: Variant) {
    const { semantics, onViolation, highmem, forceMap, kmMaxIdx, pkmapSlots, vmallocPages, bounceSlots } =
      session;
    this.machine = createMachine({
      ...variant,
      semantics,
      onViolation,
      highmem,
      forceMap: forceMap && highmem,
      kmMaxIdx: forceMap && highmem ? 2 * kmMaxIdx + 1 : kmMaxIdx,
      pkmapSlots,
      vmallocPages,
      bounceSlots,
      pageSize: PAGE,
      lowmemPages: PAGES.lowmem + 256,
      highmemPages: PAGES.highmem,
      protectedPages: PAGES.protected,
      unmappablePages: PAGES.unmappable,
      cpus: 1,
    });
    const { machine } = this;
    // The last pages of lowmem, so that entries may run into what lies behind.
    const others = machine.allocPages(256, { zone: 'lowmem' });
    const pages = {
      lowmem: machine.allocPages(PAGES.lowmem, { zone: 'lowmem' }),
      highmem: machine.allocPages(PAGES.highmem, { zone: 'highmem' }),
      protected: machine.allocPages(PAGES.protected, { zone: 'protected' }),
      unmappable: machine.allocPages(PAGES.unmappable, { zone: 'unmappable' }),
      iomem: machine.ioRegion(PAGES.iomem),
    };
    for (const page of others) machine.freePage(page);
    this.pages = pages;
    for (const [i, [kind, page]] of session.touched.entries()) {
      const bytes = machine.physical(pages[kind][page]!);
      this.ends.set(bytes.buffer, bytes.byteOffset + PAGE);
      for (let at = 0; at < PAGE; at += 1) bytes[at] = i * 31 + at * 7 + session.seed;
    }
    this.task = machine.task('driver');
    this.lists = session.lists.map((shape) => this.tableOf(shape));
    this.own = Uint8Array.from({ length: 12 * PAGE + 16 }, (_, i) => (i * 37) ^ (i >> 3));
  }

  private tableOf(shape: ListShape): SgTable<MemoryKind> {
    const arrays = shape.map((entries, i) => {
      const array = new SgArray<MemoryKind>(entries.length + (i + 1 < shape.length ? 1 : 0));
      sgInitMarker(array, entries.length);
      for (const [slot, entry] of entries.entries())
        try {
          this.set(array.entry(slot), entry);
        } catch (error) {
          // Refused on a strict machine: the entry stays empty.
          if (!(error instanceof ViolationError)) throw error;
        }
      return array;
    });
    for (const [i, array] of arrays.entries()) {
      const next = arrays[i + 1];
      if (next !== undefined) sgChain(array, array.slots, next.entry(0), { semantics: 'strict' });
    }
    const table = new SgTable<MemoryKind>();
    table.sgl = arrays[0]!.entry(0);
    const entries = shape.reduce((sum, { length }) => sum + length, 0);
    table.origNents = origNents(entries);
    table.nents = mappedNents(entries);
    table.how = { machine: this.machine };
    return table;
  }

  private set(sg: SgEntry<MemoryKind>, { kind, page, offset, length }: Entry): void {
    sg.array.set(sg.slot, this.pages[kind][page] ?? null, length, offset);
  }

  private backend(name: BackendName): MapBackend {
    const known = this.backends.get(name);
    if (known !== undefined) return known;
    const made = this.bind(name);
    this.backends.set(name, made);
    return made;
  }

  private bind(name: BackendName): MapBackend {
    const { task } = this;
    switch (name) {
      case 'kmap':
        return kmap(task);
      case 'kmapLocal':
        return kmapLocal(task);
      case 'kmapAtomic':
        return kmapAtomic(task);
      case 'pageAddress':
        return pageAddress(task);
      case 'vmap':
        return vmap(task);
      case 'iomemBounce':
        return iomemBounce(task);
      case 'bounceTouched':
        return iomemBounce(task, { prefill: 'zero', writeBack: 'touched' });
      case 'ioAccess':
        return ioAccess(task);
      case 'pgmap':
        return pgmap(task);
      case 'faulty':
        return faultInjection(kmapLocal(task), { failWhen: (attempt) => attempt % 5 === 4 });
      case 'recorded':
        return recorder(pageAddress(task));
    }
  }

  private bufferOf(place: BufferPlace): Uint8Array {
    const { from, length } = place;
    if (place.at === 'memory') return this.memoryAt(this.pages[place.kind][place.page]!, from, length);
    if (place.at === 'list') {
      const { page, offset } = this.entry(place.list, 0);
      if (page !== null) return this.memoryAt(page, Math.min(offset, PAGE) + from, length);
    }
    const array = place.at === 'held' ? this.held[place.which]?.array : undefined;
    return (array ?? this.own).subarray(Math.max(0, from), Math.max(0, from) + length);
  }

  // As far as the pages around had bytes from the start on, and so lie at the same places on all machines; where
  // others get their bytes later is no driver's business.
  private memoryAt(page: Page, from: number, length: number): Uint8Array {
    const { buffer, byteOffset } = this.machine.physical(page);
    const known = this.ends.get(buffer) ?? 0;
    const isKnown = byteOffset < known;
    const end = isKnown ? known : byteOffset + PAGE;
    const start = Math.min(end, Math.max(isKnown ? 0 : byteOffset, byteOffset + from));
    return new Uint8Array(buffer, start, Math.min(length, end - start));
  }

  /** Does one operation; returns what it answered, or what it threw. */
  run(operation: Operation): unknown {
    try {
      return this.apply(operation);
    } catch (error) {
      return error instanceof Error
        ? { thrown: error.name, why: error.message.split('\n')[0] }
        : { thrown: error };
    }
  }

  private apply(operation: Operation): unknown {
    const { task, machine } = this;
    switch (operation.op) {
      case 'copy': {
        const copy = operation.toBuffer ? sgPcopyToBuffer : sgPcopyFromBuffer;
        const buffer = this.bufferOf(operation.buffer);
        return copy<MapBackend, MemoryKind>(
          this.list(operation.list),
          buffer,
          this.backend(operation.backend),
          operation.skip,
        );
      }
      case 'fill':
        return sgFill<MapBackend, MemoryKind>(
          this.list(operation.list),
          operation.value,
          { lengthBytes: operation.length, skipBytes: operation.skip },
          this.backend(operation.backend),
        );
      case 'copyList':
      case 'compare': {
        const work = operation.op === 'compare' ? sgCompare : sgCopyList;
        return work<MapBackend, MemoryKind, MemoryKind, MapBackend>(
          this.list(operation.list),
          this.list(operation.second),
          {
            lengthBytes: operation.length,
            skipFirstBytes: operation.skip,
            skipSecondBytes: operation.skipSecond,
          },
          this.backend(operation.backend),
          this.backend(operation.secondBackend),
        );
      }
      case 'iterate':
        return this.iterate(operation);
      case 'map':
        return this.map(operation);
      case 'hold': {
        const sg = this.entry(operation.list, operation.entry);
        if (this.held.length > 3 || operation.offset >= sg.length) return 'left out';
        const mapped = sgMap<MapBackend, MemoryKind>(sg, operation.offset, this.backend(operation.backend));
        if (!mapped.ok) return mapped;
        const mapping: Held['mapping'] = mapped.value;
        this.held.push({ mapping, array: operation.array ? mapping.bytes : undefined });
        return mapping.length;
      }
      case 'touch': {
        const held = this.held[operation.which];
        if (held === undefined) return 'left out';
        const { mapping, array } = held;
        const at = operation.from % mapping.length;
        if (operation.array && array !== undefined) {
          const before = array[at];
          array[at] = operation.value;
          return before;
        }
        const before = mapping.load8(at);
        mapping.store8(at, operation.value);
        return before;
      }
      case 'drop': {
        const held = this.held.pop();
        if (held !== undefined) sgUnmap(held.mapping);
        return held === undefined ? 'left out' : 'dropped';
      }
      case 'page':
        return this.page(operation);
      case 'dma':
        return this.dma(operation);
      case 'change':
        this.set(this.entry(operation.list, operation.entry), operation.to);
        return undefined;
      case 'store':
        machine.physical(this.pages[operation.kind][operation.page]!)[operation.from] = operation.value;
        void task;
        return undefined;
    }
  }

  private list(n: number): SgTable<MemoryKind> {
    return this.lists[n % this.lists.length]!;
  }

  private entry(list: number, n: number): SgEntry<MemoryKind> {
    const entries = [...this.list(list)];
    return entries[n % entries.length]!;
  }

  private iterate(operation: Operation & { readonly op: 'iterate' }): unknown {
    const { direction, way } = operation;
    const buffer = this.bufferOf(operation.buffer);
    const it = new SgMiter<MapBackend, MemoryKind>(
      this.list(operation.list),
      this.backend(operation.backend),
      direction,
    );
    const seen: unknown[] = [];
    if (operation.skip > 0 && !it.skip(operation.skip)) return 'short';
    for (let i = 0; i < operation.chunks; i += 1) {
      const next = it.next();
      if (!next.ok) {
        seen.push(next);
        break;
      }
      if (!next.value) break;
      const mapping: Held['mapping'] = it.mapping;
      const part = buffer.subarray(0, Math.min(buffer.length, it.length));
      if (way === 'accessors' || (way === 'bytes' && operation.backend === 'ioAccess')) {
        for (let at = 0; at < it.length; at += 61)
          if (direction === 'toSg') mapping.store8(at, at + i);
          else seen.push(mapping.load8(at));
      } else if (way === 'copy') {
        if (direction === 'toSg') mapping.copyFrom(part);
        else mapping.copyTo(part);
      } else {
        const bytes = mapping.bytes ?? new Uint8Array(0);
        if (direction === 'toSg') bytes.set(part);
        else seen.push(bytes.reduce((sum, byte, n) => (sum * 31 + byte + n) | 0, 0));
      }
      seen.push([it.length, it.page?.pfn]);
      if (operation.consume >= 0) it.consumed = Math.min(operation.consume, it.length);
      if (operation.consume === 0) break;
    }
    it.stop();
    return seen;
  }

  private map(operation: Operation & { readonly op: 'map' }): unknown {
    const sg = this.entry(operation.list, operation.entry);
    if (operation.offset >= sg.length) return 'left out';
    const mapped = sgMap<MapBackend, MemoryKind>(sg, operation.offset, this.backend(operation.backend));
    if (!mapped.ok) return mapped;
    const { value: mapping } = mapped;
    const from = operation.from % mapping.length;
    const buffer = this.bufferOf(operation.buffer);
    const part = buffer.subarray(0, Math.min(buffer.length, mapping.length - from));
    if (operation.toBuffer) mapping.copyTo(part, from);
    else mapping.copyFrom(part, from);
    const { width } = operation;
    const at = Math.max(0, Math.min(mapping.length - width, from));
    const read = mapping.length >= width && at % width === 0 ? ACCESSES[width](mapping, at) : undefined;
    sgUnmap(mapping);
    return [part.length, read];
  }

  private page(operation: Operation & { readonly op: 'page' }): unknown {
    const { task } = this;
    const { helper, from, to } = operation;
    const page = this.pages[operation.kind][operation.page]!;
    const second = this.pages[operation.kind][operation.second]!;
    const length = Math.min(operation.length, PAGE - from, PAGE - to);
    const whole = this.bufferOf(operation.buffer);
    const buffer = whole.subarray(0, Math.min(whole.length, PAGE - from));
    switch (helper) {
      case 'memcpyPage':
        return memcpyPage(task, page, to, second, from, length);
      case 'memcpyFromPage':
        return memcpyFromPage(task, buffer, page, from);
      case 'memcpyToPage':
        return memcpyToPage(task, page, from, buffer);
      case 'memsetPage':
        return memsetPage(task, page, from, to, length);
      case 'memzeroPage':
        return memzeroPage(task, page, from, length);
      case 'copyHighpage':
        return copyHighpage(task, page, second);
      case 'clearHighpage':
        return clearHighpage(task, page);
      case 'zeroUser':
        return zeroUser(task, page, from, length);
    }
  }

  private dma(operation: Operation & { readonly op: 'dma' }): unknown {
    const { machine, task } = this;
    if (this.held.length > 0) return 'left out';
    const name = `${String(operation.bounce)} ${String(operation.iommu)}`;
    let device = this.devices.get(name);
    if (device === undefined) {
      device = new DmaDevice(machine, {
        ...(operation.bounce ? { bounce: { pool: new BouncePool(machine), always: true } } : {}),
        ...(operation.iommu && !operation.bounce ? { iommu: {} } : {}),
      });
      this.devices.set(name, device);
    }
    const table = this.list(operation.list);
    // That two mappings may write the same bytes only a checked machine sees.
    const direction = overlaps(table) ? 'toDevice' : operation.direction;
    const mapped = dmaMapSgtable(task, device, table, direction);
    if (!mapped.ok) return mapped;
    const seen: unknown[] = [];
    for (const sg of forEachSgtableDmaSg(table)) {
      const from = Math.min(operation.from, sgDmaLen(sg));
      const length = Math.min(operation.length, sgDmaLen(sg) - from);
      const address = dmaAddr(sgDmaAddress(sg) + from);
      if (direction !== 'fromDevice') seen.push([...device.read(address, length)]);
      if (direction !== 'toDevice')
        device.write(
          address,
          Uint8Array.from({ length }, (_, i) => i * 5 + length),
        );
    }
    dmaSyncSgtableForCpu(task, device, table, direction);
    dmaSyncSgtableForDevice(task, device, table, direction);
    dmaUnmapSgtable(task, device, table, direction);
    return [seen, sgDmaLen(table.sgl!)];
  }

  /** The bytes before an operation, for the oracle; undefined where it knows nothing of the operation. */
  flat(operation: Operation): Flat | undefined {
    if (this.held.length > 0 || this.machine.config.semantics === 'compatible') return undefined;
    const room = this.own.length;
    const pages = KINDS.flatMap((kind) => this.pages[kind]);
    const places = new Map<number, number>(pages.map((page, i) => [page.pfn, room + i * PAGE] as const));
    const buffer = operation.op === 'copy' ? this.bufferOf(operation.buffer) : this.own.subarray(0, 0);
    const inHost = new Map<number, number>();
    for (const page of pages)
      if (page.chunk?.bytes.buffer === buffer.buffer) inHost.set(page.chunkOffset, places.get(page.pfn) ?? 0);
    const whereBytesAre = Array.from({ length: buffer.length }, (_, i) => {
      const at = buffer.byteOffset + i;
      return buffer.buffer === this.own.buffer ? at : (inHost.get(at - (at % PAGE)) ?? NaN) + (at % PAGE);
    });
    return {
      bytes: Buffer.concat(this.bytes),
      buffer: whereBytesAre,
      isContiguous: (name) =>
        BACKENDS.some((known) => known === name && this.backend(known).contract.contiguous),
      entriesOf: (list) => {
        const entries = [...this.list(list)].map(({ page, offset, length }) => {
          const first = page?.pfn ?? -1;
          const last = first + Math.floor((offset + Math.max(0, length - 1)) / PAGE);
          const isRam = page?.kind === 'lowmem' || page?.kind === 'highmem' || page?.kind === 'protected';
          const base = places.get(first);
          // Pages of one kind are side by side in the array as well.
          const isRun = isRam && base !== undefined && places.get(last) === base + (last - first) * PAGE;
          return isRun ? { base, offset, length } : undefined;
        });
        return entries.every((entry) => entry !== undefined) ? entries : undefined;
      },
    };
  }

  /** Whether the caller has an array that stands for memory, and is written to it later. */
  get hasArrays(): boolean {
    return this.held.some(({ array }) => array !== undefined);
  }

  /** The bytes of all pages, and of the caller's buffer. */
  get bytes(): readonly Uint8Array[] {
    const { memory } = this.machine.hardware;
    this.machine.guard?.syncArrays();
    const pages = KINDS.flatMap((kind) => this.pages[kind]);
    return [this.own, ...pages.map((page) => (page.chunk === undefined ? NO_BYTES : memory.bytesOf(page)))];
  }

  /** What is left behind besides bytes. */
  get state(): unknown {
    const { machine, task } = this;
    return {
      ledger: machine.ledger,
      task: task.state(),
      localMaps: [task.localMaps.idx, ...task.localMaps.entries],
      slots: [...machine.hardware.pageTable.local.entries],
      live: machine.liveMappings,
      vmalloc: machine.vmalloc.freePages,
      violations: machine.violations.map(({ rule, severity, what }) => [rule, severity, what]),
    };
  }
}

/** Whether two entries of a list share a page. */
function overlaps(table: SgTable<MemoryKind>): boolean {
  const seen = new Set<number>();
  for (const { page, offset, length } of table) {
    const first = (page?.pfn ?? 0) + Math.floor(offset / PAGE);
    const last = (page?.pfn ?? 0) + Math.floor((offset + length - 1) / PAGE);
    for (let pfn = first; pfn <= last; pfn += 1) {
      if (seen.has(pfn)) return true;
      seen.add(pfn);
    }
  }
  return false;
}

const NO_BYTES = new Uint8Array(PAGE);
