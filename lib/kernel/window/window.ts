/**
 * A window: kernel virtual addresses behind which bytes can be reached, and the accessors to reach
 * them with. What every map function returns and the only thing an unmap takes.
 */
import { areSurelyEqual, setBytes } from '../../base/bytes.ts';
import { isWhole } from '../../base/whole.ts';
import type { Ok } from '../../base/result.ts';
import { type VirtAddr, hex, virtAddr } from '../../base/units.ts';
import type { CallSite } from '../../machine/call-site.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { IoRegion, IoWidth } from '../../machine/io-region.ts';
import { Chunk } from '../../machine/arena.ts';
import type { AreaName } from '../../machine/tlb.ts';
import type { Page } from '../../machine/memory.ts';
import type { SpreadArray } from '../../machine/spread-arrays.ts';
import type { ContextState, MappingState } from '../../machine/violation.ts';

/** Who made a window, as far as checks and reports need to know. */
export interface WindowOwner {
  readonly name: string;
  state(): ContextState;
}

/** The areas of the address space that windows lie in. */
export type AddressArea = 'direct' | AreaName;

/** Where a window's addresses are valid. */
export type WindowScope = 'global' | 'task' | 'cpu';

// None is exported: V8 takes for constants only those that stay in their module.
/** `reach` of a live window whose accesses take the long way. */
const ASK = -1;
/** `reach` of a window that is not live. */
const DEAD = -2;

/** `stackTop` of other windows: below any height, those of a stack that gave up more than it held included. */
const OFF_STACK = -(2 ** 30);

/** Knows how to give a window back. */
export interface Releaser {
  release(window: Window): void;
}

const NOBODY: Releaser = { release: () => undefined };

/** The buffer of windows whose bytes lie in none, but spread over several. */
export const SPREAD: Chunk = new Chunk(0, 1);

/** A window as a success; that it is one its class says, so that V8 knows without looking. */
class Mapped<W extends Window> implements Ok<W> {
  readonly value: W;

  constructor(value: W) {
    this.value = value;
  }

  get ok(): true {
    return true;
  }
}

/** Watches every access on a checked machine. */
export interface Guard {
  /** Checks an access within one page and answers the page that it really reaches. */
  reach(window: Window, offset: number, lengthBytes: number, write: boolean): Page;
  /** The bytes of a window as one array that the machine keeps coherent with memory. */
  shadow(window: RamWindow): Uint8Array;
  /** Brings the arrays handed out by `shadow` in step with memory, both ways. */
  settle(): void;
  /** The live windows whose bytes were handed out as one array. */
  readonly arrays: readonly RamWindow[];
  /** Whether no access to system RAM through its own new mapping could break a rule. */
  readonly isQuiet: boolean;
  /** Whoever executes: an accessor runs there, whoever owns the window. */
  readonly executing: WindowOwner;
}

/** Accessors over some bytes, with the state that unmapping and checking need. */
export abstract class Window {
  readonly hardware: Hardware;
  /** The page of the first byte. */
  page: Page;
  /** Which area of the address space its addresses are in. */
  area: AddressArea = 'direct';
  lengthBytes = 0;
  /** Offset of the first byte in its page. */
  pageOffset = 0;
  /** The pages, where they are not physically one after the other. */
  pages: readonly Page[] | undefined = undefined;
  /**
   * Bytes that accessors may reach without asking: all, while it is live, unguarded and in one run. `ASK` while it
   * is live otherwise, `DEAD` while it is not.
   */
  reach: number = DEAD;
  /** Height of its task's stack while it is mapped, for a window that waits at its slot in between. */
  stackTop: number = OFF_STACK;
  /** The height below it. */
  stackBelow = 0;
  /** Slot of a pool or stack; -1 where the mechanism has none. */
  slot = -1;
  mechanism = '';
  scope: WindowScope = 'global';
  owner: WindowOwner;
  /** The CPU on which it was made, for those that hold there only. */
  cpu = 0;
  /** Counts mappings of the machine, so that a token is never mistaken for a later one. */
  serial = 0;
  mappedAt: CallSite | undefined = undefined;
  unmappedAt: CallSite | undefined = undefined;
  releaser: Releaser = NOBODY;
  guard: Guard | undefined = undefined;

  constructor(hardware: Hardware, page: Page, owner: WindowOwner) {
    this.hardware = hardware;
    this.page = page;
    this.owner = owner;
  }

  /** The address of the first byte; worked out when asked for, because the fast path never asks. */
  get vaddr(): VirtAddr {
    const { addresses } = this.hardware;
    const at = this.area === 'direct' ? this.page.pfn : this.slot;
    return virtAddr(addresses[this.area](at) + this.pageOffset);
  }

  /** Bytes of the window; accesses past it are violations. */
  get length(): number {
    return this.lengthBytes;
  }

  /** Whether it has been made and not released. */
  get live(): boolean {
    return this.reach !== DEAD;
  }

  /** Makes the window live. */
  begin(): void {
    this.reach = ASK;
  }

  /** Makes the window dead. */
  end(): void {
    this.reach = DEAD;
  }

  /** Reads one byte. */
  abstract load8(offset: number): number;
  /** Reads two bytes, little-endian. */
  abstract load16(offset: number): number;
  /** Reads four bytes, little-endian. */
  abstract load32(offset: number): number;
  /** Reads eight bytes, little-endian. */
  abstract load64(offset: number): bigint;
  /** Writes one byte, the low 8 bits of the value; a fraction is cut off, as in C. */
  abstract store8(offset: number, value: number): void;
  /** Writes two bytes, little-endian: the low 16 bits of the value. */
  abstract store16(offset: number, value: number): void;
  /** Writes four bytes, little-endian: the low 32 bits of the value. */
  abstract store32(offset: number, value: number): void;
  /** Writes eight bytes, little-endian. */
  abstract store64(offset: number, value: bigint): void;
  /** Copies `target.length` bytes from the window. */
  abstract copyTo(target: Uint8Array, offset?: number): void;
  /** Copies `source` into the window. */
  abstract copyFrom(source: Uint8Array, offset?: number): void;
  /** Sets bytes to the low 8 bits of a value: the whole window, or `lengthBytes` from `offset`. */
  abstract fill(value: number, offset?: number, lengthBytes?: number): void;

  /** Releases the window; `using` calls it at the end of the scope, in reverse order. */
  [Symbol.dispose](): void {
    this.releaser.release(this);
  }

  /** The page behind a byte of the window. */
  pageAt(offset: number): Page {
    if (!isWhole(offset, Math.max(this.lengthBytes - 1, 0))) this.misuse(offset, 1, 'lookup');
    const memory = this.hardware.memory;
    const index = Math.floor((this.pageOffset + offset) / memory.pageSize);
    return this.pages?.[index] ?? memory.nthPage(this.page, index);
  }

  /** The pages behind its bytes, in their order. */
  frames(): readonly Page[] {
    const { pageSize } = this.hardware.memory;
    const count = Math.ceil((this.pageOffset + Math.max(this.lengthBytes, 1)) / pageSize);
    return Array.from({ length: count }, (_, i) => this.pageAt(i * pageSize - (i > 0 ? this.pageOffset : 0)));
  }

  /** Whether a byte of the page may be reached through the window. */
  covers(page: Page): boolean {
    if (this.pages !== undefined) return this.pages.includes(page);
    const last = this.pageAt(Math.max(this.lengthBytes - 1, 0));
    return page.pfn >= this.page.pfn && page.pfn <= last.pfn;
  }

  /** Who makes an access: whoever executes, or the owner where nobody watches. */
  protected get actor(): WindowOwner {
    return this.guard?.executing ?? this.owner;
  }

  /** The window as reports show it. */
  describe(): MappingState {
    return {
      vaddr: this.vaddr,
      pfn: this.page.pfn,
      lengthBytes: this.lengthBytes,
      slot: this.slot < 0 ? undefined : this.slot,
      mechanism: this.mechanism,
      ownerName: this.owner.name,
      mappedAt: this.mappedAt,
      unmappedAt: this.unmappedAt,
    };
  }

  /** Whether the window is live and has the bytes. */
  protected allows(offset: number, lengthBytes: number): boolean {
    const { lengthBytes: most } = this;
    return this.live && isWhole(offset, most) && isWhole(lengthBytes, most - offset);
  }

  /** Reports an access that the window does not allow; cheap checks found it on any machine. */
  protected misuse(offset: number, lengthBytes: number, verb: string): void {
    if (!this.live) {
      this.hardware.violate({
        rule: 'use-after-unmap',
        severity: 'bug',
        what: `${verb} of ${String(lengthBytes)} bytes at offset ${String(offset)} of a released mapping`,
        context: this.actor.state(),
        mapping: this.describe(),
      });
    }
    this.hardware.violate({
      rule: 'page-overrun',
      severity: 'bug',
      what: `${verb} of ${String(lengthBytes)} bytes at offset ${String(offset)} of a mapping of ${String(this.lengthBytes)} bytes (up to ${hex(this.vaddr + this.lengthBytes)})`,
      context: this.actor.state(),
      mapping: this.describe(),
    });
  }
}

/** A window on memory that loads and stores may touch. */
export class RamWindow extends Window implements SpreadArray {
  /** The buffer, where all bytes of the window lie in one; else `SPREAD`. */
  chunk: Chunk = SPREAD;
  base = 0;

  /** Whether a direct machine may use the object again for any later mapping. */
  get reusable(): boolean {
    return this.stackTop === OFF_STACK;
  }

  /** Lays a live window over bytes of a page, where nothing has to be asked. */
  lay(page: Page, chunk: Chunk, pageOffset: number, lengthBytes: number): void {
    this.page = page;
    // Neighbours share one, and comparing costs less than storing an object.
    if (this.chunk !== chunk) this.chunk = chunk;
    if (this.pageOffset !== pageOffset) this.pageOffset = pageOffset;
    if (this.lengthBytes !== lengthBytes) this.lengthBytes = lengthBytes;
    if (this.reach !== lengthBytes) this.reach = lengthBytes;
    this.base = page.chunkOffset + pageOffset;
  }

  override begin(): void {
    const isPlain = this.guard === undefined && this.chunk !== SPREAD && !this.hardware.spreadArrays.isOut;
    this.reach = isPlain ? this.lengthBytes : ASK;
  }

  private success: Ok<RamWindow> | undefined = undefined;
  private gathered: Uint8Array | undefined = undefined;
  /** What memory held when the copy was last in step with it. */
  private known: Uint8Array | undefined = undefined;

  /** This window as a success, made once: a map that cannot fail allocates nothing. */
  get asOk(): Ok<RamWindow> {
    // Not before the window is whole: V8 would not know what the success holds.
    return (this.success ??= new Mapped<RamWindow>(this));
  }

  /**
   * The bytes as one array.
   *
   * On a direct machine it is memory itself; only over pages that are not side by side in the host's memory it is a
   * copy, which each operation of the machine brings in step with memory. On a checked machine it is an array that the machine keeps in step with memory
   * at each of its operations and that is poisoned (0x6b) when the mapping is released; a later write
   * to it is reported.
   */
  get bytes(): Uint8Array {
    // Small enough for V8 to inline it at once, as it does with no other getter in a loop.
    return this.ownBytes();
  }

  private ownBytes(): Uint8Array {
    const { reach } = this;
    return reach < 0 ? this.otherBytes() : this.chunk.view(this.base, reach);
  }

  private otherBytes(): Uint8Array {
    if (this.guard !== undefined) return this.guard.shadow(this);
    if (!this.live) this.misuse(0, this.lengthBytes, 'bytes');
    if (this.chunk !== SPREAD) return this.chunk.view(this.base, this.lengthBytes);
    return this.gather();
  }

  private gather(): Uint8Array {
    if (this.gathered === undefined) {
      const bytes = new Uint8Array(this.lengthBytes);
      this.copyTo(bytes);
      this.known = bytes.slice();
      this.gathered = bytes;
      this.hardware.spreadArrays.add(this);
    }
    return this.gathered;
  }

  /** Writes the copy of spread pages back, if one was handed out, and lets it go; part of the release. */
  scatter(): void {
    if (this.gathered === undefined) return;
    this.hardware.spreadArrays.settle();
    this.hardware.spreadArrays.delete(this);
    this.gathered = undefined;
    this.known = undefined;
  }

  writeBack(): void {
    const { gathered, known } = this;
    if (gathered === undefined || known === undefined || areSurelyEqual(gathered, known)) return;
    this.eachRun(0, this.lengthBytes, (memory, done) => {
      for (let i = 0; i < memory.length; i += 1) {
        const byte = gathered[done + i] ?? 0;
        if (byte !== known[done + i]) memory[i] = byte;
      }
    });
  }

  refresh(): void {
    const { gathered, known } = this;
    if (gathered === undefined || known === undefined) return;
    this.eachRun(0, this.lengthBytes, (memory, done) => {
      known.set(memory, done);
    });
    if (!areSurelyEqual(gathered, known)) gathered.set(known);
  }

  // The bytes as memory holds them, page by page.
  private eachRun(
    offset: number,
    lengthBytes: number,
    visit: (bytes: Uint8Array, done: number) => void,
  ): void {
    const { memory } = this.hardware;
    for (let done = 0; done < lengthBytes;) {
      const at = (this.pageOffset + offset + done) % memory.pageSize;
      const part = Math.min(lengthBytes - done, memory.pageSize - at);
      const page = this.pageAt(offset + done);
      visit(memory.touch(page).view(page.chunkOffset + at, part), done);
      done += part;
    }
  }

  // Whether nothing has to be asked for a range.
  private isPlain(offset: number, lengthBytes: number): boolean {
    // What is itself again after this is whole and not negative.
    return offset >>> 0 === offset && offset + lengthBytes <= this.reach;
  }

  load8(offset: number): number {
    if (!this.isPlain(offset, 1)) return this.loadSlow(offset, 1);
    return this.chunk.bytes[this.base + offset] ?? 0;
  }

  load16(offset: number): number {
    if (!this.isPlain(offset, 2)) return this.loadSlow(offset, 2);
    return this.chunk.data.getUint16(this.base + offset, true);
  }

  load32(offset: number): number {
    if (!this.isPlain(offset, 4)) return this.loadSlow(offset, 4);
    return this.chunk.data.getUint32(this.base + offset, true);
  }

  load64(offset: number): bigint {
    if (this.isPlain(offset, 8)) return this.chunk.data.getBigUint64(this.base + offset, true);
    let value = 0n;
    this.eachPiece(offset, 8, false, (bytes, done) => {
      for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * (done + i));
    });
    return value;
  }

  store8(offset: number, value: number): void {
    if (this.isPlain(offset, 1)) this.chunk.bytes[this.base + offset] = value;
    else this.storeSlow(offset, 1, value);
  }

  store16(offset: number, value: number): void {
    if (this.isPlain(offset, 2)) this.chunk.data.setUint16(this.base + offset, value, true);
    else this.storeSlow(offset, 2, value);
  }

  store32(offset: number, value: number): void {
    if (this.isPlain(offset, 4)) this.chunk.data.setUint32(this.base + offset, value, true);
    else this.storeSlow(offset, 4, value);
  }

  store64(offset: number, value: bigint): void {
    if (this.isPlain(offset, 8)) {
      this.chunk.data.setBigUint64(this.base + offset, value, true);
      return;
    }
    this.eachPiece(offset, 8, true, (bytes, done) => {
      for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number((value >> BigInt(8 * (done + i))) & 0xffn);
    });
  }

  copyTo(target: Uint8Array, offset = 0): void {
    if (this.isPlain(offset, target.length)) {
      setBytes(target, this.chunk.view(this.base + offset, target.length), 0);
      return;
    }
    const into = this.mayOverlap(offset, target) ? new Uint8Array(target.length) : target;
    this.eachPiece(offset, target.length, false, (bytes, done) => {
      into.set(bytes, done);
    });
    if (into !== target) target.set(into);
  }

  copyFrom(source: Uint8Array, offset = 0): void {
    if (this.isPlain(offset, source.length)) {
      setBytes(this.chunk.bytes, source, this.base + offset);
      return;
    }
    const from = this.mayOverlap(offset, source) ? source.slice() : source;
    this.eachPiece(offset, source.length, true, (bytes, done) => {
      bytes.set(from.subarray(done, done + bytes.length));
    });
  }

  // What goes through one mapping moves as by memmove, also page by page: the caller's bytes may be the mapping's own.
  private mayOverlap(offset: number, bytes: Uint8Array): boolean {
    const { memory } = this.hardware;
    const inPage = (this.pageOffset + offset) & memory.pageMask;
    return inPage + bytes.length > memory.pageSize && memory.holds(bytes);
  }

  fill(value: number, offset = 0, lengthBytes: number = this.lengthBytes - offset): void {
    if (lengthBytes >>> 0 === lengthBytes && this.isPlain(offset, lengthBytes)) {
      this.chunk.bytes.fill(value, this.base + offset, this.base + offset + lengthBytes);
      return;
    }
    this.eachPiece(offset, lengthBytes, true, (bytes) => {
      bytes.fill(value);
    });
  }

  private loadSlow(offset: number, width: number): number {
    let value = 0;
    this.eachPiece(offset, width, false, (bytes, done) => {
      for (const [i, byte] of bytes.entries()) value += byte * 2 ** (8 * (done + i));
    });
    return value;
  }

  private storeSlow(offset: number, width: number, given: number): void {
    const value = Math.trunc(given);
    this.eachPiece(offset, width, true, (bytes, done) => {
      for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(value / 2 ** (8 * (done + i))) & 0xff;
    });
  }

  // Page by page, through the guard where there is one: the one path on which nothing is assumed.
  private eachPiece(
    offset: number,
    lengthBytes: number,
    write: boolean,
    visit: (bytes: Uint8Array, done: number) => void,
  ): void {
    const { guard } = this;
    const { memory, dataCache: cache } = this.hardware;
    if (!this.allows(offset, lengthBytes)) {
      this.misuse(offset, lengthBytes, write ? 'store' : 'load');
    }
    const { spreadArrays } = this.hardware;
    guard?.settle();
    if (spreadArrays.isOut) spreadArrays.settle();
    if (guard === undefined) {
      this.eachRun(offset, lengthBytes, visit);
      if (write && spreadArrays.isOut) spreadArrays.settle();
      return;
    }
    for (let done = 0; done < lengthBytes;) {
      const at = (this.pageOffset + offset + done) % memory.pageSize;
      const part = Math.min(lengthBytes - done, memory.pageSize - at);
      const page = guard.reach(this, offset + done, part, write);
      if (cache === undefined) visit(memory.touch(page).view(page.chunkOffset + at, part), done);
      else {
        const colour = cache.colourOf(this.vaddr + offset + done);
        visit(cache.view(page, colour, at, part), done);
        if (write) cache.stored(page, colour, at, part);
      }
      done += part;
    }
    if (write) guard.settle();
  }
}

/** A window on device memory: accessors only, each of a width that the device must answer. */
export class IoWindow extends Window {
  readonly region: IoRegion;
  readonly asOk: Ok<IoWindow> = { ok: true, value: this };

  constructor(hardware: Hardware, page: Page, owner: WindowOwner, region: IoRegion) {
    super(hardware, page, owner);
    this.region = region;
  }

  /** `readb`. */
  load8(offset: number): number {
    return Number(this.#read(offset, 1));
  }

  /** `readw`. */
  load16(offset: number): number {
    return Number(this.#read(offset, 2));
  }

  /** `readl`. */
  load32(offset: number): number {
    return Number(this.#read(offset, 4));
  }

  /** `readq`. */
  load64(offset: number): bigint {
    return this.#read(offset, 8);
  }

  /** `writeb`. */
  store8(offset: number, value: number): void {
    this.#write(offset, 1, BigInt(value & 0xff));
  }

  /** `writew`. */
  store16(offset: number, value: number): void {
    this.#write(offset, 2, BigInt(value & 0xffff));
  }

  /** `writel`. */
  store32(offset: number, value: number): void {
    this.#write(offset, 4, BigInt(value >>> 0));
  }

  /** `writeq`. */
  store64(offset: number, value: bigint): void {
    this.#write(offset, 8, value);
  }

  /** `memcpy_fromio`: words where both sides allow, bytes at the edges. */
  copyTo(target: Uint8Array, offset = 0): void {
    this.#walk(
      offset,
      target.length,
      false,
      (at, width, done) => {
        let value = this.#read(at, width);
        for (let i = 0; i < width; i += 1, value >>= 8n) target[done + i] = Number(value & 0xffn);
      },
      (bytes, done) => {
        target.set(bytes, done);
      },
    );
  }

  /** `memcpy_toio`. */
  copyFrom(source: Uint8Array, offset = 0): void {
    this.#walk(
      offset,
      source.length,
      true,
      (at, width, done) => {
        let value = 0n;
        for (let i = width - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(source[done + i] ?? 0);
        this.#write(at, width, value);
      },
      (bytes, done) => {
        bytes.set(source.subarray(done, done + bytes.length));
      },
    );
  }

  /** `memset_io`. */
  fill(value: number, offset = 0, lengthBytes: number = this.lengthBytes - offset): void {
    const byte = BigInt(value & 0xff);
    this.#walk(
      offset,
      lengthBytes,
      true,
      (at, width) => {
        let word = 0n;
        for (let i = 0; i < width; i += 1) word = (word << 8n) | byte;
        this.#write(at, width, word);
      },
      (bytes) => {
        bytes.fill(value);
      },
    );
  }

  // Regions without handlers are storage and are copied a page at a time; the ledger counts the words
  // that a bus would have seen either way.
  #walk(
    offset: number,
    lengthBytes: number,
    write: boolean,
    word: (at: number, width: IoWidth, done: number) => void,
    storage: (bytes: Uint8Array, done: number) => void,
  ): void {
    const { memory, ledger } = this.hardware;
    this.#bounds(offset, lengthBytes, write);
    if (this.region.handlers === undefined) {
      for (let done = 0; done < lengthBytes;) {
        const at = (this.pageOffset + offset + done) % memory.pageSize;
        const part = Math.min(lengthBytes - done, memory.pageSize - at);
        const page = this.pageAt(offset + done);
        storage(memory.touch(page).view(page.chunkOffset + at, part), done);
        ledger.deviceAccesses += Math.ceil(part / 4);
        done += part;
      }
      return;
    }
    for (let done = 0; done < lengthBytes;) {
      const at = offset + done;
      const aligned =
        (this.pageOffset + at) % 4 === 0 && lengthBytes - done >= 4 && this.region.widths.includes(4);
      const width: IoWidth = aligned ? 4 : this.region.widths.includes(1) ? 1 : (this.region.widths[0] ?? 1);
      word(at, width, done);
      done += width;
    }
  }

  #bounds(offset: number, lengthBytes: number, write: boolean): void {
    if (!this.allows(offset, lengthBytes)) {
      this.misuse(offset, lengthBytes, 'device access');
    }
    const { guard } = this;
    if (guard === undefined || lengthBytes === 0) return;
    guard.settle();
    const inPage = (this.pageOffset + offset) % this.hardware.memory.pageSize;
    guard.reach(this, offset, Math.min(lengthBytes, this.hardware.memory.pageSize - inPage), write);
  }

  #regionOffset(offset: number): number {
    const { pageSize } = this.hardware.memory;
    return (
      (this.pageAt(offset).pfn - this.region.firstPfn) * pageSize + ((this.pageOffset + offset) % pageSize)
    );
  }

  #access(offset: number, width: IoWidth, event: 'io-read' | 'io-write'): number {
    this.#bounds(offset, width, event === 'io-write');
    const at = this.#regionOffset(offset);
    if (!this.region.widths.includes(width) || at % width !== 0) {
      this.hardware.violate({
        rule: 'io-width',
        what: `${String(width)}-byte access at offset ${hex(at)} of ${this.region.name}, which answers ${this.region.widths.join(', ')} bytes, naturally aligned`,
        context: this.actor.state(),
        mapping: this.describe(),
      });
    }
    this.hardware.ledger.deviceAccesses += 1;
    this.hardware.trace?.record({
      event,
      by: { name: this.actor.name, cpu: this.actor.state().cpu },
      region: this.region.name,
      offset: at,
      width,
    });
    return at;
  }

  #read(offset: number, width: IoWidth): bigint {
    const at = this.#access(offset, width, 'io-read');
    if (this.region.handlers !== undefined) return this.region.handlers.read(at, width);
    const { page, start } = this.#storage(offset);
    const bytes = this.hardware.memory.bytesOf(page);
    let value = 0n;
    for (let i = width - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[start + i] ?? 0);
    return value;
  }

  #write(offset: number, width: IoWidth, value: bigint): void {
    const at = this.#access(offset, width, 'io-write');
    if (this.region.handlers !== undefined) {
      this.region.handlers.write(at, width, BigInt.asUintN(8 * width, value));
      return;
    }
    const { page, start } = this.#storage(offset);
    const bytes = this.hardware.memory.bytesOf(page);
    let rest = value;
    for (let i = 0; i < width; i += 1, rest >>= 8n) bytes[start + i] = Number(rest & 0xffn);
  }

  #storage(offset: number): { readonly page: Page; readonly start: number } {
    const page = this.pageAt(offset);
    return { page, start: (this.pageOffset + offset) % this.hardware.memory.pageSize };
  }
}
