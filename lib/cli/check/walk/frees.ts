/**
 * Pages that are freed while they are mapped: at once, by a function of the file, or with their last reference.
 */
import { ALLOCATES, FREES, PUTS, isPure } from '../contracts/effects.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Observed } from './observed.ts';
import type { Mapping, State } from './state.ts';
import type { Sureness } from './sighting.ts';
import { unknown } from './value.ts';
import type { Value } from './value.ts';
import { mappingText, shortened } from './walked.ts';
import type { Walked } from './walked.ts';

/** Judges what frees pages. */
export class Frees {
  private readonly walked: Walked;
  private readonly observed: Observed;
  /** The pages that the function has allocated, each with the number of references that it took. */
  readonly #allocated = new Map<Value, string>();
  /** Pages that were given to a function that may have taken a reference. */
  readonly #given = new Set<Value>();

  constructor(walked: Walked, observed: Observed) {
    this.walked = walked;
    this.observed = observed;
  }

  /** A function is called that may free what it is given. */
  called(state: State, name: string, values: readonly Value[], at: Syntax): void {
    if (ALLOCATES.has(name)) this.#allocated.set(unknown(`c${String(at.start)}`), name);
    const [first = ''] = values;
    if (FREES.has(name)) {
      this.#see(
        state,
        first,
        at,
        'error',
        'nothing on this path unmaps it before',
        (mapping) => `${name} frees the page that ${mappingText(mapping)} still maps`,
      );
      return;
    }
    if (PUTS.has(name)) {
      const allocator = this.#allocated.get(first);
      if (allocator !== undefined)
        this.#see(
          state,
          first,
          at,
          this.#given.has(first) ? 'note' : 'warning',
          this.#given.has(first)
            ? 'a function that was given the page may have taken a reference'
            : `${allocator} gave the only reference, and nothing takes another one`,
          (mapping) => `${name} frees the page that ${mappingText(mapping)} still maps`,
        );
      return;
    }
    if (isPure(name)) return;
    for (const [index, value] of values.entries()) {
      if (this.#allocated.has(value)) this.#given.add(value);
      const how = state.mappings.some(({ status, page }) => status === 'held' && page === value)
        ? this.walked.frees(name, index)
        : undefined;
      if (how !== undefined)
        this.#see(
          state,
          value,
          at,
          how === 'always' ? 'warning' : 'note',
          how === 'always'
            ? `${name} of this file frees it`
            : `${name} of this file frees it on some ways, or if it has the last reference`,
          (mapping) => `${shortened(at.text)} frees the page that ${mappingText(mapping)} still maps`,
        );
    }
  }

  #see(
    state: State,
    page: Value,
    at: Syntax,
    sureness: Sureness,
    because: string,
    says: (mapping: Mapping) => string,
  ): void {
    for (const mapping of state.mappings)
      if (mapping.status === 'held' && mapping.page === page && !mapping.isVague)
        this.observed.see(state, 'freed-while-mapped', at, sureness, because, says(mapping), mapping);
  }
}
