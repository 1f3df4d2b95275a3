/** Random choices that a seed repeats. */

/** A generator of whole numbers: `n => 0 … n - 1`. */
export type Random = (n: number) => number;

/** Mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

/** One of several. */
export function pick<T>(random: Random, ...choices: readonly [T, ...T[]]): T {
  return choices[random(choices.length)] ?? choices[0];
}
