/** Cuts long work into slices, so that other commands do not wait for all of it. */
import { PAGE_BYTES } from '../store/provisioning.ts';

/** Bytes that a command works on at a time. */
export const SLICE_BYTES = 256 * 1024;

/** A part of a transfer. */
export interface Slice {
  /** Where it begins, counted from the start of the transfer. */
  readonly at: number;
  readonly bytes: number;
}

/** Cuts a transfer that begins at a byte of the disk into slices that end with a page. */
export function* slices(
  offset: number,
  lengthBytes: number,
  mostBytes: number = SLICE_BYTES,
): Generator<Slice> {
  for (let at = 0; at < lengthBytes;) {
    const bytes = Math.min(mostBytes - ((offset + at) % PAGE_BYTES), lengthBytes - at);
    yield { at, bytes };
    at += bytes;
  }
}
