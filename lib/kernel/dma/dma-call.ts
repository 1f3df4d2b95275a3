/**
 * The arguments of a driver's call about mapped memory, except the context and the direction.
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

/** What a call specifies in addition to its range: the function and the number of entries. */
export interface DmaHow extends DmaAttrs {
  /** The function that makes or ends the mapping; if it is missing, functions are not compared. */
  readonly call?: DmaCall;
  /** Number of entries of the list that is unmapped or synced. */
  readonly entries?: number;
}
