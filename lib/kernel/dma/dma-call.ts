/**
 * The arguments of a driver's call about mapped memory, except the context and the direction.
 */
import { checkOptions } from '../../base/options.ts';
import type { Accepts } from '../../base/options.ts';
import type { DmaCall } from '../parts/dma-mapping.ts';

/** Bytes that were mapped, by their bus addresses. */
export interface DmaRange {
  readonly address: number;
  readonly lengthBytes: number;
}

/** The attributes of a call (`DMA_ATTR_*`). */
export interface DmaAttrs {
  /** `DMA_ATTR_SKIP_CPU_SYNC`: the driver syncs by itself; the call maintains no cache and copies nothing back. */
  readonly skipCpuSync?: boolean | undefined;
}

/** What a call specifies in addition to its range: the function and the number of entries. */
export interface DmaHow extends DmaAttrs {
  /** The function that makes or ends the mapping; if it is missing, functions are not compared. */
  readonly call?: DmaCall | undefined;
  /** Number of entries of the list that is unmapped or synced. */
  readonly entries?: number | undefined;
}

const CALLS = ['page', 'single', 'sg', 'coherent'] as const satisfies readonly DmaCall[];
const ATTRS = { skipCpuSync: 'boolean' } as const satisfies Record<keyof DmaAttrs, Accepts>;
const HOW = { ...ATTRS, call: CALLS, entries: 'number' } as const satisfies Record<keyof DmaHow, Accepts>;

/** What a call with these attributes specifies; refuses attributes that do not exist. */
export function howOf(call: DmaCall, attrs: DmaAttrs | undefined): DmaHow {
  if (attrs === undefined) return { call };
  checkOptions('a DMA call', attrs, ATTRS);
  return { ...attrs, call };
}

/** A call that specifies no more than its range. */
export const NO_HOW: DmaHow = {};

/** Refuses what a call cannot specify. */
export function checkDmaHow(how: DmaHow): void {
  if (!isOurs(how)) checkOptions('a DMA call', how, HOW);
}

// The functions of this library pass these alone, which is quick to see.
function isOurs(how: DmaHow | null): boolean {
  if (how === NO_HOW) return true;
  const call = how?.call;
  if (how === null || call === undefined || !CALLS.includes(call)) return false;
  const names = Object.keys(how).length;
  return names === 1 || (names === 2 && typeof how.entries === 'number');
}
