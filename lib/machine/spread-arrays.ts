/**
 * Arrays that stand for bytes which do not lie side by side in the host's memory, on machines without a guard.
 *
 * While one is out, each operation of the machine brings it in step with memory, as a checked machine does with all
 * arrays that it hands out.
 */

/** An array, and the memory behind it. */
export interface SpreadArray {
  /** Writes what the driver changed to memory. */
  writeBack(): void;
  /** Shows the driver what changed in memory. */
  refresh(): void;
}

/** The arrays of one machine that are out. */
export class SpreadArrays {
  readonly #arrays = new Set<SpreadArray>();
  private readonly changed: () => void;
  /** Whether any is out. */
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

  /** Brings all of them in step with memory, and so with each other. */
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
