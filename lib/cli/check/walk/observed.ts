/**
 * What a walk has seen so far.
 */
import type { CheckedRule, Fate, Sighting, Sureness } from './sighting.ts';
import type { Mapping, State } from './state.ts';

const SURENESS: readonly Sureness[] = ['error', 'warning', 'note'];

/** Collects what is seen: each broken contract once, and what becomes of each mapping. */
export class Observed {
  readonly #sightings = new Map<string, Sighting>();
  readonly #fates = new Map<string, Fate>();
  /** Whether what happens now is done by a function of the file that is called. */
  isInCallee = false;

  get sightings(): readonly Sighting[] {
    return [...this.#sightings.values()];
  }

  get fates(): ReadonlyMap<string, Fate> {
    return this.#fates;
  }

  /** Notes a broken contract. */
  see(
    state: State,
    rule: CheckedRule,
    at: { readonly line: number },
    sureness: Sureness,
    because: string,
    says: string,
    mapping?: Mapping,
  ): void {
    const key = `${rule} ${String(at.line)} ${String(mapping?.line ?? 0)}`;
    if (this.#sightings.has(key)) return;
    const [most, doubt] = this.#mostOf(mapping, at.line);
    const isLess = SURENESS.indexOf(most) > SURENESS.indexOf(sureness);
    this.#sightings.set(key, {
      rule,
      line: at.line,
      contract: mapping?.contract,
      mapLine: mapping?.line,
      sureness: isLess ? most : sureness,
      because: isLess ? `${because}; ${doubt}` : because,
      says,
      path: state.path,
    });
  }

  // How sure a sighting can be, and why it can be no surer.
  #mostOf(mapping: Mapping | undefined, line: number): readonly [Sureness, string] {
    if (mapping?.isReleasedInCallee === true)
      return ['note', 'a function that is called has undone it, on some way'];
    if (mapping?.isVague === true)
      return ['warning', 'the mapping was told by an expression that may mean another one'];
    if (mapping !== undefined && Math.max(mapping.line, mapping.releasedLine ?? 0) > line)
      return ['warning', 'it takes another round of a loop, which a condition may exclude'];
    if (this.isInCallee) return ['warning', 'a function that is called does it, on some way'];
    return ['error', ''];
  }

  /** What becomes of a mapping, and of all that the same call has made. */
  fate(mapping: Mapping): Fate {
    const key = mapping.token.replace(/\..*/, '');
    const found = this.#fates.get(key) ?? {
      contract: mapping.contract,
      line: mapping.line,
      page: mapping.shown,
      released: 0,
      kept: new Set(),
      lost: new Map(),
      releasedAt: new Set(),
      isVague: false,
      isOfCallee: this.isInCallee,
    };
    this.#fates.set(key, found);
    if (mapping.isVague) found.isVague = true;
    return found;
  }
}
