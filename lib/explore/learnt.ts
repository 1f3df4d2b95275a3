/**
 * What an actor has learnt in one step.
 */
import { Hash } from '../base/hash.ts';

/** A hash of all that a step has read; addresses of pool slots apart, because few programs look at them. */
export class Learnt extends Hash {
  readonly #places = new Hash();
  #hasPlaces = false;

  /** Notes an address in the kmap pool. */
  addPlace(address: number): void {
    this.#hasPlaces = true;
    this.#places.add(address);
  }

  /** The hash of all of it. */
  get withPlaces(): number {
    return this.#hasPlaces ? this.#places.add(this.value).value : this.value;
  }

  override reset(): this {
    if (this.#hasPlaces) this.#places.reset();
    this.#hasPlaces = false;
    return super.reset();
  }
}
