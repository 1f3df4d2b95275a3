/**
 * The live mappings of one device, found by bus address.
 */
import { DmaMapping } from '../parts/dma-mapping.ts';

/** Mappings and the resources that each holds, oldest first. */
export class DeviceMappings<Held> {
  private readonly pageSize: number;
  readonly #held = new Map<DmaMapping, Held>();
  // Most addresses and pages have one mapping. It is kept without a set, because thousands of sets cost too much.
  readonly #byAddress = new Map<number, DmaMapping | DmaMapping[]>();
  /** The mappings by page of the bus. */
  readonly #byPage = new Map<number, DmaMapping | Set<DmaMapping>>();
  #looks = 0;

  constructor(pageSize: number) {
    this.pageSize = pageSize;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Number of mappings that all searches so far have visited; for tests of the cost of a search. */
  get looks(): number {
    return this.#looks;
  }

  /** The oldest mapping. */
  get first(): DmaMapping | undefined {
    const [first] = this.#held.keys();
    return first;
  }

  heldBy(mapping: DmaMapping): Held | undefined {
    return this.#held.get(mapping);
  }

  add(mapping: DmaMapping, held: Held): void {
    this.#held.set(mapping, held);
    const same = this.#byAddress.get(mapping.address);
    if (same === undefined) this.#byAddress.set(mapping.address, mapping);
    else if (Array.isArray(same)) same.push(mapping);
    else this.#byAddress.set(mapping.address, [same, mapping]);
    for (let n = this.#firstPage(mapping); n <= this.#lastPage(mapping); n += 1) {
      const touching = this.#byPage.get(n);
      if (touching === undefined) this.#byPage.set(n, mapping);
      else if (touching instanceof Set) touching.add(mapping);
      else this.#byPage.set(n, new Set([touching, mapping]));
    }
  }

  delete(mapping: DmaMapping): void {
    if (!this.#held.delete(mapping)) return;
    const same = this.#byAddress.get(mapping.address);
    if (Array.isArray(same)) same.splice(same.lastIndexOf(mapping), 1);
    if (same === mapping || (Array.isArray(same) && same.length === 0))
      this.#byAddress.delete(mapping.address);
    for (let n = this.#firstPage(mapping); n <= this.#lastPage(mapping); n += 1) {
      const touching = this.#byPage.get(n);
      if (touching instanceof Set) touching.delete(mapping);
      if (touching === mapping || (touching instanceof Set && touching.size === 0)) this.#byPage.delete(n);
    }
  }

  /** The newest mapping that begins at an address and for which `fit` is true. */
  newestAt(address: number, fit: (mapping: DmaMapping) => boolean = () => true): DmaMapping | undefined {
    const same = this.#byAddress.get(address) ?? [];
    return (Array.isArray(same) ? same : [same]).findLast((mapping) => {
      this.#looks += 1;
      return fit(mapping);
    });
  }

  /** The newest mapping that contains all these bus addresses; preferably one that begins with them. */
  newestWith(address: number, lengthBytes: number): DmaMapping | undefined {
    const exact = this.newestAt(address, (mapping) => mapping.contains(address, lengthBytes));
    if (exact !== undefined) return exact;
    let newest: DmaMapping | undefined;
    for (const mapping of this.onPageOf(address)) {
      this.#looks += 1;
      if (mapping.contains(address, lengthBytes)) newest = mapping;
    }
    return newest;
  }

  /** The mappings that have bytes in the bus page of an address, oldest first. */
  onPageOf(address: number): Iterable<DmaMapping> {
    const touching = this.#byPage.get(Math.floor(address / this.pageSize)) ?? [];
    return touching instanceof DmaMapping ? [touching] : touching;
  }

  #firstPage({ address }: DmaMapping): number {
    return Math.floor(address / this.pageSize);
  }

  // A mapping of no bytes has no page.
  #lastPage({ address, lengthBytes }: DmaMapping): number {
    return Math.floor((address + lengthBytes - 1) / this.pageSize);
  }
}
