/**
 * Windows on system RAM. Their accessors are plain loads and stores of the CPU.
 */
import { areSurelyEqual, setBytes } from '../../base/bytes.ts';
import type { Ok } from '../../base/result.ts';
import { Chunk } from '../../machine/arena.ts';
import type { Page } from '../../machine/memory.ts';
import type { SpreadArray } from '../../machine/spread-arrays.ts';
import { Window } from './window.ts';

/** Value of `chunk` in a window whose bytes lie in several chunks of host memory. */
export const NO_CHUNK: Chunk = new Chunk(0, 1);

/** A window as a successful result. `ok` is a getter of the class, so that V8 does not load a field for it. */
class Mapped<W extends Window> implements Ok<W> {
  readonly value: W;

  constructor(value: W) {
    this.value = value;
  }

  get ok(): true {
    return true;
  }
}

/** A window on memory that plain loads and stores may access. */
export class RamWindow extends Window implements SpreadArray {
  /** The chunk of host memory that holds all bytes of the window; `NO_CHUNK` if they are spread over several. */
  chunk: Chunk = NO_CHUNK;
  base = 0;

  /** Whether a direct machine may use the object again for any later mapping. */
  get reusable(): boolean {
    return !this.isKept;
  }

  /** Makes a live window refer to other bytes. Only for windows whose accesses need no check. */
  retarget(page: Page, chunk: Chunk, pageOffset: number, lengthBytes: number): void {
    this.page = page;
    // Neighbouring pages share a chunk, and comparing costs less than storing an object.
    if (this.chunk !== chunk) this.chunk = chunk;
    if (this.pageOffset !== pageOffset) this.pageOffset = pageOffset;
    if (this.lengthBytes !== lengthBytes) this.lengthBytes = lengthBytes;
    if (this.plainBytes !== lengthBytes) this.plainBytes = lengthBytes;
    this.base = page.chunkOffset + pageOffset;
  }

  override begin(): void {
    const isPlain = this.guard === undefined && this.chunk !== NO_CHUNK && !this.hardware.spreadArrays.isOut;
    if (isPlain) this.plainBytes = this.lengthBytes;
    else super.begin();
  }

  private success: Ok<RamWindow> | undefined = undefined;
  private gathered: Uint8Array | undefined = undefined;
  /** The content of memory when the copy was last synchronised with it. */
  private known: Uint8Array | undefined = undefined;

  /** This window as a successful result. It is made once, so that a map that cannot fail allocates no memory. */
  get asOk(): Ok<RamWindow> {
    // Made here and not in the constructor, because V8 would not learn the shape of an incomplete window.
    return (this.success ??= new Mapped<RamWindow>(this));
  }

  /**
   * The bytes as one array.
   *
   * On a direct machine it is the memory itself or, if the pages are not adjacent in the host's memory, a copy. On a
   * checked machine it is always a copy, which is poisoned (0x6b) when the mapping is released; a later write to it is
   * reported. Each operation of the machine synchronises the copy with memory.
   */
  get bytes(): Uint8Array {
    // The work is in a separate method, so that V8 can inline this small getter in a loop.
    return this.ownBytes();
  }

  private ownBytes(): Uint8Array {
    const { plainBytes } = this;
    return plainBytes < 0 ? this.otherBytes() : this.chunk.view(this.base, plainBytes);
  }

  private otherBytes(): Uint8Array {
    if (this.guard !== undefined) return this.guard.shadow(this);
    if (!this.live) this.misuse(0, this.lengthBytes, 'bytes');
    if (this.chunk !== NO_CHUNK) return this.chunk.view(this.base, this.lengthBytes);
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

  /** Writes the copy of spread pages back to memory, if there is one, and drops it. */
  override scatter(): void {
    if (this.gathered === undefined) return;
    this.hardware.spreadArrays.sync();
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

  // Visits the bytes in memory page by page.
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

  // Returns whether a range may be accessed without a check.
  private isPlain(offset: number, lengthBytes: number): boolean {
    // A number that `>>> 0` leaves as it is is whole and not negative.
    return offset >>> 0 === offset && offset + lengthBytes <= this.plainBytes;
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

  // The source may overlap the mapping. The bytes must move as by memmove, even page by page.
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

  /** Makes each access ask, because the permanent address of the page leads nowhere. */
  makeUnreachable(): void {
    this.chunk = NO_CHUNK;
  }

  private checkLinear(offset: number, lengthBytes: number, write: boolean): void {
    const { memory } = this.hardware;
    for (let at = offset; at < offset + lengthBytes;) {
      const page = this.pageAt(at);
      if (page.kind === 'unmappable') this.reportUnreachable(page, write);
      at += memory.pageSize - ((this.pageOffset + at) % memory.pageSize);
    }
  }

  // Visits the bytes page by page with all checks, including those of the guard if there is one.
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
    guard?.syncArrays();
    if (spreadArrays.isOut) spreadArrays.sync();
    if (guard === undefined) {
      if (this.area === 'direct') this.checkLinear(offset, lengthBytes, write);
      this.eachRun(offset, lengthBytes, visit);
      if (write && spreadArrays.isOut) spreadArrays.sync();
      return;
    }
    for (let done = 0; done < lengthBytes;) {
      const at = (this.pageOffset + offset + done) % memory.pageSize;
      const part = Math.min(lengthBytes - done, memory.pageSize - at);
      const page = guard.check(this, offset + done, part, write);
      if (cache === undefined) visit(memory.touch(page).view(page.chunkOffset + at, part), done);
      else {
        const colour = cache.colourOf(this.vaddr + offset + done);
        visit(cache.view(page, colour, at, part), done);
        if (write) cache.stored(page, colour, at, part);
      }
      done += part;
    }
    if (write) guard.syncArrays();
  }
}
