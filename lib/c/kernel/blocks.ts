/**
 * Which bytes functions on blocks of memory will touch. Others may run before such a call, and so a context that is about
 * to make one races as one does that is about to make a load or a store.
 */
import type { Range } from '../runtime/races.ts';

type Ranges = (...values: number[]) => readonly Range[];

const reads = (address: number, bytes: number): Range => ({ address, bytes, isWrite: false });
const writes = (address: number, bytes: number): Range => ({ address, bytes, isWrite: true });
const none = 0;

/** The ranges by the name of the function, from its arguments. Those in mapped pages have rules of their own. */
export const BLOCKS: Readonly<Record<string, Ranges>> = {
  memcpy: (to = none, from = none, length = none) => [writes(to, length), reads(from, length)],
  memmove: (to = none, from = none, length = none) => [writes(to, length), reads(from, length)],
  memset: (to = none, _value = none, length = none) => [writes(to, length)],
  memcmp: (a = none, b = none, length = none) => [reads(a, length), reads(b, length)],
  memchr_inv: (from = none, _value = none, length = none) => [reads(from, length)],
  memcpy_from_page: (to = none, _page = none, _offset = none, length = none) => [writes(to, length)],
  memcpy_to_page: (_page = none, _offset = none, from = none, length = none) => [reads(from, length)],
};
