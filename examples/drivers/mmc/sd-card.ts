/**
 * An SD card behind an sdhci controller: the device that the sdhci port transfers data with.
 */
import type { Machine } from 'scatterlist';
import type { IoHandlers, IoWidth } from 'scatterlist/machine';
import { SDHCI_BUFFER, SDHCI_DATA_AVAILABLE, SDHCI_PRESENT_STATE, SDHCI_SPACE_AVAILABLE } from './sdhci.ts';
import type { AdmaDescriptor } from './sdhci.ts';

/** Transfers the bytes of `storage` in order, by ADMA descriptors or through the FIFO register. */
export class SdCard implements IoHandlers {
  storage: Uint8Array;
  /** Registers read and written by the driver. */
  accesses = 0;
  /** The next byte to move. */
  at = 0;
  readyBytes = 0;

  constructor(storage: Uint8Array) {
    this.storage = storage;
  }

  /** Puts another card into the slot. */
  insert(storage: Uint8Array): void {
    this.storage = storage;
    this.at = 0;
  }

  /** The SDMA engine, which moves one piece of contiguous memory. */
  transferBuffer(direction: 'read' | 'write', buffer: Uint8Array): void {
    const card = this.storage.subarray(this.at, this.at + buffer.length);
    if (direction === 'read') buffer.set(card);
    else card.set(buffer);
    this.at += buffer.length;
  }

  /** The ADMA engine. It reads and writes physical memory and needs no CPU mapping. */
  transfer(machine: Machine, direction: 'read' | 'write', descriptors: readonly AdmaDescriptor[]): void {
    const { memory } = machine.hardware;
    for (const { dmaAddress, lengthBytes } of descriptors) {
      for (let done = 0; done < lengthBytes;) {
        const inPage = (dmaAddress + done) % machine.pageSize;
        const page = memory.page((dmaAddress + done - inPage) / machine.pageSize);
        const part = Math.min(lengthBytes - done, machine.pageSize - inPage);
        const ram = machine.physical(page, 'the ADMA engine').subarray(inPage, inPage + part);
        const card = this.storage.subarray(this.at, this.at + part);
        if (direction === 'read') ram.set(card);
        else card.set(ram);
        this.at += part;
        done += part;
      }
    }
  }

  /** Lets this many bytes through the FIFO before the next interrupt. */
  raise(readyBytes: number): void {
    this.readyBytes = readyBytes;
  }

  /** Goes back to the first byte. */
  rewind(): void {
    this.at = 0;
  }

  read(offsetBytes: number, _width: IoWidth): bigint {
    this.accesses += 1;
    if (offsetBytes === SDHCI_PRESENT_STATE) {
      return this.readyBytes > 0 ? BigInt(SDHCI_DATA_AVAILABLE | SDHCI_SPACE_AVAILABLE) : 0n;
    }
    if (offsetBytes !== SDHCI_BUFFER) return 0n;
    let word = 0n;
    for (let i = 3; i >= 0; i -= 1) word = (word << 8n) | BigInt(this.storage[this.at + i] ?? 0);
    this.#advance();
    return word;
  }

  write(offsetBytes: number, _width: IoWidth, value: bigint): void {
    this.accesses += 1;
    if (offsetBytes !== SDHCI_BUFFER) return;
    for (let i = 0; i < 4; i += 1) this.storage[this.at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    this.#advance();
  }

  #advance(): void {
    this.at += 4;
    this.readyBytes -= 4;
  }
}
