/**
 * Backing store for simulated pages: large buffers cut into page frames on first touch.
 *
 * Frames are handed out one after another, so pages touched in ascending order lie side by side and
 * a physically contiguous run can be copied in one go. A chunk is a small fraction of what is already
 * in use, so that memory stays within two per cent of the touched bytes, or within 256 KiB where those are few.
 */

/** One buffer, with the views that accessors need; a page is a chunk and an offset into it. */
export class Chunk {
  readonly bytes: Uint8Array;
  readonly data: DataView;
  usedBytes = 0;
  private ownWords: BigUint64Array | undefined = undefined;
  private readonly pageShift: number;
  private readonly pageSize: number;
  /** The views of whole pages made so far, by page number within the chunk. */
  private pageViews: (Uint8Array | undefined)[] | undefined = undefined;

  constructor(sizeBytes: number, pageSize: number) {
    const buffer = new ArrayBuffer(sizeBytes);
    this.bytes = new Uint8Array(buffer);
    this.data = new DataView(buffer);
    this.pageShift = Math.log2(pageSize);
    this.pageSize = pageSize;
  }

  /** The same bytes in words of eight. */
  get words(): BigUint64Array {
    return (this.ownWords ??= new BigUint64Array(this.bytes.buffer));
  }

  /** A view of `lengthBytes` at `offset`; that of a whole page is made once and kept. */
  view(offset: number, lengthBytes: number): Uint8Array {
    const views = this.pageViews;
    const isPage = lengthBytes === this.pageSize && (offset & (lengthBytes - 1)) === 0;
    const kept = isPage && views !== undefined ? views[offset >>> this.pageShift] : undefined;
    return kept ?? this.makeView(offset, lengthBytes, isPage);
  }

  private makeView(offset: number, lengthBytes: number, isPage: boolean): Uint8Array {
    const view = new Uint8Array(this.bytes.buffer, offset, lengthBytes);
    if (isPage) (this.pageViews ??= this.noViews())[offset >>> this.pageShift] = view;
    return view;
  }

  private noViews(): (Uint8Array | undefined)[] {
    return new Array<Uint8Array | undefined>(this.bytes.length >>> this.pageShift).fill(undefined);
  }
}

const FIRST_CHUNK_BYTES = 64 * 1024;
/** The first chunk of a machine that is made only to be checked; the explorer makes thousands, and each touches a few pages. */
export const SMALL_CHUNK_BYTES: number = 16 * 1024;
const DOUBLING_UP_TO_BYTES = 256 * 1024;
const LARGEST_CHUNK_BYTES = 16 * 1024 * 1024;

/** Allocates runs of frames. */
export class Arena {
  private readonly pageSize: number;
  private readonly firstBytes: number;
  #current: Chunk | undefined = undefined;
  #totalBytes = 0;
  private largestBytes = 0;
  readonly #buffers = new Set<ArrayBufferLike>();

  constructor(pageSize: number, firstBytes: number = FIRST_CHUNK_BYTES) {
    this.pageSize = pageSize;
    this.firstBytes = firstBytes;
  }

  /** Bytes taken from the host so far. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Whether an array is a view of one of these buffers. */
  holds(bytes: Uint8Array): boolean {
    // Checks first whether the array ends after the largest buffer, because looking up its buffer is slower.
    return bytes.byteOffset + bytes.length <= this.largestBytes && this.#buffers.has(bytes.buffer);
  }

  /** The chunk whose next `lengthBytes` free bytes are reserved for the caller; they begin at `usedBytes` before the call. */
  reserve(lengthBytes: number): { readonly chunk: Chunk; readonly offset: number } {
    let chunk = this.#current;
    if (chunk === undefined || chunk.usedBytes + lengthBytes > chunk.bytes.length) {
      chunk = new Chunk(Math.max(this.#nextChunkBytes(), lengthBytes), this.pageSize);
      this.#totalBytes += chunk.bytes.length;
      this.largestBytes = Math.max(this.largestBytes, chunk.bytes.length);
      this.#current = chunk;
      this.#buffers.add(chunk.bytes.buffer);
    }
    const offset = chunk.usedBytes;
    chunk.usedBytes += lengthBytes;
    return { chunk, offset };
  }

  /** Size of the next chunk: the size of all chunks while that is small, so that runs soon get long; later a fraction. */
  #nextChunkBytes(): number {
    const total = this.#totalBytes;
    const share = Math.ceil(total / 64 / this.pageSize) * this.pageSize;
    const doubled = Math.min(DOUBLING_UP_TO_BYTES, Math.max(this.firstBytes, total));
    return Math.min(LARGEST_CHUNK_BYTES, Math.max(doubled, share));
  }
}
