/**
 * Copies from one window to another.
 */
import type { RamWindow } from './ram-window.ts';

/** `memcpy` between two windows. */
export function copyBetween(
  to: RamWindow,
  toOffset: number,
  from: RamWindow,
  fromOffset: number,
  lengthBytes: number,
): void {
  if (fromOffset + lengthBytes <= from.plainBytes) {
    to.copyFrom(from.chunk.view(from.base + fromOffset, lengthBytes), toOffset);
    return;
  }
  const bytes = new Uint8Array(lengthBytes);
  from.copyTo(bytes, fromOffset);
  to.copyFrom(bytes, toOffset);
}
