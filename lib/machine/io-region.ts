/**
 * A region of device memory. It is accessed with accessors of the right width; an access may have side effects.
 */
import type { Pfn } from '../base/units.ts';

/** The width of a device access in bytes. */
export type IoWidth = 1 | 2 | 4 | 8;

/** What a device does when the CPU reads or writes one of its registers. */
export interface IoHandlers {
  /** Serves a read of `width` bytes at `offsetBytes` into the region. */
  read(offsetBytes: number, width: IoWidth): bigint;
  /** Takes a write of `width` bytes at `offsetBytes` into the region. */
  write(offsetBytes: number, width: IoWidth, value: bigint): void;
}

/** The options of a region. Without handlers it is plain storage, such as a frame buffer. */
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
