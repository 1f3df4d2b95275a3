/**
 * The input of the ports: a file, plain and compressed.
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DEFAULT_MAX_OUTPUT_BYTES, decode, formatOf } from '../../../examples/drivers/module/decoders.ts';
import type { DecodeLimits } from '../../../examples/drivers/module/decoders.ts';
import { GZIP, XZ, ZSTD } from '../../../examples/drivers/module/module-decompress.ts';
import type { Format, StreamOutput } from '../../../examples/drivers/module/module-decompress.ts';
import { readWithin } from '../files.ts';
import { PACKAGE_FOLDER } from '../package-root.ts';
import { UsageError } from '../usage-error.ts';

/** The default input and the digest of its content, as examples/data/README.md records them. */
const CARD = join(PACKAGE_FOLDER, 'examples', 'data', 'card.ext4.xz');
const CARD_SHA256 = 'db424552e3208a7c837c3fc9e16c40fb81683f68cf0f6219e349d1e0b59bd586';

/** The output of a stream's decoder, and the expected content. */
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
  /** Only where the input is one. */
  readonly zstd: Compressed | undefined;
}

/** The hex digest of bytes. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function open(
  format: Format,
  file: string,
  bytes: Uint8Array,
  limits: DecodeLimits,
  digest?: string,
): Promise<Compressed> {
  const output = await decode(format, bytes, limits);
  if (!output.intact) {
    throw new UsageError(
      `${file}: the ${format.name} decoder refuses it: ${output.refusal ?? 'it is broken'}`,
    );
  }
  const content = contentOf(output);
  return {
    format,
    from: basename(file),
    output,
    lengthBytes: content.length,
    sha256: digest ?? sha256(content),
  };
}

function contentOf({ pieces }: StreamOutput): Uint8Array {
  return Buffer.concat(pieces);
}

/**
 * Reads the input. A gzip, xz or zstd file is decoded by the port and its content is what the others move;
 * of any other file the gzip is made here. There is no xz encoder here, so the xz port falls back to the
 * default input.
 */
export async function loadInput(
  file: string = CARD,
  { maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES, asLinux = false }: Partial<DecodeLimits> = {},
): Promise<Input> {
  const limits: DecodeLimits = { maxOutputBytes, asLinux };
  const bytes = readWithin(file, maxOutputBytes);
  const format = announced(file, bytes);
  const given = format === undefined ? undefined : await open(format, file, bytes, limits, digestOf(file));
  const content = given === undefined ? bytes : contentOf(given.output);
  if (content.length === 0) throw new UsageError(`${file}: it holds no bytes to move`);
  const gzip =
    given?.format === GZIP ? given : await open(GZIP, file, gzipSync(content), limits, sha256(content));
  const xz = given?.format === XZ ? given : await defaultXz();
  return { name: basename(file), content, gzip, xz, zstd: given?.format === ZSTD ? given : undefined };
}

function defaultXz(): Promise<Compressed> {
  const limits: DecodeLimits = { maxOutputBytes: DEFAULT_MAX_OUTPUT_BYTES, asLinux: false };
  return open(XZ, CARD, readWithin(CARD, DEFAULT_MAX_OUTPUT_BYTES), limits, CARD_SHA256);
}

/** The format of the first bytes, which a name like `x.ko.gz` must not contradict. */
function announced(file: string, bytes: Uint8Array): Format | undefined {
  const format = formatOf(bytes);
  const [, ending = ''] = /\.(gz|xz|zst)$/i.exec(file) ?? [];
  const named = NAMED.get(ending.toLowerCase());
  if (named === undefined || named === format) return format;
  if (bytes.length === 0) throw new UsageError(`${file}: it is empty, 0 bytes are no ${named.name} stream`);
  const first = Buffer.from(bytes.subarray(0, 6))
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ');
  const instead = format === undefined ? '' : ` like ${format.name}`;
  throw new UsageError(
    `${file}: it is named like ${named.name}, but begins${instead} with the bytes ${first}`,
  );
}

const NAMED: ReadonlyMap<string, Format> = new Map([
  ['gz', GZIP],
  ['xz', XZ],
  ['zst', ZSTD],
]);

function digestOf(file: string): string | undefined {
  return file === CARD ? CARD_SHA256 : undefined;
}
