/** The same disk without scatterlists, in one array of bytes. It shows how much time mapping takes. */
import { pageParts, PAGE_BYTES, Provisioning } from './provisioning.ts';
import type { Difference, Extent, Failure, Store } from './store.ts';

class Bytes implements Extent {
  readonly bytes: Uint8Array;
  #spare: Uint8Array[] | undefined;

  constructor(bytes: Uint8Array, spare?: Uint8Array[]) {
    this.bytes = bytes;
    this.#spare = spare;
  }

  get lengthBytes(): number {
    return this.bytes.length;
  }

  read(target: Uint8Array, at: number): Failure {
    target.set(this.bytes.subarray(at, at + target.length));
    return undefined;
  }

  write(source: Uint8Array, at: number): Failure {
    this.bytes.set(source, at);
    return undefined;
  }

  release(): void {
    this.#spare?.push(this.bytes);
    this.#spare = undefined;
  }
}

/** A disk in one array. */
export class PlainStore implements Store {
  readonly sizeBytes: number;
  readonly #bytes: Uint8Array;
  readonly #provisioning: Provisioning;
  readonly #spare = new Map<number, Uint8Array[]>();

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
    this.#bytes = new Uint8Array(sizeBytes);
    this.#provisioning = new Provisioning(Math.ceil(sizeBytes / PAGE_BYTES));
  }

  stage(lengthBytes: number): Extent {
    const spare = this.#spare.get(lengthBytes) ?? [];
    this.#spare.set(lengthBytes, spare);
    return new Bytes(spare.pop() ?? new Uint8Array(lengthBytes), spare);
  }

  range(offset: number, lengthBytes: number): Extent {
    return new Bytes(this.#bytes.subarray(offset, offset + lengthBytes));
  }

  put(offset: number, data: Extent, dataAt: number, lengthBytes: number): Failure {
    for (const part of pageParts(offset, lengthBytes)) this.#provisioning.write(part);
    return data.read(this.#bytes.subarray(offset, offset + lengthBytes), dataAt);
  }

  compare(offset: number, data: Extent, dataAt: number, lengthBytes: number): Difference {
    const wanted = new Uint8Array(lengthBytes);
    const failure = data.read(wanted, dataAt);
    const found = this.#bytes.subarray(offset, offset + lengthBytes);
    return { failure, atByte: found.findIndex((byte, i) => byte !== wanted[i]) };
  }

  unmap(offset: number, lengthBytes: number): Failure {
    this.#bytes.fill(0, offset, offset + lengthBytes);
    for (const part of pageParts(offset, lengthBytes)) this.#provisioning.unmap(part);
    return undefined;
  }

  isMapped(block: number): boolean {
    return this.#provisioning.hasBlock(block);
  }
}
