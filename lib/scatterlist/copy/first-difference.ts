/**
 * Finds the first byte in which two arrays differ.
 */

import { areSurelyEqual } from '../../base/bytes.ts';

// Words of four bytes, because V8 makes each word of eight bytes a heap object.
const WORD_BYTES = 4;
/** The length from which a call into the host and two word views pay. */
const LONG_BYTES = 128;

/** The index of the first byte that differs; -1 if none does. Both arrays must have the same length. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  let at = 0;
  if (a.length >= LONG_BYTES && areSurelyEqual(a, b)) return -1;
  if (a.length >= LONG_BYTES && ((a.byteOffset | b.byteOffset) & (WORD_BYTES - 1)) === 0) {
    const words = a.length >>> 2;
    const left = new Int32Array(a.buffer, a.byteOffset, words);
    const right = new Int32Array(b.buffer, b.byteOffset, words);
    let word = 0;
    while (word < words && left[word] === right[word]) word += 1;
    at = word * WORD_BYTES;
  }
  while (at < a.length && a[at] === b[at]) at += 1;
  return at < a.length ? at : -1;
}
