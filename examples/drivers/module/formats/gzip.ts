/**
 * gzip as `module_gzip_decompress` reads it: a header, one raw deflate stream.
 *
 * Linux skips the ten bytes of the header and the file name, but no other optional field. It does not read
 * what follows the deflate stream: the checksum, the length, further members.
 */
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { RefusedStream, StreamReader, crc32, hex, tooLong } from './stream-reader.ts';
import type { DecodeLimits } from './stream-reader.ts';

/** Size of the pieces given to the decoder. It is small because an error is located only to within a piece. */
const PIECE_BYTES = 4096;
const FLAG_NAMES = ['FTEXT', 'FHCRC', 'FEXTRA', 'FNAME', 'FCOMMENT', 'bit 5', 'bit 6', 'bit 7'];
const FNAME = 0x08;
/** FTEXT says that the content is probably text; unlike the other flags, it adds no field to the header. */
const HARMLESS = FNAME | 0x01;

/** Decodes one gzip member. For a broken one it first yields the bytes before the error, then throws. */
export async function* gunzip(
  compressed: Uint8Array,
  { asLinux, maxOutputBytes }: DecodeLimits,
): AsyncGenerator<Uint8Array> {
  const reader = new StreamReader(compressed);
  readHeader(reader, asLinux);
  const deflated = compressed.subarray(reader.at);
  const inflater = createInflateRaw();
  let outputBytes = 0;
  let crc = 0;
  try {
    for await (const piece of Readable.from(piecesOf(deflated)).pipe(inflater) as AsyncIterable<Uint8Array>) {
      outputBytes += piece.length;
      if (outputBytes > maxOutputBytes) throw tooLong(maxOutputBytes, reader.at + inflater.bytesWritten);
      if (!asLinux) crc = crc32(piece, crc);
      yield piece;
    }
  } catch (error) {
    throw placed(error, reader.at + inflater.bytesWritten, compressed.length, outputBytes);
  }
  if (asLinux) return;
  reader.take(inflater.bytesWritten, 'the deflate stream');
  checkTrailer(reader, crc, outputBytes);
  reader.refuseRest('first member');
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function readHeader(reader: StreamReader, asLinux: boolean): void {
  const [, , method = 0, flags = 0] = reader.take(10, 'the header');
  if (method !== 8) {
    throw new RefusedStream(`the compression method in byte 2 is ${String(method)}, not 8 (deflate)`);
  }
  const unread = FLAG_NAMES.filter((_, bit) => flags & ~HARMLESS & (1 << bit));
  if (unread.length > 0 && !asLinux) {
    throw new RefusedStream(
      `the header flags in byte 3 are ${hex(flags, 2)}, with ${unread.join(', ')}; Linux knows no field but FNAME and takes others for compressed data`,
    );
  }
  if ((flags & FNAME) === 0) return;
  const end = reader.bytes.indexOf(0, reader.at);
  if (end < 0) {
    throw new RefusedStream(
      `the file name that begins at byte ${String(reader.at)} has no end in ${String(reader.bytes.length)} bytes`,
    );
  }
  reader.at = end + 1;
}

function checkTrailer(reader: StreamReader, crc: number, outputBytes: number): void {
  const { at } = reader;
  const told = reader.number(4, 'the checksum');
  if (told !== crc) {
    throw new RefusedStream(
      `the checksum at byte ${String(at)} is ${hex(told, 8)}, but the ${String(outputBytes)} bytes decoded have ${hex(crc, 8)}`,
    );
  }
  const length = reader.number(4, 'the length');
  if (length !== outputBytes % 2 ** 32) {
    throw new RefusedStream(
      `the length at byte ${String(at + 4)} is ${String(length)}, but ${String(outputBytes)} bytes were decoded`,
    );
  }
}

// zlib says what is wrong but not where. It had read everything before the piece in which it failed.
function placed(error: unknown, at: number, inputBytes: number, outputBytes: number): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  const after = `after ${String(outputBytes)} bytes of output`;
  if (error.code === 'Z_BUF_ERROR') {
    return new RefusedStream(
      `it ends after ${String(inputBytes)} bytes, inside the deflate stream, ${after}`,
    );
  }
  const to = Math.min(at + PIECE_BYTES, inputBytes) - 1;
  return new RefusedStream(`${error.message}, in bytes ${String(at)} to ${String(to)}, ${after}`);
}
