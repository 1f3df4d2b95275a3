/**
 * What the ports work on: a file, as it is and compressed.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decode, formatOf } from '../../../examples/drivers/decoders.ts';
import { GZIP, XZ } from '../../../examples/drivers/module-decompress.ts';
import type { Format, StreamOutput } from '../../../examples/drivers/module-decompress.ts';
import { PACKAGE_FOLDER } from '../package-root.ts';

/** The default input and the digest of its content, as examples/data/README.md records them. */
const CARD = join(PACKAGE_FOLDER, 'examples', 'data', 'card.ext4.xz');
const CARD_SHA256 = 'db424552e3208a7c837c3fc9e16c40fb81683f68cf0f6219e349d1e0b59bd586';

/** A stream as its decoder gave it, and what it must contain. */
export interface Compressed {
  readonly format: Format;
  /** File the compressed bytes came from. */
  readonly from: string;
  readonly output: StreamOutput;
  readonly lengthBytes: number;
  readonly sha256: string;
}

/** The input of a run. */
export interface Input {
  readonly name: string;
  readonly content: Uint8Array;
  readonly gzip: Compressed;
  readonly xz: Compressed;
}

/** The hex digest of bytes. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function open(format: Format, from: string, bytes: Uint8Array, digest?: string): Promise<Compressed> {
  const output = await decode(format, bytes);
  const content = Buffer.concat(output.pieces);
  return { format, from, output, lengthBytes: content.length, sha256: digest ?? sha256(content) };
}

function contentOf(compressed: Compressed): Uint8Array {
  return Buffer.concat(compressed.output.pieces);
}

/**
 * Reads the input. A gzip or xz file is decoded by the port and its content is what the others move; of
 * any other file the gzip is made here. There is no xz encoder here, so the xz port falls back to the
 * default input.
 */
export async function loadInput(file: string = CARD): Promise<Input> {
  const bytes = readFileSync(file);
  const format = formatOf(bytes);
  const given = format === undefined ? undefined : await open(format, basename(file), bytes, digestOf(file));
  const content = given === undefined ? bytes : contentOf(given);
  if (content.length === 0) throw new Error(`${file} holds no bytes to move`);
  const gzip =
    given?.format === GZIP ? given : await open(GZIP, basename(file), gzipSync(content), sha256(content));
  const xz = given?.format === XZ ? given : await open(XZ, basename(CARD), readFileSync(CARD), CARD_SHA256);
  return { name: basename(file), content, gzip, xz };
}

function digestOf(file: string): string | undefined {
  return file === CARD ? CARD_SHA256 : undefined;
}
