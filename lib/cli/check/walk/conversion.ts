/**
 * What a conversion of a map to a local one would break.
 */
import type { UnmapContract } from '../contracts/contract.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Observed } from './observed.ts';
import type { Mapping, State } from './state.ts';
import { mappedOf } from './value.ts';
import { mappingText, shortened } from './walked.ts';
import type { Walked } from './walked.ts';

/** Judges what is converted. */
export class Conversion {
  private readonly walked: Walked;
  private readonly observed: Observed;

  constructor(walked: Walked, observed: Observed) {
    this.walked = walked;
    this.observed = observed;
  }

  // A local unmap takes the address: it has to be at hand, and to lie in the page.
  unmapped(state: State, unmap: UnmapContract, mapping: Mapping, node: Syntax): void {
    const { contract, token } = mapping;
    if (
      this.observed.isInCallee ||
      unmap.takes !== 'page' ||
      !this.walked.contracts.converted.has(contract.name)
    )
      return;
    const offsets = [...state.variables.values()].flatMap((value) => {
      const mapped = mappedOf(value);
      return mapped?.token === token ? [mapped.offset] : [];
    });
    if (offsets.length === 0)
      this.observed.see(
        state,
        'conversion',
        node,
        'warning',
        'no variable of the function holds the address there',
        `${shortened(node.text)} unmaps ${mappingText(mapping)} by its page; kunmap_local takes the address, which is not at hand here`,
        mapping,
      );
    else if (offsets.every((offset) => offset === 'moved'))
      this.observed.see(
        state,
        'conversion',
        node,
        'warning',
        'no other variable of the function holds the address there',
        `${shortened(node.text)} unmaps ${mappingText(mapping)} by its page; kunmap_local takes the address, and the only pointer to it was advanced, perhaps to the end of the page`,
        mapping,
      );
  }

  foreign(state: State, unmap: UnmapContract, node: Syntax): void {
    const { maps, converted } = this.walked.contracts;
    if (this.observed.isInCallee) return;
    for (const name of converted) {
      if (maps.get(name)?.unmaps.includes(unmap.name) !== true) continue;
      this.observed.see(
        state,
        'conversion',
        node,
        'error',
        `another function may have mapped it, or this one by another expression`,
        `${shortened(node.text)} unmaps what no ${name} on this path maps by that name; kunmap_local has to be called with the address, in the task that mapped`,
      );
      return;
    }
  }

  // Page faults are disabled by kmap_atomic alone.
  relied(state: State, name: string, at: Syntax): void {
    if (!/_inatomic|copy_page_from_iter_atomic|^this_cpu|^__this_cpu|^smp_processor_id$/.test(name)) return;
    const { converted } = this.walked.contracts;
    const mapping = state.mappings.find(
      ({ status, contract }) => status === 'held' && converted.has(contract.name),
    );
    if (mapping === undefined || !mapping.contract.name.includes('atomic') || state.atomic > 0) return;
    this.observed.see(
      state,
      'conversion',
      at,
      'error',
      'nothing else on this path disables page faults or preemption',
      `${name} relies on ${mappingText(mapping)} to disable page faults or preemption; kmap_local_page disables neither`,
      mapping,
      'relied on',
    );
  }
}
