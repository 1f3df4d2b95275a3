/**
 * Makes xz and zstd streams whose content is stored, not compressed: Node makes neither, and a decoder reads them like
 * any other stream.
 */
import { crc32 } from './stream-reader.ts';

const CHUNK_BYTES = 1 << 16;
/** The property byte of LZMA2 for a dictionary of 8 MiB, as `xz` uses by default. */
const DICTIONARY = 0x16;

/** An xz stream of one block, without a check. */
export function storedXz(content: Uint8Array): Uint8Array {
  const flags = [0, 0];
  const header = withCrc([2, 0, 0x21, 1, DICTIONARY, 0, 0, 0]);
  const chunks = chunksOf(content, CHUNK_BYTES).flatMap((chunk, i) => [
    Uint8Array.of(i === 0 ? 1 : 2, (chunk.length - 1) >> 8, (chunk.length - 1) & 0xff),
    chunk,
  ]);
  const data = Buffer.concat([...chunks, Uint8Array.of(0)]);
  const index = withCrc(
    padded([0, 1, ...variableLength(header.length + data.length), ...variableLength(content.length)]),
  );
  const footer = [...little(index.length / 4 - 1, 4), ...flags];
  return Buffer.concat([
    Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, ...withCrc(flags)),
    header,
    data,
    new Uint8Array(-data.length & 3),
    index,
    Uint8Array.of(...little(crc32(Uint8Array.from(footer)), 4), ...footer, 0x59, 0x5a),
  ]);
}

/** A zstd frame of raw blocks, without a checksum. */
export function storedZstd(content: Uint8Array): Uint8Array {
  const blocks = chunksOf(content, CHUNK_BYTES);
  return Buffer.concat([
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...little(content.length, 4)),
    ...blocks.flatMap((block, i) => [
      Uint8Array.from(little(block.length * 8 + (i === blocks.length - 1 ? 1 : 0), 3)),
      block,
    ]),
  ]);
}

function chunksOf(content: Uint8Array, mostBytes: number): readonly Uint8Array[] {
  return Array.from({ length: Math.ceil(content.length / mostBytes) }, (_, i) =>
    content.subarray(i * mostBytes, (i + 1) * mostBytes),
  );
}

function little(value: number, bytes: number): readonly number[] {
  return Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 0xff);
}

function padded(bytes: readonly number[]): readonly number[] {
  return [...bytes, ...new Uint8Array(-bytes.length & 3)];
}

function withCrc(bytes: readonly number[]): Uint8Array {
  return Uint8Array.of(...bytes, ...little(crc32(Uint8Array.from(bytes)), 4));
}

/** Seven bits in each byte, lowest first. */
function variableLength(value: number): readonly number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left & 0x7f) | 0x80);
  return [...bytes, left];
}
