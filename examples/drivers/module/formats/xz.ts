/**
 * xz as `module_xz_decompress` reads it: one stream of the kernel's own decoder.
 *
 * The decoder here is a build of the same code, without the filters for machine code. It reports only an error
 * number, without a position. So the headers and the index are read first: they show where a stream is broken
 * and why, and how long the output will be.
 */
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type * as Xz from 'xz-decompress';
import { RefusedStream, StreamReader, crc32, hex } from './stream-reader.ts';
import type { DecodeLimits } from './stream-reader.ts';

// The package is CommonJS but declares itself an ES module, so loaders disagree about its default import.
const { XzReadableStream } = createRequire(import.meta.url)('xz-decompress') as typeof Xz;

/** The largest dictionary that this decoder allocates. Linux allocates up to 4 GiB - 1, if vmalloc has them. */
const MAX_DICTIONARY_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = 12;
const FOOTER_BYTES = 12;
const CHECKS: Readonly<Record<number, string>> = { 4: 'CRC64', 10: 'SHA-256' };
const CRC32 = 1;
const LZMA2 = 0x21;
const DELTA = 0x03;
const MACHINE_CODE: Readonly<Record<number, string>> = {
  0x04: 'x86',
  0x05: 'PowerPC',
  0x07: 'ARM',
  0x08: 'ARM-Thumb',
  0x09: 'SPARC',
  0x0a: 'ARM64',
  0x0b: 'RISC-V',
};
/** `enum xz_ret`: the number in the decoder's error message. */
const STATUS: Readonly<Record<string, string>> = {
  3: 'no memory for the dictionary',
  4: 'the dictionary is too large',
  5: 'not an xz stream',
  6: 'an option that is not supported',
  7: 'corrupt data, or a wrong checksum',
  8: 'the stream ends too early',
};

/** Decodes one xz stream. For a broken one it first yields the bytes before the error, then throws. */
export async function* unxz(
  compressed: Uint8Array,
  { asLinux, maxOutputBytes }: DecodeLimits,
): AsyncGenerator<Uint8Array> {
  const layout = layoutOf(compressed);
  const { decodable, outputBytes, refusal } = layout;
  if (refusal !== undefined && !decodable) throw refusal;
  if (outputBytes > maxOutputBytes) {
    throw new RefusedStream(
      `it decodes to ${String(outputBytes)} bytes, more than the limit of ${String(maxOutputBytes)}`,
    );
  }
  let givenBytes = 0;
  const stream = compressed.subarray(0, layout.endsAt);
  try {
    for await (const piece of decoderOf(stream)) {
      givenBytes += piece.length;
      // Copied, because the decoder reuses its buffer.
      yield piece.slice();
    }
  } catch (error) {
    throw refusal ?? placed(error, layout.endsAt, givenBytes);
  }
  if (refusal !== undefined) throw refusal;
  if (!asLinux) layout.reader.refuseRest('first stream');
}

function decoderOf(stream: Uint8Array): AsyncIterable<Uint8Array> {
  return Readable.fromWeb(new XzReadableStream(new Blob([stream]).stream()));
}

function placed(error: unknown, inputBytes: number, outputBytes: number): RefusedStream {
  const message = error instanceof Error ? error.message : String(error);
  const status = /error code (\d+)/.exec(message)?.[1] ?? '';
  return new RefusedStream(
    `${STATUS[status] ?? message} (status ${status}), after ${String(outputBytes)} bytes of output, in a stream of ${String(inputBytes)} bytes`,
  );
}

interface Layout {
  readonly reader: StreamReader;
  /** Offset of the end of the stream; of the end of the input if the stream is truncated. */
  readonly endsAt: number;
  readonly outputBytes: number;
  readonly refusal: RefusedStream | undefined;
  /** Whether the decoder outputs the data before the error. It does not start if it does not know an option. */
  readonly decodable: boolean;
}

interface Progress {
  outputBytes: number;
  decodable: boolean;
}

function layoutOf(compressed: Uint8Array): Layout {
  const reader = new StreamReader(compressed);
  const progress: Progress = { outputBytes: 0, decodable: true };
  let refusal: RefusedStream | undefined;
  try {
    readStream(reader, progress);
  } catch (error) {
    if (!(error instanceof RefusedStream)) throw error;
    refusal = error;
  }
  const endsAt = refusal === undefined ? reader.at : compressed.length;
  return { reader, endsAt, refusal, ...progress };
}

function readStream(reader: StreamReader, progress: Progress): void {
  const unsupported = (reason: string): never => {
    progress.decodable = false;
    throw new RefusedStream(reason);
  };
  const header = reader.take(HEADER_BYTES, 'the stream header');
  const [reserved = 0, check = 0] = header.subarray(6, 8);
  checkHeader(header.subarray(6), 'the stream header', 6);
  if (reserved !== 0 || check > 15) {
    unsupported(
      `the stream flags in bytes 6 and 7 are ${hex(reserved, 2)} ${hex(check, 2)}, which no xz has yet`,
    );
  }
  if (check > CRC32) {
    unsupported(
      `its check in byte 7 is ${CHECKS[check] ?? `number ${String(check)}`}; Linux knows CRC32 and none (xz --check=crc32)`,
    );
  }
  const checkBytes = check === CRC32 ? 4 : 0;
  let blocks = 0;
  for (; reader.bytes[reader.at] !== 0; blocks += 1) {
    readBlock(reader, blocks + 1, checkBytes, progress, unsupported);
  }
  readIndex(reader, blocks);
  reader.take(FOOTER_BYTES, 'the stream footer');
}

function checkHeader(header: Uint8Array, part: string, at: number): void {
  const end = header.length - 4;
  const told = new StreamReader(header.subarray(end)).number(4, part);
  const crc = crc32(header.subarray(0, end));
  if (told !== crc) {
    throw new RefusedStream(
      `the checksum of ${part} at byte ${String(at)} is ${hex(told, 8)}, but its bytes have ${hex(crc, 8)}`,
    );
  }
}

function readBlock(
  reader: StreamReader,
  block: number,
  checkBytes: number,
  progress: Progress,
  unsupported: (reason: string) => never,
): void {
  const { at } = reader;
  const part = `the header of block ${String(block)}`;
  const size = (reader.number(1, part) + 1) * 4;
  reader.at = at;
  const header = reader.take(size, part);
  checkHeader(header, part, at);
  const fields = new StreamReader(header.subarray(0, size - 4));
  fields.at = 1;
  const flags = fields.number(1, part);
  if (flags & 0x40) variableLength(fields, part);
  if (flags & 0x80) variableLength(fields, part);
  for (let filters = (flags & 3) + 1; filters > 0; filters -= 1) {
    const id = variableLength(fields, part);
    const properties = fields.take(variableLength(fields, part), part);
    const wrong = filterRefusal(id, properties);
    if (wrong !== undefined) unsupported(`${part} at byte ${String(at)} asks for ${wrong}`);
  }
  const dataAt = reader.at;
  readChunks(reader, block, progress);
  reader.take((4 - ((reader.at - dataAt) & 3)) & 3, `the padding of block ${String(block)}`);
  reader.take(checkBytes, `the check of block ${String(block)}`);
}

function filterRefusal(id: number, properties: Uint8Array): string | undefined {
  if (id === LZMA2) {
    const bits = properties[0] ?? 0;
    const bytes = bits > 39 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
    if (bytes <= MAX_DICTIONARY_BYTES) return undefined;
    return `a dictionary of ${String(bytes)} bytes; the decoder here takes ${String(MAX_DICTIONARY_BYTES)} at most (xz --lzma2=dict=64MiB)`;
  }
  const machine = MACHINE_CODE[id];
  if (machine !== undefined) {
    return `the filter for ${machine} code (${hex(id, 2)}), which Linux can have and the decoder here has not`;
  }
  return `${id === DELTA ? 'the delta filter' : 'a filter'} (${hex(id, 2)}) that Linux has not`;
}

/** LZMA2 is a sequence of chunks with their sizes: 0 ends it, 1 and 2 are uncompressed, from 0x80 compressed. */
function readChunks(reader: StreamReader, block: number, progress: Progress): void {
  for (;;) {
    const { at } = reader;
    const part = `the chunk of block ${String(block)} at byte ${String(at)}`;
    const control = reader.number(1, part);
    if (control === 0) return;
    if (control > 2 && control < 0x80) {
      throw new RefusedStream(`${part} begins with ${hex(control, 2)}, which no chunk begins with`);
    }
    const [high = 0, low = 0] = reader.take(2, part);
    const sizeBytes = high * 256 + low + 1;
    if (control < 0x80) {
      reader.take(sizeBytes, part);
      progress.outputBytes += sizeBytes;
      continue;
    }
    const [packedHigh = 0, packedLow = 0] = reader.take(2, part);
    reader.take(packedHigh * 256 + packedLow + 1 + (control < 0xc0 ? 0 : 1), part);
    progress.outputBytes += (control & 0x1f) * 2 ** 16 + sizeBytes;
  }
}

function readIndex(reader: StreamReader, blocks: number): void {
  const { at } = reader;
  const part = 'the index';
  reader.take(1, part);
  const records = variableLength(reader, part);
  if (records !== blocks) {
    throw new RefusedStream(
      `${part} at byte ${String(at)} has ${String(records)} records, but the stream has ${String(blocks)} blocks`,
    );
  }
  for (let n = 0; n < 2 * records; n += 1) variableLength(reader, part);
  reader.take((4 - ((reader.at - at) & 3)) & 3, part);
  reader.take(4, part);
}

/** Reads a number with seven bits in each byte, lowest first. Numbers here need no more than 53 bits. */
function variableLength(reader: StreamReader, part: string): number {
  let value = 0;
  for (let shift = 0; shift < 63; shift += 7) {
    const byte = reader.number(1, part);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new RefusedStream(`${part} has a number of more than 9 bytes before byte ${String(reader.at)}`);
}
