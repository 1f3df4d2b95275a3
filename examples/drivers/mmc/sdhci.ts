/**
 * The two places where sdhci accesses the pages of a request with the CPU, after
 * drivers/mmc/host/sdhci.c (Linux 7.2): `sdhci_adma_table_pre`/`_post` and `sdhci_transfer_pio`.
 */
import { SgMiter, ok, sgMap, sgUnmap } from 'scatterlist';
import type {
  ErrorsOf,
  MapBackend,
  Mapping,
  MemoryKind,
  Result,
  ScatterlistError,
  SgEntry,
  SgTable,
} from 'scatterlist';

/** `struct mmc_data`: a request for whole blocks. */
export interface MmcData<K extends MemoryKind = MemoryKind> {
  readonly direction: 'read' | 'write';
  readonly table: SgTable<K>;
  readonly blockBytes: number;
  readonly blocks: number;
}

/** `SDHCI_ADMA2_ALIGN`: where a DMA segment must begin. */
export const ADMA2_ALIGN = 4;

/** `align_buffer`, with the address that the controller uses for it. */
export interface AlignBuffer {
  /** Coherent memory that stays mapped as long as the host exists. */
  readonly mapping: Mapping;
  readonly dmaAddress: number;
}

/** An ADMA2 descriptor: a piece of memory for the controller to move. */
export interface AdmaDescriptor {
  readonly dmaAddress: number;
  readonly lengthBytes: number;
}

/**
 * `sdhci_adma_table_pre`: describes the request to the controller. The unaligned first bytes of an entry
 * (at most 3) go through the align buffer; for a write they are copied there now. The host's lock is
 * held, so this function must not sleep.
 *
 * Linux maps the first page of an entry only and adds the entry's offset, even if the offset lies in a later
 * page; `sgMap` maps the right page.
 */
export function admaTablePre<B extends MapBackend, K extends MemoryKind>(
  backend: B,
  data: MmcData<K>,
  align: AlignBuffer,
): Result<readonly AdmaDescriptor[], ErrorsOf<B, K>>;
export function admaTablePre(
  backend: MapBackend,
  data: MmcData,
  align: AlignBuffer,
): Result<readonly AdmaDescriptor[], ScatterlistError> {
  let alignAt = 0;
  for (const sg of data.direction === 'write' ? data.table : []) {
    const head = unalignedBytes(sg);
    if (head === 0) continue;
    const mapped = sgMap<MapBackend, MemoryKind>(sg, 0, backend);
    if (!mapped.ok) return mapped;
    const bytes = new Uint8Array(head);
    mapped.value.copyTo(bytes);
    align.mapping.copyFrom(bytes, alignAt);
    sgUnmap(mapped.value);
    alignAt += ADMA2_ALIGN;
  }
  return ok(admaDescriptors(data, align));
}

/** The pieces that the controller is to move: the heads in the align buffer, the rest of each entry where it is. */
export function admaDescriptors(data: MmcData, { dmaAddress }: AlignBuffer): readonly AdmaDescriptor[] {
  const descriptors: AdmaDescriptor[] = [];
  let alignAt = 0;
  for (const sg of data.table) {
    const head = unalignedBytes(sg);
    if (head > 0) {
      descriptors.push({ dmaAddress: dmaAddress + alignAt, lengthBytes: head });
      alignAt += ADMA2_ALIGN;
    }
    if (sg.length > head)
      descriptors.push({ dmaAddress: dmaAddressOf(sg) + head, lengthBytes: sg.length - head });
  }
  return descriptors;
}

/** `sdhci_adma_table_post`: after a read, copies what the controller left in the align buffer to the entries. */
export function admaTablePost<B extends MapBackend, K extends MemoryKind>(
  backend: B,
  data: MmcData<K>,
  align: AlignBuffer,
): Result<undefined, ErrorsOf<B, K>>;
export function admaTablePost(
  backend: MapBackend,
  data: MmcData,
  align: AlignBuffer,
): Result<undefined, ScatterlistError> {
  if (data.direction === 'write') return ok(undefined);
  let alignAt = 0;
  for (const sg of data.table) {
    const head = unalignedBytes(sg);
    if (head === 0) continue;
    const mapped = sgMap<MapBackend, MemoryKind>(sg, 0, backend);
    if (!mapped.ok) return mapped;
    const bytes = new Uint8Array(head);
    align.mapping.copyTo(bytes, alignAt);
    mapped.value.copyFrom(bytes);
    sgUnmap(mapped.value);
    alignAt += ADMA2_ALIGN;
  }
  return ok(undefined);
}

// There is no IOMMU, so a device address is the physical address.
function dmaAddressOf(sg: SgEntry): number {
  return (sg.page?.phys ?? 0) + sg.offset;
}

/** The bytes before the first address of an entry at which a DMA segment may begin. */
export function unalignedBytes(sg: SgEntry): number {
  return Math.min(sg.length, (ADMA2_ALIGN - (dmaAddressOf(sg) % ADMA2_ALIGN)) % ADMA2_ALIGN);
}

/** Register offsets of the controller. */
export const SDHCI_BUFFER = 0x20;
export const SDHCI_PRESENT_STATE = 0x24;
export const SDHCI_SPACE_AVAILABLE = 0x400;
export const SDHCI_DATA_AVAILABLE = 0x800;

/** The progress of a PIO request between two interrupts. */
export interface PioProgress {
  blocksDone: number;
}

/**
 * `sdhci_transfer_pio`: moves blocks between the FIFO and the list while the controller has data or
 * room. Runs in the interrupt handler.
 *
 * An iterator maps for the context that created it, so each interrupt creates a new one, which starts after
 * the blocks that are done. Linux keeps one iterator for the whole request.
 */
export function transferPio<B extends MapBackend, K extends MemoryKind>(
  backend: B,
  data: MmcData<K>,
  progress: PioProgress,
  registers: Mapping,
): Result<undefined, ErrorsOf<B, K>>;
export function transferPio(
  backend: MapBackend,
  data: MmcData,
  progress: PioProgress,
  registers: Mapping,
): Result<undefined, ScatterlistError> {
  const reads = data.direction === 'read';
  const ready = reads ? SDHCI_DATA_AVAILABLE : SDHCI_SPACE_AVAILABLE;
  const miter = new SgMiter<MapBackend, MemoryKind>(data.table, backend, reads ? 'toSg' : 'fromSg');
  if (!miter.skip(progress.blocksDone * data.blockBytes)) return ok(undefined);
  while (progress.blocksDone < data.blocks && (registers.load32(SDHCI_PRESENT_STATE) & ready) !== 0) {
    const block = (reads ? readBlockPio : writeBlockPio)(miter, data.blockBytes, registers);
    if (!block.ok) return block;
    progress.blocksDone += 1;
  }
  return ok(undefined);
}

type Miter = SgMiter<MapBackend, MemoryKind>;

/** `sdhci_read_block_pio`. The bytes of one FIFO word may belong to two chunks of memory. */
function readBlockPio(
  miter: Miter,
  blockBytes: number,
  registers: Mapping,
): Result<undefined, ScatterlistError> {
  let word = 0;
  let left = 0;
  return eachChunk(miter, blockBytes, (chunk) => {
    const bytes = new Uint8Array(chunk);
    for (let i = 0; i < chunk; i += 1) {
      if (left === 0) {
        word = registers.load32(SDHCI_BUFFER);
        left = 4;
      }
      bytes[i] = word & 0xff;
      word >>>= 8;
      left -= 1;
    }
    miter.mapping.copyFrom(bytes);
  });
}

/** `sdhci_write_block_pio`. The last word of a block is written even if it is not full. */
function writeBlockPio(
  miter: Miter,
  blockBytes: number,
  registers: Mapping,
): Result<undefined, ScatterlistError> {
  let word = 0;
  let filled = 0;
  let done = 0;
  return eachChunk(miter, blockBytes, (chunk) => {
    const bytes = new Uint8Array(chunk);
    miter.mapping.copyTo(bytes);
    for (const byte of bytes) {
      word |= byte << (filled * 8);
      filled += 1;
      done += 1;
      if (filled === 4 || done === blockBytes) {
        registers.store32(SDHCI_BUFFER, word);
        filled = 0;
        word = 0;
      }
    }
  });
}

function eachChunk(
  miter: Miter,
  blockBytes: number,
  move: (chunkBytes: number) => void,
): Result<undefined, ScatterlistError> {
  for (let left = blockBytes; left > 0;) {
    const more = miter.next();
    if (!more.ok) return more;
    if (!more.value) break;
    const chunk = Math.min(miter.length, left);
    miter.consumed = chunk;
    move(chunk);
    left -= chunk;
  }
  miter.stop();
  return ok(undefined);
}
