/**
 * What a driver says in a call about mapped memory, beside the context and the direction.
 */
import type { DmaCall } from '../parts/dma-mapping.ts';

/** Bytes that were mapped, by their bus addresses. */
export interface DmaRange {
  readonly address: number;
  readonly lengthBytes: number;
}

/** The attributes of a call (`DMA_ATTR_*`). */
export interface DmaAttrs {
  /** `DMA_ATTR_SKIP_CPU_SYNC`: the driver syncs by itself; the call maintains no cache and copies nothing back. */
  readonly skipCpuSync?: boolean;
}

/** What a call says beside its range: by which function, and of how many entries. */
export interface DmaHow extends DmaAttrs {
  /** The function that makes or ends the mapping. Without it functions are not compared. */
  readonly call?: DmaCall;
  /** Entries of the list that is ended or synced. */
  readonly entries?: number;
}
