/**
 * linux/atomic.h, linux/bitops.h and linux/jiffies.h: words that are changed at once.
 */
import { setWord, updateWord } from '../runtime/memory.ts';
import type { Runner } from '../runtime/runner.ts';
import type { KernelFunction, KernelFunctions } from './kernel-function.ts';

type Change = (value: number, by: number) => number;

/** A function that changes a counter and returns nothing. */
function plain(change: Change): KernelFunction {
  return (c, by, address = 0) => {
    updateWord(c, address, (value) => change(value, by ?? 0));
  };
}

/** A function that returns what the counter is afterwards. */
function returning(change: Change): KernelFunction {
  return (c, by = 0, address = 0) => {
    let now = 0;
    updateWord(c, address, (value) => (now = change(value, by)));
    return now | 0;
  };
}

/** A function that returns what the counter was before. */
function fetching(change: Change): KernelFunction {
  return (c, by = 0, address = 0) => updateWord(c, address, (value) => change(value, by)) | 0;
}

const add: Change = (value, by) => (value + by) | 0;
const subtract: Change = (value, by) => (value - by) | 0;
const and: Change = (value, by) => value & by;
const or: Change = (value, by) => value | by;
const xor: Change = (value, by) => value ^ by;

/** Changes one bit of a bitmap, and returns whether it was set. */
function changeBit(c: Runner, bit: number, map: number, change: Change): boolean {
  const mask = 2 ** (bit % 32);
  const before = updateWord(c, map + Math.floor(bit / 32) * 4, (word) => change(word, mask));
  return (before & mask) !== 0;
}

const clear: Change = (word, mask) => word & ~mask;

/** Functions on words that several contexts change. */
export const ATOMICS: KernelFunctions = {
  atomic_read: (c, address) => updateWord(c, address, (value) => value) | 0,
  atomic_set: setWord,
  atomic_add: plain(add),
  atomic_sub: plain(subtract),
  atomic_and: plain(and),
  atomic_or: plain(or),
  atomic_xor: plain(xor),
  atomic_add_return: returning(add),
  atomic_sub_return: returning(subtract),
  atomic_fetch_add: fetching(add),
  atomic_fetch_sub: fetching(subtract),
  atomic_fetch_and: fetching(and),
  atomic_fetch_or: fetching(or),
  atomic_fetch_xor: fetching(xor),
  atomic_xchg: (c, address, value) => updateWord(c, address, () => value) | 0,
  atomic_cmpxchg: (c, address, old, value) =>
    updateWord(c, address, (now) => (now === old ? value : now)) | 0,
  atomic_add_unless: (c, address, by, unless) =>
    updateWord(c, address, (now) => (now === unless ? now : (now + by) | 0)) !== unless,
  atomic_dec_if_positive: (c, address) => {
    const before = updateWord(c, address, (now) => ((now | 0) > 0 ? now - 1 : now)) | 0;
    return before - 1;
  },
  set_bit: (c, bit, map) => {
    changeBit(c, bit, map, or);
  },
  clear_bit: (c, bit, map) => {
    changeBit(c, bit, map, clear);
  },
  change_bit: (c, bit, map) => {
    changeBit(c, bit, map, xor);
  },
  test_bit: (c, bit, map) => changeBit(c, bit, map, (word) => word),
  test_and_set_bit: (c, bit, map) => changeBit(c, bit, map, or),
  test_and_clear_bit: (c, bit, map) => changeBit(c, bit, map, clear),
  test_and_change_bit: (c, bit, map) => changeBit(c, bit, map, xor),
};
