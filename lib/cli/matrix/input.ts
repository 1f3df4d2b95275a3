/**
 * The input of the ports: a file, or what is in a compressed one.
 */
import { basename, join } from 'node:path';
import { DEFAULT_MAX_OUTPUT_BYTES, decode, formatOf } from '../../../examples/drivers/module/decoders.ts';
import type { DecodeLimits } from '../../../examples/drivers/module/decoders.ts';
import { GZIP, XZ, ZSTD } from '../../../examples/drivers/module/module-decompress.ts';
import type { Format } from '../../../examples/drivers/module/module-decompress.ts';
import { readWithin } from '../files.ts';
import { PACKAGE_FOLDER } from '../package-root.ts';
import { UsageError } from '../usage-error.ts';

/** The default input. */
const CARD = join(PACKAGE_FOLDER, 'examples', 'data', 'card.ext4.xz');

/** The input of a run. */
export interface Input {
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * Reads the input. Of a gzip, xz or zstd file the ports move what is in it; of any other file, the file.
 */
export async function loadInput(
  file: string = CARD,
  { maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES, asLinux = false }: Partial<DecodeLimits> = {},
): Promise<Input> {
  const bytes = readWithin(file, maxOutputBytes);
  const format = announced(file, bytes);
  const content =
    format === undefined ? bytes : await decoded(format, file, bytes, { maxOutputBytes, asLinux });
  if (content.length === 0) throw new UsageError(`${file}: it holds no bytes to move`);
  return { name: basename(file), content };
}

async function decoded(
  format: Format,
  file: string,
  bytes: Uint8Array,
  limits: DecodeLimits,
): Promise<Uint8Array> {
  const output = await decode(format, bytes, limits);
  if (!output.intact)
    throw new UsageError(
      `${file}: the ${format.name} decoder refuses it: ${output.refusal ?? 'it is broken'}`,
    );
  return Buffer.concat(output.pieces);
}

/** The part of an input, at a page boundary, that has the most bytes other than 0. A disk image begins with many. */
export function sampleOf({ name, content }: Input, bytes: number): Input {
  let best = { at: 0, count: -1 };
  for (let at = 0; at === 0 || at + bytes <= content.length; at += STEP) {
    let count = 0;
    for (let i = at; i < at + bytes; i += 7) count += content[i] === 0 ? 0 : 1;
    if (count > best.count) best = { at, count };
  }
  return { name, content: content.slice(best.at, best.at + bytes) };
}

const STEP = 64 * 1024;

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
