/**
 * Arrays for mapped bytes that are not contiguous in the host's memory, on machines without a guard.
 *
 * Such an array is a copy. While a driver holds one, each operation of the machine synchronises it with memory, as a
 * checked machine does with all arrays.
 */

/** An array and its memory. */
export interface SpreadArray {
  /** Writes what the driver changed to memory. */
  writeBack(): void;
  /** Shows the driver what changed in memory. */
  refresh(): void;
}

/** The arrays of one machine that drivers hold. */
export class SpreadArrays {
  readonly #arrays = new Set<SpreadArray>();
  private readonly changed: () => void;
  /** Whether a driver holds any. */
  isOut = false;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  add(array: SpreadArray): void {
    this.#arrays.add(array);
    this.#note();
  }

  delete(array: SpreadArray): void {
    this.#arrays.delete(array);
    this.#note();
  }

  /** Synchronises all of them with memory, and so with each other. */
  sync(): void {
    for (const array of this.#arrays) array.writeBack();
    for (const array of this.#arrays) array.refresh();
  }

  #note(): void {
    const isOut = this.#arrays.size > 0;
    if (this.isOut === isOut) return;
    this.isOut = isOut;
    this.changed();
  }
}
