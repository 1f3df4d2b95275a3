/**
 * The disk as commands use it: blocks that can be read, written, compared and unmapped, and room for the
 * data of commands under way.
 */

/** Why bytes were not copied: the library's error in words. Undefined means success. */
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

/** The first byte in which two ranges differ; -1 if they do not. */
export type Difference = { readonly failure: Failure; readonly atByte: number };

/** A thinly provisioned disk. */
export interface Store {
  readonly sizeBytes: number;
  /** Returns room for the data of a command, or undefined if there is none now. */
  stage(lengthBytes: number): Extent | undefined;
  /** A range of the disk, to read from. */
  range(offset: number, lengthBytes: number): Extent;
  /**
   * Writes `lengthBytes` of a command's data, from `dataAt` on, to the disk. Data that are `spent` are not
   * used again, so their pages may become pages of the disk.
   */
  put(offset: number, data: Extent, dataAt: number, lengthBytes: number, spent?: boolean): Failure;
  /** Compares a range of the disk with a command's data. */
  compare(offset: number, data: Extent, dataAt: number, lengthBytes: number): Difference;
  /** Drops the contents of a range, which reads as zeros from then on. */
  unmap(offset: number, lengthBytes: number): Failure;
  /** Whether a block was written since it was last unmapped. */
  isMapped(block: number): boolean;
}

/** Bytes of a logical block. */
export const BLOCK_BYTES = 512;
