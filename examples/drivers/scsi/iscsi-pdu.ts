/** The PDUs of iSCSI that carry data (RFC 7143), with header and data digests. */
import { sameBytes } from 'scatterlist/ports';
import { DIGEST_BYTES, crc32c, digestBytes } from '../crc32c.ts';

/** The basic header segment. */
export const HEADER_BYTES = 48;

const OPCODES = { dataOut: 0x05, dataIn: 0x25 } as const;
export type DataOpcode = keyof typeof OPCODES;

const FLAG_FINAL = 0x80;
const NO_TAG = 0xffff_ffff;

/** What the drivers use of a header. */
export interface DataHeader {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly dataBytes: number;
  /** The initiator's tag: here the place of the command in an array. */
  readonly tag: number;
  readonly dataSn: number;
  /** Where the data begin in the command's data. */
  readonly offset: number;
}

/** How many bytes of zero follow the data: up to a multiple of four. */
export function paddingOf(dataBytes: number): number {
  return -dataBytes & 3;
}

export function decodeHeader(bytes: Uint8Array): DataHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  return {
    opcode: view.getUint8(0) & 0x3f,
    isFinal: (view.getUint8(1) & FLAG_FINAL) !== 0,
    dataBytes: view.getUint32(4) & 0xff_ffff,
    tag: view.getUint32(16),
    dataSn: view.getUint32(36),
    offset: view.getUint32(40),
  };
}

/** A header, without its digest. */
export function encodeHeader({ opcode, isFinal, dataBytes, tag, dataSn, offset }: DataHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, opcode);
  view.setUint8(1, isFinal ? FLAG_FINAL : 0);
  view.setUint32(4, dataBytes);
  view.setUint32(16, tag);
  view.setUint32(20, NO_TAG);
  view.setUint32(36, dataSn);
  view.setUint32(40, offset);
  return bytes;
}

/** The headers of the PDUs that carry a command's data, with at most `mostBytes` bytes each. */
export function dataHeaders(
  opcode: DataOpcode,
  tag: number,
  lengthBytes: number,
  mostBytes: number,
): DataHeader[] {
  return Array.from({ length: Math.ceil(lengthBytes / mostBytes) }, (_, dataSn) => {
    const offset = dataSn * mostBytes;
    const dataBytes = Math.min(mostBytes, lengthBytes - offset);
    const isFinal = offset + dataBytes === lengthBytes;
    return { opcode: OPCODES[opcode], isFinal, dataBytes, tag, dataSn, offset };
  });
}

/** A whole PDU: header, digest, data, padding, digest. */
export function encodePdu(header: DataHeader, data: Uint8Array): Uint8Array {
  const basic = encodeHeader(header);
  const padded = new Uint8Array(data.length + paddingOf(data.length));
  padded.set(data);
  return joined([basic, digestBytes(crc32c(basic)), padded, digestBytes(crc32c(padded))]);
}

/** The data of several commands as a stream of PDUs. */
export function dataStream(
  opcode: DataOpcode,
  commands: readonly Uint8Array[],
  mostBytes: number,
): Uint8Array {
  return joined(
    commands.flatMap((data, tag) =>
      dataHeaders(opcode, tag, data.length, mostBytes).map((header) =>
        encodePdu(header, data.subarray(header.offset, header.offset + header.dataBytes)),
      ),
    ),
  );
}

/** Reads a stream of whole PDUs, checks their digests, and returns the data in the order in which they were sent. */
export function readDataStream(stream: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < stream.length;) {
    const take = (length: number): Uint8Array => stream.subarray(at, (at += length));
    const what = `of the PDU at byte ${String(at)}`;
    const basic = take(HEADER_BYTES);
    sameBytes(digestBytes(crc32c(basic)), take(DIGEST_BYTES), `the header digest ${what}`);
    const { dataBytes } = decodeHeader(basic);
    const padded = take(dataBytes + paddingOf(dataBytes));
    sameBytes(digestBytes(crc32c(padded)), take(DIGEST_BYTES), `the data digest ${what}`);
    parts.push(padded.subarray(0, dataBytes));
  }
  return joined(parts);
}

/** The parts in a row. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
