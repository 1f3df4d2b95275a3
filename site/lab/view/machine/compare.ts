/**
 * What has changed between two pictures: entries of the same key side by side.
 */

/** What became of an entry since the picture before. */
export type Change = 'same' | 'new' | 'changed' | 'gone';

/** An entry with what became of it. One that is gone is as it was before. */
export interface Compared<T> {
  readonly entry: T;
  readonly change: Change;
}

/**
 * The entries of now, and those of before that are gone, in the order of now and then of before. Without a picture before,
 * nothing is marked.
 */
export function compare<T>(
  now: readonly T[],
  before: readonly T[] | undefined,
  keyOf: (entry: T) => string | number,
): readonly Compared<T>[] {
  if (before === undefined) return now.map((entry) => ({ entry, change: 'same' }));
  const old = new Map(before.map((entry) => [keyOf(entry), entry]));
  const here = now.map((entry): Compared<T> => {
    const was = old.get(keyOf(entry));
    old.delete(keyOf(entry));
    return { entry, change: was === undefined ? 'new' : isSame(was, entry) ? 'same' : 'changed' };
  });
  return [...here, ...[...old.values()].map((entry): Compared<T> => ({ entry, change: 'gone' }))];
}

/** Pictures are plain data, so their text tells whether they are the same. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
