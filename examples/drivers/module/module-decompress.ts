/**
 * Module decompression, after kernel/module/decompress.c (Linux 7.2).
 *
 * The size of a module is known only after it is decompressed. So the port allocates a highmem page, maps it,
 * lets the decoder fill it, unmaps it, and repeats this to the end of the stream; then it vmaps all pages.
 *
 * Linux's gzip variant unmaps the decoder's output pointer, which has moved on: after a full page it points
 * into the next page. Here the window that the map returned is unmapped, so this bug cannot be written.
 */
import { err, ok } from 'scatterlist';
import type {
  Context,
  Err,
  ErrorsOf,
  InvalidArgument,
  MapBackend,
  Mapping,
  MemoryKind,
  NoMemory,
  NoSlots,
  NoVirtualSpace,
  Ok,
  Page,
  Result,
  ScatterlistError,
  Sleeping,
} from 'scatterlist';
import { mightSleep, vmap, vunmap } from 'scatterlist/machine';

/** A decompressed module (`struct load_info`): its pages, and all of them in one mapping. */
export interface LoadedModule {
  readonly pages: readonly Page[];
  readonly mapping: Mapping;
  readonly lengthBytes: number;
}

type Failure<B extends MapBackend, K extends MemoryKind> =
  Exclude<ErrorsOf<B, K>, NoSlots> | InvalidArgument | NoMemory | NoVirtualSpace;

/** Releases a page after the decoder has written so many bytes to it. */
export type ReleaseWindow = (backend: MapBackend, mapping: Mapping, producedBytes: number) => void;

const unmapWindow: ReleaseWindow = (backend, mapping) => {
  backend.unmap(mapping);
};

/** `module_decompress`: decompresses into pages of `zone` through any backend, and sleeps if the backend does. */
export function moduleDecompress<B extends MapBackend, K extends MemoryKind>(
  backend: B,
  decoder: Decoder,
  zone: K,
  release?: ReleaseWindow,
): Sleeping<Result<LoadedModule, Failure<B, K>>>;
export function* moduleDecompress(
  backend: MapBackend,
  decoder: Decoder,
  zone: MemoryKind,
  release: ReleaseWindow = unmapWindow,
): Sleeping<Ok<LoadedModule> | Err<ScatterlistError>> {
  const { context } = backend;
  const { machine } = context;
  const pages: Page[] = [];
  const fail = (error: ScatterlistError): Err<ScatterlistError> => {
    for (const page of pages) machine.freePage(page);
    return err(error);
  };
  let lengthBytes = 0;
  for (let state: DecoderState = 'more'; state === 'more';) {
    const page = machine.tryAllocPage(zone);
    if (!page.ok) return fail(page.error);
    pages.push(page.value);
    const mapped = yield* backend.mapWait(page.value, 0, machine.pageSize);
    if (!mapped.ok) return fail(mapped.error);
    const step = decoder.run(context, mapped.value);
    release(backend, mapped.value, step.producedBytes);
    lengthBytes += step.producedBytes;
    state = step.state;
    if (state === 'corrupt') return fail(decoder.failure(lengthBytes));
  }
  const mapping = vmap(context, pages);
  if (!mapping.ok) return fail(mapping.error);
  return ok({ pages, mapping: mapping.value, lengthBytes });
}

/** `module_decompress_cleanup`. */
export function moduleDecompressCleanup(context: Context, module: LoadedModule): void {
  vunmap(context, module.mapping);
  for (const page of module.pages) context.machine.freePage(page);
}

/** What a decoder returns after a page: there is more, the stream has ended, or it is broken. */
export type DecoderState = 'more' | 'end' | 'corrupt';

/** A compression format as the kernel decodes it. */
export interface Format {
  readonly name: string;
  /**
   * The function that may sleep which `run` calls, if any. The xz decoder of Linux allocates its
   * dictionary with vmalloc at the first block, that is, while the output page is mapped; the gzip
   * decoder allocates its workspace beforehand.
   */
  readonly sleepsIn: string | undefined;
}

export const GZIP: Format = { name: 'gzip', sleepsIn: undefined };
export const XZ: Format = { name: 'xz', sleepsIn: 'vmalloc (the xz dictionary)' };
/** Supported since Linux 6.2. Its workspace is allocated before the first page. */
export const ZSTD: Format = { name: 'zstd', sleepsIn: undefined };

/**
 * A decoder with the interface of `zlib_inflate` and `xz_dec_run`: each call fills the buffer that it is given.
 *
 * The decoders of `decoders.ts` are asynchronous. Their output is collected first, so that the port can call
 * the decoder where Linux does, while a page is mapped, without waiting.
 */
export class Decoder {
  readonly format: Format;
  readonly pieces: readonly Uint8Array[];
  readonly intact: boolean;
  readonly refusal: string | undefined;
  /** The piece and the byte of it that come next. */
  piece = 0;
  at = 0;

  constructor(format: Format, output: StreamOutput) {
    this.format = format;
    this.pieces = output.pieces;
    this.intact = output.intact;
    this.refusal = output.refusal;
  }

  /** Writes the next bytes into a mapping, as many as fit. */
  run(context: Context, output: Mapping): { readonly producedBytes: number; readonly state: DecoderState } {
    if (this.piece === 0 && this.at === 0 && this.format.sleepsIn !== undefined) {
      mightSleep(context, this.format.sleepsIn);
    }
    let producedBytes = 0;
    for (let piece = this.pieces[this.piece]; piece !== undefined; piece = this.pieces[this.piece]) {
      const part = piece.subarray(this.at, this.at + output.length - producedBytes);
      output.copyFrom(part, producedBytes);
      producedBytes += part.length;
      this.at += part.length;
      // After a full page the next call finds out whether the stream has ended.
      if (this.at < piece.length || producedBytes === output.length) return { producedBytes, state: 'more' };
      this.piece += 1;
      this.at = 0;
    }
    return { producedBytes, state: this.intact ? 'end' : 'corrupt' };
  }

  /** Linux returns -EINVAL. */
  failure(gotBytes: number): InvalidArgument {
    const reason = this.refusal === undefined ? '' : `: ${this.refusal}`;
    const expected = `an intact ${this.format.name} stream${reason}`;
    return { code: 'InvalidArgument', argument: 'module', got: gotBytes, expected };
  }
}

/** The whole output of a decoder, and whether the stream ended properly. */
export interface StreamOutput {
  readonly pieces: readonly Uint8Array[];
  readonly intact: boolean;
  /** Why the stream did not end properly. */
  readonly refusal?: string;
}
