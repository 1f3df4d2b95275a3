/**
 * What a disk is to the commands: blocks that can be read, written, compared and unmapped, and room
 * for the data of commands under way.
 */

/** Why bytes did not move: the library's error in words. Nothing went wrong where it is undefined. */
export type Failure = { readonly why: string; readonly full: boolean } | undefined;

/** Some bytes in a list of the store: a range of the disk, or the data of one command. */
export interface Extent {
  readonly lengthBytes: number;
  /** Copies out `target.length` bytes from `at` on. */
  read(target: Uint8Array, at: number): Failure;
  /** Copies in `source` at `at`. Only for the data of a command. */
  write(source: Uint8Array, at: number): Failure;
  /** Gives the memory of a command's data back. */
  release(): void;
}

/** Where two ranges differ first; -1 where they do not. */
export type Difference = { readonly failure: Failure; readonly atByte: number };

/** A thinly provisioned disk. */
export interface Store {
  readonly sizeBytes: number;
  /** Room for the data of a command, or nothing where there is none now. */
  stage(lengthBytes: number): Extent | undefined;
  /** A range of the disk, to read from. */
  range(offset: number, lengthBytes: number): Extent;
  /**
   * Writes `lengthBytes` of a command's data, from `dataAt` on, to the disk. Data that is `spent` is not
   * looked at any more, so that its pages may be taken.
   */
  put(offset: number, data: Extent, dataAt: number, lengthBytes: number, spent?: boolean): Failure;
  /** Compares a range of the disk with a command's data. */
  compare(offset: number, data: Extent, dataAt: number, lengthBytes: number): Difference;
  /** Gives up the contents of a range, which reads as zeros from then on. */
  unmap(offset: number, lengthBytes: number): Failure;
  /** Whether a block was written since it was last unmapped. */
  isMapped(block: number): boolean;
}

/** Bytes of a logical block. */
export const BLOCK_BYTES = 512;
