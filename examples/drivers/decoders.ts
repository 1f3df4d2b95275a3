/**
 * The streaming decoders that the module port is fed from: gzip of Node, xz of xz-decompress.
 */
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type * as Xz from 'xz-decompress';
import { GZIP, XZ, collect } from './module-decompress.ts';
import type { Format, StreamOutput } from './module-decompress.ts';

// A CommonJS package that calls itself an ES module: loaders disagree about its default import.
const { XzReadableStream } = createRequire(import.meta.url)('xz-decompress') as typeof Xz;

/** Decodes a compressed module; a broken one gives what came before the break. */
export function decode(format: Format, compressed: Uint8Array): Promise<StreamOutput> {
  return collect(format === XZ ? unxz(compressed) : gunzip(compressed));
}

/** The format that the first bytes announce, if any. */
export function formatOf(bytes: Uint8Array): Format | undefined {
  const starts = (...magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  if (starts(0x1f, 0x8b)) return GZIP;
  return starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00) ? XZ : undefined;
}

function gunzip(compressed: Uint8Array): AsyncIterable<Uint8Array> {
  const decoder = createGunzip();
  decoder.end(compressed);
  return decoder;
}

function unxz(compressed: Uint8Array): AsyncIterable<Uint8Array> {
  return Readable.fromWeb(new XzReadableStream(new Blob([compressed]).stream()));
}
