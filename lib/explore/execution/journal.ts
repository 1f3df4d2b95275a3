/**
 * Changes of maps and sets, which can be taken back.
 */

/** A list of changes. Its length names a moment. */
export class Journal {
  readonly #undo: (() => void)[] = [];
  private readonly isKept: boolean;

  /** Where changes are not kept, they cannot be taken back, and need no room. */
  constructor(isKept: boolean) {
    this.isKept = isKept;
  }

  /** The moment now. */
  get moment(): number {
    return this.#undo.length;
  }

  /** Sets an entry of a map. */
  set<K, V extends number | object>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key);
    if (before === value) return;
    if (this.isKept)
      this.#undo.push(before === undefined ? () => map.delete(key) : () => map.set(key, before));
    map.set(key, value);
  }

  /** Adds a value to a set. */
  add<T>(set: Set<T>, value: T): void {
    if (set.has(value)) return;
    if (this.isKept) this.#undo.push(() => set.delete(value));
    set.add(value);
  }

  /** Takes a value out of a set. */
  delete<T>(set: Set<T>, value: T): void {
    if (set.delete(value) && this.isKept) this.#undo.push(() => set.add(value));
  }

  /** Takes back all changes since a moment. */
  goBackTo(moment: number): void {
    while (this.#undo.length > moment) this.#undo.pop()?.();
  }
}
