/**
 * Which bytes functions on blocks of memory will touch. Others may run before such a call, and so a context that is about
 * to make one races as one does that is about to make a load or a store.
 */
import type { Range } from '../runtime/races.ts';

type Ranges = (...values: number[]) => readonly Range[];

const reads = (address: number, bytes: number): Range => ({ address, bytes, isWrite: false });
const writes = (address: number, bytes: number): Range => ({ address, bytes, isWrite: true });
const none = 0;
const WORD = 4;
/** The part of an entry of a list that functions on entries touch, and the whole. */
const ENTRY = { cpu: 12, whole: 24 } as const;

const toWord: Ranges = (address = none) => [{ ...writes(address, WORD), isMarked: true }];
const ofWord: Ranges = (address = none) => [{ ...reads(address, WORD), isMarked: true }];
const bySecond: Ranges = (_by = none, address = none) => toWord(address);
const wordOfBit = (bit: number, map: number): number => map + WORD * Math.floor(bit / 32);
const toBit: Ranges = (bit = none, map = none) => toWord(wordOfBit(bit, map));
const entry: Ranges = (sg = none) => [writes(sg, ENTRY.cpu)];
/** A copy between a list and a buffer may end before the buffer does, so that only its first byte is certain. */
const intoBuffer: Ranges = (sgl = none, nents = none, buffer = none, length = none) => [
  writes(buffer, Math.min(length, 1)),
  reads(sgl, nents === 0 ? 0 : ENTRY.cpu),
];
const fromBuffer: Ranges = (sgl = none, nents = none, buffer = none, length = none) => [
  reads(buffer, Math.min(length, 1)),
  reads(sgl, nents === 0 ? 0 : ENTRY.cpu),
];
const fromFirst: Ranges = (to = none, _from = none, length = none) => [writes(to, length)];
const fromSecond: Ranges = (_to = none, from = none, length = none) => [reads(from, length)];

function named(names: string, ranges: Ranges): Readonly<Record<string, Ranges>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, ranges]));
}

/** The ranges by the name of the function, from its arguments. Those in mapped pages have rules of their own. */
export const BLOCKS: Readonly<Record<string, Ranges>> = {
  memcpy: (to = none, from = none, length = none) => [writes(to, length), reads(from, length)],
  memmove: (to = none, from = none, length = none) => [writes(to, length), reads(from, length)],
  memset: (to = none, _value = none, length = none) => [writes(to, length)],
  memcmp: (a = none, b = none, length = none) => [reads(a, length), reads(b, length)],
  memchr_inv: (from = none, _value = none, length = none) => [reads(from, length)],
  memcpy_from_page: (to = none, _page = none, _offset = none, length = none) => [writes(to, length)],
  memcpy_to_page: (_page = none, _offset = none, from = none, length = none) => [reads(from, length)],
  memcpy_from_folio: (to = none, _folio = none, _offset = none, length = none) => [writes(to, length)],
  memcpy_to_folio: (_folio = none, _offset = none, from = none, length = none) => [reads(from, length)],
  folio_fill_tail: (_folio = none, _offset = none, from = none, length = none) => [reads(from, length)],
  ...named('copy_from_user memcpy_fromio', fromFirst),
  ...named('copy_to_user __copy_to_user_inatomic memcpy_toio', fromSecond),
  ...named('sg_set_page sg_set_buf sg_set_folio', entry),
  sg_init_table: (sgl = none, nents = none) => [writes(sgl, nents * ENTRY.whole)],
  sg_init_one: (sg = none) => [writes(sg, ENTRY.whole)],
  sg_chain: (array = none, slots = none) => [writes(array + (slots - 1) * ENTRY.whole, ENTRY.cpu)],
  sg_next: (sg = none) => [reads(sg, WORD)],
  ...named('sg_copy_to_buffer sg_pcopy_to_buffer', intoBuffer),
  ...named('sg_copy_from_buffer sg_pcopy_from_buffer', fromBuffer),
  ...named('atomic_read', ofWord),
  test_bit: (bit = none, map = none) => ofWord(wordOfBit(bit, map)),
  ...named('atomic_set atomic_xchg atomic_cmpxchg atomic_add_unless atomic_dec_if_positive', toWord),
  ...named('atomic_add atomic_sub atomic_and atomic_or atomic_xor atomic_add_return', bySecond),
  ...named('atomic_sub_return atomic_fetch_add atomic_fetch_sub atomic_fetch_and', bySecond),
  ...named('atomic_fetch_or atomic_fetch_xor', bySecond),
  ...named('set_bit clear_bit change_bit test_and_set_bit test_and_clear_bit test_and_change_bit', toBit),
};
