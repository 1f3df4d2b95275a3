/**
 * Windows on device memory. Each access reaches the device exactly once, with the width that was asked for.
 */
import type { Ok } from '../../base/result.ts';
import { hex } from '../../base/units.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { IoRegion, IoWidth } from '../../machine/io-region.ts';
import type { Page } from '../../machine/memory.ts';
import { Window } from './window.ts';
import type { WindowOwner } from './window.ts';

/** A window on device memory. It has accessors only; the device must support the width of each. */
export class IoWindow extends Window {
  readonly region: IoRegion;
  readonly asOk: Ok<IoWindow> = { ok: true, value: this };

  constructor(hardware: Hardware, page: Page, owner: WindowOwner, region: IoRegion) {
    super(hardware, page, owner);
    this.region = region;
  }

  override get isForDevice(): boolean {
    return true;
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

  /** `memcpy_fromio`: copies words if both sides are aligned for it, and single bytes at the edges. */
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
    guard.syncArrays();
    const inPage = (this.pageOffset + offset) % this.hardware.memory.pageSize;
    guard.check(this, offset, Math.min(lengthBytes, this.hardware.memory.pageSize - inPage), write);
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
        what: `${String(width)}-byte access at offset ${hex(at)} of ${this.region.name}, which takes accesses of ${this.region.widths.join(', ')} bytes, naturally aligned`,
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
