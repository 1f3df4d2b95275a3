/**
 * Reads the fields of a compressed stream and reports where a truncated stream ends.
 */

/** The options of a decoder. */
export interface DecodeLimits {
  /** The greatest number of bytes it may produce. It uses no more memory than that, plus its own workspace. */
  readonly maxOutputBytes: number;
  /** Ignores what Linux ignores: a wrong gzip checksum, and bytes after the end of the stream. */
  readonly asLinux: boolean;
}

/** Thrown for a stream that a decoder refuses; the message is one sentence with the numbers. */
export class RefusedStream extends Error {
  override readonly name = 'RefusedStream';
}

/** Returns the error for a stream that decodes to more bytes than the caller allows. */
export function tooLong(maxOutputBytes: number, at: number): RefusedStream {
  return new RefusedStream(
    `it decodes to more than the limit of ${String(maxOutputBytes)} bytes, passed before byte ${String(at)}`,
  );
}

/** A position in the bytes of a stream. Reading past their end throws `RefusedStream`. */
export class StreamReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Skips `length` bytes of the part of the stream that errors call `part`. */
  take(length: number, part: string): Uint8Array {
    const { at, bytes } = this;
    if (length > bytes.length - at) {
      throw new RefusedStream(
        `it ends after ${String(bytes.length)} bytes, inside ${part}, whose next field ends at byte ${String(at + length)}`,
      );
    }
    this.at += length;
    return bytes.subarray(at, at + length);
  }

  /** Reads a little-endian number of up to 8 bytes. */
  number(length: number, part: string): number {
    return this.take(length, part).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** Throws if bytes follow the end of the stream, because the decoder would ignore them. */
  refuseRest(what: string): void {
    const left = this.bytes.length - this.at;
    if (left > 0) {
      throw new RefusedStream(
        `${String(left)} bytes follow the end of the ${what} at byte ${String(this.at)}; Linux decodes no further`,
      );
    }
  }
}

/** Formats a number in hexadecimal, as the documents of these formats do. */
export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The CRC-32 of gzip and xz; `before` is the checksum of the bytes before these. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
