/**
 * The lines in which two texts differ.
 */

/** The lines of the first text that the second does not have, with `-`, and those that it has instead, with `+`. */
export function diffLines(before: string, after: string): readonly string[] {
  const [old, now] = [lines(before), lines(after)];
  const common = longestCommon(old, now);
  const out: string[] = [];
  let [i, j] = [0, 0];
  for (const [a, b] of [...common, [old.length, now.length] as const]) {
    for (; i < a; i += 1) out.push(`- ${old[i] ?? ''}`);
    for (; j < b; j += 1) out.push(`+ ${now[j] ?? ''}`);
    [i, j] = [a + 1, b + 1];
  }
  return out;
}

function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The pairs of a longest common subsequence, by dynamic programming: call sites have a few dozen lines. */
function longestCommon(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined)
        row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const pairs: (readonly [number, number])[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      pairs.push([i, j]);
      [i, j] = [i + 1, j + 1];
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}
