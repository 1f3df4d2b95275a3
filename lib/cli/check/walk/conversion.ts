/**
 * What a conversion of a map to a local one would break.
 */
import type { UnmapContract } from '../contracts/contract.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Observed } from './observed.ts';
import type { Mapping, State } from './state.ts';
import { mappedOf, readable } from './value.ts';
import type { Value } from './value.ts';
import { shortened } from './walked.ts';
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
    const { contract, token, line } = mapping;
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
        `${unmap.name} undoes ${contract.name} of line ${String(line)} by the page; the address that a local unmap takes is not at hand`,
        mapping,
      );
    else if (offsets.every((offset) => offset === 'moved'))
      this.observed.see(
        state,
        'conversion',
        node,
        'warning',
        'the only pointer into the mapping is moved on before',
        `${unmap.name} undoes ${contract.name} of line ${String(line)} by the page; the pointer that is left was moved on, and may stand at the end of the page`,
        mapping,
      );
  }

  foreign(state: State, unmap: UnmapContract, value: Value, node: Syntax): void {
    const { maps, converted } = this.walked.contracts;
    if (this.observed.isInCallee) return;
    for (const name of converted) {
      if (maps.get(name)?.unmaps.includes(unmap.name) !== true) continue;
      this.observed.see(
        state,
        'conversion',
        node,
        'error',
        'no map of this function belongs to it',
        `${unmap.name} undoes here what another function mapped: ${shortened(readable(value))}; a local mapping ends in the function, or at least the task, that made it, by its address`,
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
      `${name} relies on ${mapping.contract.name} of line ${String(mapping.line)} to disable page faults or preemption; a local mapping does neither`,
      mapping,
    );
  }
}
