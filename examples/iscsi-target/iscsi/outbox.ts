/**
 * Outgoing PDUs of one connection: written one behind the other into large buffers, handed to the
 * socket together, and used again when it has sent them.
 */
import { crc32c } from '../../drivers/crc32c.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { encodeHeader, HEADER_BYTES, padded } from './pdu.ts';
import type { PduFields, PduKind } from './pdu.ts';

/** The part of a socket that an outbox needs. */
export interface Wire {
  write(bytes: Uint8Array, sent: () => void): boolean;
}

/** Room for two data segments of the greatest length, with their headers. */
const BUFFER_BYTES = 516 * 1024;
const KEPT = 8;
/** While the socket has this many buffers to send, the next one gets only a full buffer. */
const EARLY = 2;

/** Collects PDUs and sends them. */
export class Outbox {
  headerDigest = false;
  readonly #wire: Wire;
  readonly #windowBytes: number;
  readonly #spare: Uint8Array[] = [];
  #buffer: Uint8Array | undefined = undefined;
  #used = 0;
  #unsent = 0;
  #writing = 0;

  constructor(wire: Wire, windowBytes: number = DEFAULT_LIMITS.sendWindowBytes) {
    this.#wire = wire;
    this.#windowBytes = windowBytes;
  }

  /** Bytes given to the socket or waiting here that are not sent yet. */
  get backlogBytes(): number {
    return this.#unsent + this.#used;
  }

  /** Whether so many bytes are on their way that no more should be produced. */
  get full(): boolean {
    return this.backlogBytes >= this.#windowBytes;
  }

  /** Whether so many more bytes can be on their way. A PDU that is longer than the limit is sent when no others are. */
  hasRoom(bytes: number): boolean {
    return this.backlogBytes === 0 || this.backlogBytes + bytes <= this.#windowBytes;
  }

  /** Whether enough was sent that producing can begin again after the outbox was full. */
  get relaxed(): boolean {
    return this.backlogBytes <= this.#windowBytes / 2;
  }

  /** Writes a PDU with its data. */
  send<K extends PduKind>(kind: K, fields: PduFields<K>, data?: Uint8Array): void {
    const lengthBytes = data?.length ?? 0;
    const place = this.#reserve(lengthBytes);
    if (data !== undefined) place.set(data, place.length - padded(lengthBytes));
    this.#commit(place, kind, fields, lengthBytes);
  }

  /**
   * Writes a PDU whose data `fill` puts in place, so that it is copied once. Where `fill` returns
   * false, nothing is sent.
   */
  sendFilled<K extends PduKind>(
    kind: K,
    fields: PduFields<K>,
    lengthBytes: number,
    fill: (data: Uint8Array) => boolean,
  ): boolean {
    const place = this.#reserve(lengthBytes);
    const at = place.length - padded(lengthBytes);
    if (!fill(place.subarray(at, at + lengthBytes))) return false;
    this.#commit(place, kind, fields, lengthBytes);
    return true;
  }

  /** Gives what was collected to the socket, unless it still has enough to send. */
  flush(): void {
    if (this.#writing < EARLY) this.#handOver();
  }

  /** Gives everything that was collected to the socket. */
  finish(): void {
    this.#handOver();
  }

  #handOver(): void {
    const buffer = this.#buffer;
    if (buffer === undefined || this.#used === 0) return;
    const bytes = buffer.subarray(0, this.#used);
    this.#unsent += this.#used;
    this.#writing += 1;
    this.#buffer = undefined;
    this.#used = 0;
    this.#wire.write(bytes, () => {
      this.#unsent -= bytes.length;
      this.#writing -= 1;
      if (this.#spare.length < KEPT && buffer.length === BUFFER_BYTES) this.#spare.push(buffer);
    });
  }

  #reserve(dataBytes: number): Uint8Array {
    const need = HEADER_BYTES + (this.headerDigest ? 4 : 0) + padded(dataBytes);
    if (this.#buffer !== undefined && this.#used + need > this.#buffer.length) this.#handOver();
    this.#buffer ??=
      need > BUFFER_BYTES
        ? Buffer.allocUnsafeSlow(need)
        : (this.#spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES));
    return this.#buffer.subarray(this.#used, this.#used + need);
  }

  #commit<K extends PduKind>(place: Uint8Array, kind: K, fields: PduFields<K>, dataLength: number): void {
    encodeHeader(place, kind, fields, dataLength);
    if (this.headerDigest) {
      const digest = crc32c(place.subarray(0, HEADER_BYTES));
      for (let i = 0; i < 4; i += 1) place[HEADER_BYTES + i] = digest >>> (8 * i);
    }
    place.fill(0, place.length - padded(dataLength) + dataLength);
    this.#used += place.length;
  }
}
