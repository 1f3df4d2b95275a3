/**
 * Cuts a TCP stream into PDUs without collecting their data: the taker of a PDU says where its data segment goes,
 * and gets it piece by piece as it arrives.
 */
import { crc32c } from '../../drivers/crc32c.ts';
import { decodeHeader, HEADER_BYTES, padded } from './pdu.ts';
import type { Pdu } from './pdu.ts';

/** Takes the pieces of one data segment in order. */
export type DataSink = (piece: Uint8Array, at: number) => void;

/** What receives the PDUs of a reader. */
export interface PduTaker {
  /** Called when a header has arrived; returns where its data go, or undefined to drop them. */
  header(pdu: Pdu, raw: Uint8Array): DataSink | undefined;
  /** Called when the PDU is complete. */
  complete(pdu: Pdu): void;
  /** Called when the stream is not a sequence of PDUs any more; the reader stops. */
  broken(why: string, raw: Uint8Array): void;
  /** True while no PDU may begin, because too many bytes wait to be sent. */
  readonly full?: boolean;
}

/** The part of what a connection agreed on that reading needs. */
export interface Framing {
  headerDigest: boolean;
  /** The longest data segment that the target has declared to accept. */
  maxDataSegment: number;
}

const NOTHING = new Uint8Array(0);

/** Reads the PDUs of one connection. */
export class PduReader {
  readonly #taker: PduTaker;
  readonly #framing: Framing;
  readonly #header = new Uint8Array(HEADER_BYTES + 255 * 4 + 4);
  #headerHave = 0;
  #headerNeed = HEADER_BYTES;
  #pdu: Pdu | undefined = undefined;
  #sink: DataSink | undefined = undefined;
  #dataAt = 0;
  #padLeft = 0;
  #stopped = false;

  constructor(taker: PduTaker, framing: Framing) {
    this.#taker = taker;
    this.#framing = framing;
  }

  /** Stops accepting input. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads a piece of the stream, of any length; returns how many bytes it read, which are fewer if the taker is full. */
  push(chunk: Uint8Array): number {
    let at = 0;
    while (!this.#stopped) {
      const pdu = this.#pdu;
      if (pdu === undefined) {
        if (at >= chunk.length || this.#taker.full === true) return at;
        at += this.#takeHeader(chunk, at);
        continue;
      }
      const want = pdu.dataLength - this.#dataAt;
      if (want > 0) {
        if (at >= chunk.length) return at;
        const part = Math.min(want, chunk.length - at);
        this.#sink?.(chunk.subarray(at, at + part), this.#dataAt);
        this.#dataAt += part;
        at += part;
        continue;
      }
      if (this.#padLeft > 0) {
        if (at >= chunk.length) return at;
        const part = Math.min(this.#padLeft, chunk.length - at);
        this.#padLeft -= part;
        at += part;
        continue;
      }
      this.#pdu = undefined;
      this.#sink = undefined;
      this.#headerHave = 0;
      this.#headerNeed = HEADER_BYTES;
      this.#taker.complete(pdu);
    }
    return chunk.length;
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    let need = this.#headerNeed - this.#headerHave;
    let part = Math.min(need, chunk.length - at);
    this.#header.set(chunk.subarray(at, at + part), this.#headerHave);
    this.#headerHave += part;
    let used = part;
    if (this.#headerHave === HEADER_BYTES && this.#headerNeed === HEADER_BYTES) {
      this.#headerNeed += (this.#header[4] ?? 0) * 4 + (this.#framing.headerDigest ? 4 : 0);
      need = this.#headerNeed - this.#headerHave;
      part = Math.min(need, chunk.length - at - used);
      this.#header.set(chunk.subarray(at + used, at + used + part), this.#headerHave);
      this.#headerHave += part;
      used += part;
    }
    if (this.#headerHave === this.#headerNeed) this.#begin();
    return used;
  }

  #begin(): void {
    const raw = this.#header.subarray(0, HEADER_BYTES);
    const digestAt = this.#headerNeed - 4;
    if (this.#framing.headerDigest) {
      const told = new DataView(this.#header.buffer).getUint32(digestAt, true);
      if (told !== crc32c(this.#header.subarray(0, digestAt))) return this.#break('header digest', raw);
    }
    const pdu = decodeHeader(raw);
    if (pdu === undefined) return this.#break(`opcode 0x${((raw[0] ?? 0) & 0x3f).toString(16)}`, raw);
    if (pdu.dataLength > this.#framing.maxDataSegment) {
      return this.#break(
        `data segment of ${String(pdu.dataLength)} bytes, ${String(this.#framing.maxDataSegment)} allowed`,
        raw,
      );
    }
    this.#pdu = pdu;
    this.#dataAt = 0;
    this.#padLeft = padded(pdu.dataLength) - pdu.dataLength;
    this.#sink = this.#taker.header(pdu, raw);
  }

  #break(why: string, raw: Uint8Array): void {
    this.#stopped = true;
    this.#taker.broken(why, raw);
  }
}

/** A sink that collects a small data segment. */
export function gather(lengthBytes: number): { readonly bytes: Uint8Array; readonly sink: DataSink } {
  const bytes = lengthBytes === 0 ? NOTHING : new Uint8Array(lengthBytes);
  return {
    bytes,
    sink: (piece, at) => {
      bytes.set(piece, at);
    },
  };
}
