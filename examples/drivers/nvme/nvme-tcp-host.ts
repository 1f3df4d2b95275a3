/** A host of NVMe over TCP: write data in H2CData PDUs with data digests, on a socket that delivers it in segments. */
import type { Sleeping } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import type { Context, Machine } from 'scatterlist/machine';
import { DIGEST_BYTES, crc32c, digestBytes } from '../crc32c.ts';

/** The common header and the header of H2CData. */
export const H2C_HEADER_BYTES = 24;
const TYPE_H2C_DATA = 0x06;
const FLAG_DATA_DIGEST = 0x02;
const FLAG_LAST = 0x04;

/** Bytes of a segment of TCP. */
const SEGMENT_BYTES = 1448;

/** The content as a stream of PDUs with at most `dataBytes` bytes of data each. */
export function h2cDataPdus(content: Uint8Array, dataBytes: number): Uint8Array {
  const count = Math.ceil(content.length / dataBytes);
  const stream = new Uint8Array(content.length + count * (H2C_HEADER_BYTES + DIGEST_BYTES));
  const view = new DataView(stream.buffer);
  let at = 0;
  for (let offset = 0; offset < content.length; offset += dataBytes) {
    const data = content.subarray(offset, offset + dataBytes);
    const isLast = offset + data.length === content.length;
    const pduBytes = H2C_HEADER_BYTES + data.length + DIGEST_BYTES;
    const flags = FLAG_DATA_DIGEST | (isLast ? FLAG_LAST : 0);
    stream.set([TYPE_H2C_DATA, flags, H2C_HEADER_BYTES, H2C_HEADER_BYTES], at);
    view.setUint32(at + 4, pduBytes, true);
    view.setUint32(at + 12, offset, true);
    view.setUint32(at + 16, data.length, true);
    stream.set(data, at + H2C_HEADER_BYTES);
    stream.set(digestBytes(crc32c(data)), at + pduBytes - DIGEST_BYTES);
    at += pduBytes;
  }
  return stream;
}

/** Where the data of a PDU belongs in the command, and how long it is. */
export function readH2cHeader(header: Uint8Array): {
  readonly dataOffset: number;
  readonly dataBytes: number;
} {
  const view = new DataView(header.buffer, header.byteOffset, H2C_HEADER_BYTES);
  return { dataOffset: view.getUint32(12, true), dataBytes: view.getUint32(16, true) };
}

/** One direction of a connection. */
export class Socket {
  readonly stream: Uint8Array;
  readonly arrived: Completion;
  sent = 0;
  received = 0;

  constructor(machine: Machine, stream: Uint8Array) {
    this.stream = stream;
    this.arrived = new Completion(machine, 'data on the socket');
  }

  /** The peer sends everything, a segment at a time. */
  *sendAll(self: Parameters<Completion['complete']>[0]): Sleeping<void> {
    while (this.sent < this.stream.length) {
      this.sent = Math.min(this.sent + SEGMENT_BYTES, this.stream.length);
      this.arrived.complete(self);
      yield;
    }
  }

  /** `sock_recvmsg` with MSG_WAITALL: sleeps until so many bytes have arrived. */
  *receive(task: Context['task'], lengthBytes: number): Sleeping<Uint8Array> {
    while (this.sent - this.received < lengthBytes) yield* this.arrived.wait(task);
    const bytes = this.stream.slice(this.received, this.received + lengthBytes);
    this.received += lengthBytes;
    return bytes;
  }
}
