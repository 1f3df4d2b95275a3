/**
 * Where two runs of bytes differ first.
 */

import { areSurelyEqual } from '../../base/bytes.ts';

// Words of four bytes: comparing those of eight makes each a heap object.
const WORD_BYTES = 4;
/** From here on a call into the host and two views in words are worth their price. */
const LONG_BYTES = 128;

/** The index of the first byte that differs; -1 where none does. The second must be as long as the first. */
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
