/**
 * zstd as `module_zstd_decompress` reads it (since Linux 6.2): one frame, at the very beginning.
 *
 * The decoder here is the same code as in Linux, but it reports only an error number, without a position. So
 * the header and the block sizes are read first: they show where the frame ends and how long its output may be.
 */
import { RefusedStream, StreamReader, hex, tooLong } from './stream-reader.ts';
import type * as Module from '@bokuweb/zstd-wasm';
import type { DecodeLimits } from './stream-reader.ts';

/** `ZSTD_MAXWINDOWSIZE_DEFAULT`: the kernel's streaming decoder refuses larger windows. */
const MAX_WINDOW_BYTES = 2 ** 27 + 1;
const MAX_BLOCK_BYTES = 128 * 1024;
/** `ZSTD_ErrorCode`: the number in the decoder's error message. */
const STATUS: Readonly<Record<string, string>> = {
  16: 'the window is too large',
  20: 'corrupt data',
  22: 'a wrong checksum',
  32: 'a dictionary is missing',
  64: 'no memory',
  70: 'more output than its header says',
  72: 'the frame ends too early',
};
const TOO_LONG = '70';

/** Decodes one zstd frame, or throws `RefusedStream`. */
export async function* unzstd(
  compressed: Uint8Array,
  { asLinux, maxOutputBytes }: DecodeLimits,
): AsyncGenerator<Uint8Array> {
  const reader = new StreamReader(compressed);
  const header = readHeader(reader);
  const { contentBytes } = header;
  if (contentBytes !== undefined && contentBytes > maxOutputBytes) {
    throw new RefusedStream(
      `it decodes to ${String(contentBytes)} bytes, more than the limit of ${String(maxOutputBytes)}`,
    );
  }
  const bound = readBlocks(reader, header);
  if (!asLinux) reader.refuseRest('first frame');
  const { decompress } = await load();
  const room = Math.min(bound, maxOutputBytes);
  const frame = compressed.subarray(0, reader.at);
  let content: Uint8Array;
  try {
    content = decompress(frame, { defaultHeapSize: room });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const status = /code -(\d+)/.exec(message)?.[1] ?? '';
    if (status === TOO_LONG && contentBytes === undefined) throw tooLong(maxOutputBytes, frame.length);
    throw new RefusedStream(
      `${STATUS[status] ?? message} (status ${status}), in a frame of ${String(frame.length)} bytes`,
    );
  }
  if (contentBytes !== undefined && content.length !== contentBytes) {
    throw new RefusedStream(
      `its header says ${String(contentBytes)} bytes, but ${String(content.length)} were decoded`,
    );
  }
  yield content;
}

type Zstd = typeof Module;

/** Where the promise of the decoder lies: with the decoder, of which a process has one, however often this file is loaded. */
const LOADING = Symbol.for('scatterlist.zstd');

function isLoading(value: unknown): value is Promise<Zstd> {
  return value instanceof Promise;
}

// Loaded at first use, because it takes time, and only once: a second `init` would replace its memory, also if this file
// is loaded twice, as an ES module and as CommonJS.
function load(): Promise<Zstd> {
  const known: unknown = Reflect.get(globalThis, LOADING);
  if (isLoading(known)) return known;
  const loading = import('@bokuweb/zstd-wasm').then(async (zstd) => {
    await zstd.init();
    return zstd;
  });
  Reflect.set(globalThis, LOADING, loading);
  return loading;
}

interface FrameHeader {
  readonly windowBytes: number;
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

function readHeader(reader: StreamReader): FrameHeader {
  const part = 'the frame header';
  reader.take(4, part);
  const descriptor = reader.number(1, part);
  if (descriptor & 0x08) {
    throw new RefusedStream(`the frame descriptor in byte 4 is ${hex(descriptor, 2)}, with the reserved bit`);
  }
  const singleSegment = (descriptor & 0x20) !== 0;
  const window = singleSegment ? undefined : windowOf(reader.number(1, part));
  const dictionaryAt = reader.at;
  const dictionary = reader.number([0, 1, 2, 4][descriptor & 3] ?? 0, part);
  const sizeBytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const told = reader.number(sizeBytes, part);
  const contentBytes = sizeBytes === 0 ? undefined : told + (sizeBytes === 2 ? 256 : 0);
  const windowBytes = window ?? contentBytes ?? 0;
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new RefusedStream(
      `the frame header asks for a window of ${String(windowBytes)} bytes; Linux takes ${String(MAX_WINDOW_BYTES)} at most`,
    );
  }
  if (dictionary !== 0) {
    throw new RefusedStream(
      `the frame header asks in byte ${String(dictionaryAt)} for dictionary ${String(dictionary)}; Linux has none`,
    );
  }
  return { windowBytes, contentBytes, hasChecksum: (descriptor & 0x04) !== 0 };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Skips the blocks and returns the greatest size that they can decode to. */
function readBlocks(reader: StreamReader, { windowBytes, hasChecksum }: FrameHeader): number {
  const most = Math.min(windowBytes, MAX_BLOCK_BYTES);
  let bound = 0;
  for (let last = false; !last;) {
    const part = `the block at byte ${String(reader.at)}`;
    const header = reader.number(3, part);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === 3) throw new RefusedStream(`${part} is of the reserved type 3`);
    if (size > most) {
      throw new RefusedStream(
        `${part} is of ${String(size)} bytes, more than the ${String(most)} of a block`,
      );
    }
    reader.take(type === 1 ? 1 : size, part);
    bound += type === 2 ? most : size;
    last = (header & 1) !== 0;
  }
  reader.take(hasChecksum ? 4 : 0, 'the checksum');
  return bound;
}
