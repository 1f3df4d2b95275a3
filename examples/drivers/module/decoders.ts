/**
 * The decoders that give the module port its input. Each one accepts what its counterpart in Linux accepts.
 *
 * Linux ignores some errors in a stream. A strict decoder refuses such a stream; with `asLinux` it ignores the
 * same errors. The differences that remain are listed in docs/module-decompress.md.
 */
import { GZIP, XZ, ZSTD } from './module-decompress.ts';
import type { Format, StreamOutput } from './module-decompress.ts';
import { gunzip } from './formats/gzip.ts';
import { RefusedStream } from './formats/stream-reader.ts';
import type { DecodeLimits } from './formats/stream-reader.ts';
import { unxz } from './formats/xz.ts';
import { unzstd } from './formats/zstd.ts';

export type { DecodeLimits };

/** A limit that is large enough for any module and for a small disk image. */
export const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Decodes a compressed module. For a broken one it returns the bytes before the error, and the reason. */
export async function decode(
  format: Format,
  compressed: Uint8Array,
  { maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES, asLinux = false }: Partial<DecodeLimits> = {},
): Promise<StreamOutput> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of decoderOf(format)(compressed, { maxOutputBytes, asLinux })) pieces.push(piece);
  } catch (error) {
    if (!(error instanceof RefusedStream)) throw error;
    return { pieces, intact: false, refusal: error.message };
  }
  return { pieces, intact: true };
}

function decoderOf(format: Format): typeof gunzip {
  switch (format) {
    case GZIP:
      return gunzip;
    case XZ:
      return unxz;
    case ZSTD:
      return unzstd;
    default:
      throw new RangeError(`no decoder for ${format.name}`);
  }
}

const MAGIC: readonly (readonly [Format, readonly number[]])[] = [
  [GZIP, [0x1f, 0x8b]],
  [XZ, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  [ZSTD, [0x28, 0xb5, 0x2f, 0xfd]],
];

/** Returns the format whose magic number the first bytes are, or `undefined`. */
export function formatOf(bytes: Uint8Array): Format | undefined {
  return MAGIC.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte))?.[0];
}
