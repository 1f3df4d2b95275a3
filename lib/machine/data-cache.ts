/**
 * A write-back data cache without hardware coherence. It is indexed by virtual colour, so that two mappings of a
 * page can have different bytes, and it is not coherent with devices.
 *
 * All CPUs share one cache, because it models aliases and DMA, not coherence between CPUs.
 */
import { requireWhole } from '../base/whole.ts';
import type { MachineConfig } from './config.ts';
import type { Page, PhysicalMemory } from './memory.ts';
import type { Trace } from './trace.ts';

/** The part of the hardware that the cache uses. */
export interface CachedHardware {
  readonly config: MachineConfig;
  readonly memory: PhysicalMemory;
  readonly trace: Trace | undefined;
}

/** Bytes of a line. */
const LINE = 32;

/** The lines of one page under one colour. */
export interface CachedPage {
  readonly page: Page;
  readonly colour: number;
  readonly bytes: Uint8Array;
  /** By line: 1 if the cache holds it. */
  readonly held: Uint8Array;
  /** By line: 1 if it is newer than memory. */
  readonly dirty: Uint8Array;
}

/** The content that coherent memory would have, and the content of memory at the last check. */
export interface CacheTruth {
  readonly bytes: Uint8Array;
  readonly memory: Uint8Array;
}

/**
 * The data cache of a machine. A variant extends this class, overrides its functions, and is given to `createMachine` or
 * to a program as the part `dataCache`.
 */
export class DataCache {
  protected readonly hardware: CachedHardware;
  /** Number of cache colours: 1 if lines are found by physical address, more if aliases have separate lines. */
  readonly colours: number;
  /** The lines, by frame and colour. */
  protected readonly lines: Map<number, CachedPage> = new Map<number, CachedPage>();
  protected readonly truths: Map<Page, CacheTruth> = new Map<Page, CacheTruth>();
  /** Pages that bypass the cache. */
  protected readonly bypassed: Set<Page> = new Set<Page>();

  constructor(hardware: CachedHardware) {
    this.hardware = hardware;
    this.colours = Math.max(1, hardware.config.dcacheColours);
  }

  /** Bytes of a line, the unit of every maintenance operation. */
  get lineBytes(): number {
    return LINE;
  }

  /** The colour of an address. */
  colourOf(vaddr: number): number {
    requireWhole('vaddr', vaddr);
    return Math.floor(vaddr / this.hardware.config.pageSize) % this.colours;
  }

  /** The cached lines, for state keys and dumps. */
  get pages(): readonly CachedPage[] {
    return [...this.lines.entries()].sort((a, b) => a[0] - b[0]).map(([, cached]) => cached);
  }

  /** Fetches the missing lines of a range and returns its bytes under this colour. */
  view(page: Page, colour: number, offset: number, lengthBytes: number): Uint8Array {
    this.checkRange(offset, lengthBytes, colour);
    if (this.bypassed.has(page))
      return this.hardware.memory.bytesOf(page).subarray(offset, offset + lengthBytes);
    const cached = this.cached(page, colour);
    const { memory } = this.truthOf(page);
    for (const line of lines(offset, lengthBytes)) {
      if (cached.held[line] === 1) continue;
      cached.bytes.set(memory.subarray(line * LINE, (line + 1) * LINE), line * LINE);
      cached.held[line] = 1;
    }
    return cached.bytes.subarray(offset, offset + lengthBytes);
  }

  /** The bytes that a load would return; unlike a load, this fetches no line. */
  peek(page: Page, colour: number, offset: number, lengthBytes: number): Uint8Array {
    this.checkRange(offset, lengthBytes, colour);
    const bytes = this.hardware.memory.bytesOf(page).slice(offset, offset + lengthBytes);
    const cached = this.lines.get(this.key(page, colour));
    if (cached === undefined) return bytes;
    for (let i = 0; i < lengthBytes; i += 1)
      if (cached.held[Math.floor((offset + i) / LINE)] === 1) bytes[i] = cached.bytes[offset + i] ?? 0;
    return bytes;
  }

  /** Records stores to the bytes of a view. */
  stored(page: Page, colour: number, offset: number, lengthBytes: number): void {
    this.checkRange(offset, lengthBytes, colour);
    if (this.bypassed.has(page)) return;
    const cached = this.cached(page, colour);
    for (const line of lines(offset, lengthBytes)) cached.dirty[line] = 1;
    this.truthOf(page).bytes.set(cached.bytes.subarray(offset, offset + lengthBytes), offset);
  }

  /** Whether a load would return stale bytes: not those stored last by any CPU or device. */
  isStale(page: Page, colour: number, offset: number, lengthBytes: number): boolean {
    this.checkRange(offset, lengthBytes, colour);
    const { bytes } = this.truthOf(page);
    return this.view(page, colour, offset, lengthBytes).some((byte, i) => byte !== bytes[offset + i]);
  }

  /** Whether stored bytes are not in memory yet, so that a device would not see them. */
  memoryIsStale(page: Page, offset: number, lengthBytes: number): boolean {
    this.checkRange(offset, lengthBytes);
    const { bytes, memory } = this.truthOf(page);
    for (let i = offset; i < offset + lengthBytes; i += 1) if (bytes[i] !== memory[i]) return true;
    return false;
  }

  /** Whether bytes that were stored are neither in memory nor in a line that will be written back. */
  isLost(page: Page, offset: number, lengthBytes: number): boolean {
    this.checkRange(offset, lengthBytes);
    const { bytes, memory } = this.truthOf(page);
    for (let i = offset; i < offset + lengthBytes; i += 1)
      if (bytes[i] !== memory[i] && !this.isDirty(page, Math.floor(i / LINE))) return true;
    return false;
  }

  protected isDirty(page: Page, line: number): boolean {
    for (let colour = 0; colour < this.colours; colour += 1)
      if (this.lines.get(this.key(page, colour))?.dirty[line] === 1) return true;
    return false;
  }

  /** Drops all state of a page that gets a new owner; its content is then that of memory. */
  forget(page: Page): void {
    for (let colour = 0; colour < this.colours; colour += 1) this.lines.delete(this.key(page, colour));
    this.truths.delete(page);
    this.bypassed.delete(page);
  }

  /** Makes loads and stores of a page bypass the cache, as for coherent memory, until the page gets a new owner. */
  bypass(page: Page): void {
    this.flushPage(page);
    this.bypassed.add(page);
  }

  /** `flush_dcache_page`: writes back and drops the page under every colour. */
  flushPage(page: Page): void {
    for (let colour = 0; colour < this.colours; colour += 1)
      this.flush(page, colour, 0, this.hardware.config.pageSize);
  }

  /** `flush_cache_all`: writes back and drops every line. */
  flushAll(): void {
    for (const { page, colour } of [...this.lines.values()])
      this.flush(page, colour, 0, this.hardware.config.pageSize);
  }

  /** DMA maintenance before a device reads: writes stored bytes to memory. */
  flushForDevice(page: Page, offset: number, lengthBytes: number): void {
    this.checkRange(offset, lengthBytes);
    for (let colour = 0; colour < this.colours; colour += 1) this.flush(page, colour, offset, lengthBytes);
  }

  /**
   * DMA maintenance before the CPU reads: drops the lines, even dirty ones. Lines that are partly outside the range
   * are written back first and overwrite the bytes that the device wrote there.
   */
  dropForCpu(page: Page, offset: number, lengthBytes: number): void {
    this.checkRange(offset, lengthBytes);
    const end = offset + lengthBytes;
    for (let colour = 0; colour < this.colours; colour += 1) {
      if (offset % LINE !== 0) this.writeBack(page, colour, offset, 1);
      if (end % LINE !== 0) this.writeBack(page, colour, end - 1, 1);
      this.invalidate(page, colour, offset, lengthBytes);
    }
  }

  /** Writes back and drops the lines of a range under one colour. */
  flush(page: Page, colour: number, offset: number, lengthBytes: number): void {
    this.writeBack(page, colour, offset, lengthBytes);
    this.invalidate(page, colour, offset, lengthBytes);
  }

  /** Writes the dirty lines of a range to memory. */
  writeBack(page: Page, colour: number, offset: number, lengthBytes: number): void {
    this.checkRange(offset, lengthBytes, colour);
    const cached = this.lines.get(this.key(page, colour));
    if (cached === undefined) return;
    const truth = this.truthOf(page);
    const chips = this.hardware.memory.bytesOf(page);
    for (const line of lines(offset, lengthBytes)) {
      if (cached.dirty[line] !== 1) continue;
      const bytes = cached.bytes.subarray(line * LINE, (line + 1) * LINE);
      chips.set(bytes, line * LINE);
      truth.memory.set(bytes, line * LINE);
      cached.dirty[line] = 0;
    }
    this.hardware.trace?.record({ event: 'dcache', pfn: page.pfn, colour });
  }

  /** Drops the lines of a range, even dirty ones. */
  invalidate(page: Page, colour: number, offset: number, lengthBytes: number): void {
    this.checkRange(offset, lengthBytes, colour);
    const cached = this.lines.get(this.key(page, colour));
    if (cached === undefined) return;
    for (const line of lines(offset, lengthBytes)) {
      cached.held[line] = 0;
      cached.dirty[line] = 0;
    }
    this.hardware.trace?.record({ event: 'dcache', pfn: page.pfn, colour });
  }

  /** Every page with its expected content, for state keys. */
  get expected(): readonly (readonly [pfn: number, bytes: Uint8Array])[] {
    return [...this.truths]
      .map(([page, { bytes }]) => [page.pfn, bytes] as const)
      .sort((a, b) => a[0] - b[0]);
  }

  // Each operation is on bytes of one page, under one colour if it names one.
  protected checkRange(offset: number, lengthBytes: number, colour = 0): void {
    const { pageSize } = this.hardware.config;
    requireWhole('colour', colour, 0, this.colours - 1);
    requireWhole('offset', offset, 0, pageSize);
    requireWhole('lengthBytes', lengthBytes, 0, pageSize - offset);
  }

  protected key(page: Page, colour: number): number {
    return page.pfn * this.colours + colour;
  }

  protected cached(page: Page, colour: number): CachedPage {
    const key = this.key(page, colour);
    let cached = this.lines.get(key);
    if (cached === undefined) {
      const { pageSize } = this.hardware.config;
      const count = pageSize / LINE;
      const [held, dirty] = [new Uint8Array(count), new Uint8Array(count)];
      cached = { page, colour, bytes: new Uint8Array(pageSize), held, dirty };
      this.lines.set(key, cached);
    }
    return cached;
  }

  // Bytes that changed since the last check of memory were written by a device.
  protected truthOf(page: Page): CacheTruth {
    const chips = this.hardware.memory.bytesOf(page);
    const known = this.truths.get(page);
    if (known === undefined) {
      const truth = { bytes: chips.slice(), memory: chips.slice() };
      this.truths.set(page, truth);
      return truth;
    }
    for (let i = 0; i < chips.length; i += 1) {
      const byte = chips[i] ?? 0;
      if (byte === known.memory[i]) continue;
      known.memory[i] = byte;
      known.bytes[i] = byte;
    }
    return known;
  }
}

function* lines(offset: number, lengthBytes: number): Generator<number> {
  if (lengthBytes <= 0) return;
  const last = Math.floor((offset + lengthBytes - 1) / LINE);
  for (let line = Math.floor(offset / LINE); line <= last; line += 1) yield line;
}
