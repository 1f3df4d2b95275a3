/**
 * Reads the fields of a compressed stream, and says where it breaks off.
 */

/** What a decoder may do. */
export interface DecodeLimits {
  /** The most that it may produce; it holds no more than that, plus its own workspace. */
  readonly maxOutputBytes: number;
  /** Passes over what Linux passes over: a wrong gzip checksum, and what follows the end of the stream. */
  readonly asLinux: boolean;
}

/** What a decoder refuses, in a sentence that carries the numbers. */
export class RefusedStream extends Error {
  override readonly name = 'RefusedStream';
}

/** The refusal of a stream that decodes to more than the caller takes. */
export function tooLong(maxOutputBytes: number, at: number): RefusedStream {
  return new RefusedStream(
    `it decodes to more than the limit of ${String(maxOutputBytes)} bytes, passed before byte ${String(at)}`,
  );
}

/** A position in the bytes of a stream; reading past their end refuses the stream. */
export class StreamReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Passes over `length` bytes that belong to `part`. */
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

  /** A little-endian number of up to 8 bytes. */
  number(length: number, part: string): number {
    return this.take(length, part).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** Where the stream has ended, nothing may follow that the decoder would pass over in silence. */
  refuseRest(what: string): void {
    const left = this.bytes.length - this.at;
    if (left > 0) {
      throw new RefusedStream(
        `${String(left)} bytes follow the end of the ${what} at byte ${String(this.at)}; Linux decodes no further`,
      );
    }
  }
}

/** A number of a stream as its format's documents write it. */
export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The CRC-32 of gzip and xz; `before` is that of what came before. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
