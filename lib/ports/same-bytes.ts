/**
 * Compares the bytes that a port should have moved with those that it moved.
 */
import type { Moved } from './port.ts';

/** Thrown for wrong bytes, which are a bug of the port, of the backend, or of this library. */
export class WrongBytesError extends Error {
  override readonly name = 'WrongBytesError';
}

/**
 * Says how many bytes are right, which is all of `wanted`, or throws a `WrongBytesError` that names the first wrong one.
 * `got` may be longer.
 *
 * @linux none
 */
export function sameBytes(wanted: Uint8Array, got: Uint8Array, where: string): Moved {
  if (got.length < wanted.length)
    throw new WrongBytesError(`${where} has ${String(got.length)} bytes instead of ${String(wanted.length)}`);
  for (let at = 0; at < wanted.length; at += 1) {
    if (wanted[at] === got[at]) continue;
    throw new WrongBytesError(
      `byte ${String(at)} of ${where} is ${byte(got[at])} instead of ${byte(wanted[at])}`,
    );
  }
  return { verifiedBytes: wanted.length };
}

/**
 * Says that all bytes were compared on the way, or throws a `WrongBytesError` if some were not.
 *
 * @linux none
 */
export function allBytes(wantedBytes: number, verifiedBytes: number): Moved {
  if (verifiedBytes !== wantedBytes)
    throw new WrongBytesError(`${String(verifiedBytes)} bytes were moved instead of ${String(wantedBytes)}`);
  return { verifiedBytes };
}

function byte(value = 0): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
