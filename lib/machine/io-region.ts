/**
 * A region of device memory: reached with accessors of the right width, perhaps with side effects.
 */
import type { Pfn } from '../base/units.ts';

/** Bytes of one device access. */
export type IoWidth = 1 | 2 | 4 | 8;

/** What a device does when the CPU reads or writes one of its registers. */
export interface IoHandlers {
  /** Serves a read of `width` bytes at `offsetBytes` into the region. */
  read(offsetBytes: number, width: IoWidth): bigint;
  /** Takes a write of `width` bytes at `offsetBytes` into the region. */
  write(offsetBytes: number, width: IoWidth, value: bigint): void;
}

/** How a region behaves; without handlers it is plain storage, as a frame buffer is. */
export interface IoRegionOptions {
  readonly name?: string;
  readonly handlers?: IoHandlers;
  /** Widths that the device accepts; others are an `io-width` violation. Default: 1, 2, 4 and 8. */
  readonly widths?: readonly IoWidth[];
}

/** A region as the machine keeps it. */
export interface IoRegion {
  readonly name: string;
  readonly firstPfn: Pfn;
  readonly pages: number;
  readonly handlers: IoHandlers | undefined;
  readonly widths: readonly IoWidth[];
}
