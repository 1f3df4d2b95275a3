/**
 * Access beyond the page that was mapped: an entry of a list may be longer than a page, and a folio may have many.
 */
import { argumentsOf } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Observed } from './observed.ts';
import type { Variant } from './sighting.ts';
import type { Mapping, State } from './state.ts';
import { mappedOf } from './value.ts';
import type { Value } from './value.ts';
import { mappingText, shortened } from './walked.ts';

/** Text that keeps a length or an offset within a page. */
const LIMITED = /PAGE_(?:CACHE_)?(?:SIZE|MASK)|offset_in_page|~|min/i;

/** Judges lengths and offsets beside mapped addresses. */
export class Overruns {
  private readonly observed: Observed;

  constructor(observed: Observed) {
    this.observed = observed;
  }

  /** A function is given an address, and perhaps a length with it. */
  called(state: State, name: string, values: readonly Value[], at: Syntax): void {
    for (const value of values) {
      const token = mappedOf(value)?.token;
      const mapping = token === undefined ? undefined : state.mapping(token);
      if (mapping?.status !== 'held' || mapping.contract.reach !== 'page') continue;
      const entry = entryOf(mapping.page);
      const lengths =
        entry === undefined ? [] : [`${entry}->length`, `${entry}.length`, `sg_dma_len(${entry})`];
      for (const [index, other] of values.entries()) {
        const text = shortened(argumentsOf(at)[index]?.text ?? '');
        if (lengths.some((length) => other.includes(length)) && !LIMITED.test(other))
          this.#tell(
            state,
            mapping,
            at,
            'note',
            'the check assumes that an entry of this list may be longer than a page',
            `${name} gets ${text} as the length, and ${mappingText(mapping)} maps one page only`,
          );
        if (mapping.contract.name === 'kmap_local_folio' && other === `folio_size(${mapping.page})`)
          this.#tell(
            state,
            mapping,
            at,
            'warning',
            'a folio may have more than one page',
            `${name} gets the size of the whole folio as the length, and ${mappingText(mapping)} maps one page only`,
            'folio',
          );
      }
    }
  }

  /** Something is added to a mapped address. */
  moved(state: State, address: Value, by: Value, at: Syntax): void {
    const token = mappedOf(address)?.token;
    const mapping = token === undefined ? undefined : state.mapping(token);
    if (mapping?.status !== 'held' || mapping.contract.reach !== 'page' || LIMITED.test(by)) return;
    const entry = entryOf(mapping.page);
    if (entry === undefined) return;
    let rest = by;
    for (const field of ['->offset', '.offset', '->bv_offset', '.bv_offset'])
      rest = rest.replaceAll(`${entry}${field}`, '');
    const isOffset = rest !== by;
    if (isOffset && !mapping.hasEntryOffset) state.change(mapping, { hasEntryOffset: true });
    if ((isOffset || mapping.hasEntryOffset) && /[%‹]/.test(rest))
      this.#tell(
        state,
        mapping,
        at,
        'note',
        'the check assumes that an entry of this list may be longer than a page',
        `${shortened(at.text)} may lie behind the one page that ${mappingText(mapping)} maps`,
      );
  }

  #tell(
    state: State,
    mapping: Mapping,
    at: Syntax,
    sureness: 'note' | 'warning',
    because: string,
    says: string,
    variant?: Variant,
  ): void {
    this.observed.see(state, 'page-overrun', at, sureness, because, says, mapping, variant);
  }
}

// The entry of a list whose first page a value is.
function entryOf(page: Value): Value | undefined {
  const [, listed, field] = /^sg_page\((.*)\)$|^(.*)(?:->|\.)(?:page|bv_page)$/.exec(page) ?? [];
  return listed ?? field;
}
