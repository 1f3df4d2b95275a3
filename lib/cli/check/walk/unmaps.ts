/**
 * Unmaps: which mapping one ends, and whether it may.
 */
import type { UnmapContract } from '../contracts/contract.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Conversion } from './conversion.ts';
import { FixedSlots } from './fixed-slots.ts';
import type { Observed } from './observed.ts';
import type { Mapping, State } from './state.ts';
import { Stray } from './stray.ts';
import { family, mappedOf } from './value.ts';
import type { Value } from './value.ts';
import { mappingText, shortened, unmapTakesPage } from './walked.ts';
import type { Walked } from './walked.ts';

/** Ends mappings. */
export class Unmaps {
  private readonly walked: Walked;
  private readonly observed: Observed;
  private readonly conversion: Conversion;
  private readonly stray: Stray;
  private readonly slots: FixedSlots;

  constructor(walked: Walked, observed: Observed, conversion: Conversion) {
    this.walked = walked;
    this.observed = observed;
    this.conversion = conversion;
    this.stray = new Stray(walked, observed);
    this.slots = new FixedSlots(observed);
  }

  unmap(state: State, unmap: UnmapContract, value: Value, node: Syntax): void {
    const mapped = mappedOf(value);
    if (mapped !== undefined) {
      const mapping = state.mapping(mapped.token);
      if (mapping !== undefined) this.#release(state, unmap, mapping, mapped.offset, node);
      return;
    }
    if (value === '#0' || unmap.name === 'sg_miter_stop') {
      const held = this.#byPage(state, unmap, value);
      if (held !== undefined) this.end(state, held, node.line, unmap.name);
      return;
    }
    const found = this.#byPage(state, unmap, value);
    if (found !== undefined) {
      if (
        unmap.takes === 'address' &&
        found.object === undefined &&
        !unmapTakesPage(this.walked, found.contract)
      )
        this.observed.see(
          state,
          'unmap-address',
          node,
          'error',
          'the argument is the page that was mapped',
          `${shortened(node.text)} gives the page; ${unmap.name} takes the address that ${mappingText(found)} returned`,
          found,
          'page given',
        );
      this.conversion.unmapped(state, unmap, found, node);
      this.end(state, found, node.line, unmap.name);
      return;
    }
    if (this.stray.again(state, unmap, value, node)) return;
    const renamed = this.stray.renamed(state, unmap, value, node);
    if (renamed !== undefined) {
      this.end(state, renamed, node.line, unmap.name);
      return;
    }
    const vague = this.#vaguely(state, unmap, value);
    this.stray.byType(state, unmap, node, vague);
    this.stray.otherElement(state, unmap, node, vague);
    if (vague !== undefined) {
      this.observed.fate(vague).isVague = true;
      this.end(state, vague, node.line, unmap.name);
      return;
    }
    this.conversion.foreign(state, unmap, node);
    this.stray.undeclared(state, unmap, node);
    if (!this.observed.isInCallee) this.observed.seeForeign(state, unmap, value, node);
    this.#noteReleased(state, unmap, value);
  }

  // A mapping of a caller's: one for each kind and expression, of those that a caller can tell.
  #noteReleased(state: State, unmap: UnmapContract, value: Value): void {
    if (!value.includes('%')) return;
    const known = state.released;
    if (
      known.length >= 2 ||
      known.some((each) => each.unmap === unmap && family(each.value) === family(value))
    )
      return;
    state.released = [...known, { unmap, value }];
  }

  #byPage(state: State, unmap: UnmapContract, value: Value): Mapping | undefined {
    return state.mappings.findLast(
      ({ status, page, object, contract }) =>
        status === 'held' &&
        (object !== undefined ? object === value && contract.unmaps.includes(unmap.name) : page === value) &&
        (unmap.takes !== 'address' || object === undefined || contract.givesToObject === true),
    );
  }

  // An element of an array, or the same expression in another round of a loop.
  #vaguely(state: State, unmap: UnmapContract, value: Value): Mapping | undefined {
    const alike = family(value);
    return state.mappings.findLast(({ status, page, object, contract, token }) => {
      if (status !== 'held' || !contract.unmaps.includes(unmap.name)) return false;
      if (unmap.takes === 'address') {
        for (const [place, held] of state.variables)
          if (mappedOf(held)?.token === token && /[[>.]/.test(place) && family(place) === alike) return true;
        return false;
      }
      return family(object ?? page) === alike;
    });
  }

  #release(state: State, unmap: UnmapContract, mapping: Mapping, offset: string, node: Syntax): void {
    const { contract } = mapping;
    if (mapping.status === 'released') {
      this.observed.see(
        state,
        'double-unmap',
        node,
        'error',
        'both unmaps are on one path',
        `${shortened(node.text)} unmaps ${mappingText(mapping)} a second time; line ${String(mapping.releasedLine ?? 0)} has unmapped it`,
        mapping,
      );
      return;
    }
    if (unmap.takes === 'page')
      this.observed.see(
        state,
        'kunmap-unmapped',
        node,
        'error',
        `the argument is what ${mappingText(mapping)} returned`,
        `${shortened(node.text)} gives the address; ${unmap.name} takes the page`,
        mapping,
      );
    else if (!contract.unmaps.includes(unmap.name))
      this.observed.see(
        state,
        'unmap-mismatch',
        node,
        'error',
        `${contract.unmap} belongs to ${contract.name}`,
        `${shortened(node.text)} unmaps ${mappingText(mapping)}, which only ${contract.unmap} can`,
        mapping,
        !contract.isAtomic && unmap.name.includes('atomic') ? 'unmapped as atomic' : undefined,
      );
    else if (offset === 'moved' && contract.reach === 'page')
      this.observed.see(
        state,
        'unmap-address',
        node,
        'warning',
        'nothing shows that it stops before the end of the page, where it would be an address of the next page',
        `${shortened(node.text)} gives a pointer that was advanced since ${mappingText(mapping)} returned it`,
        mapping,
      );
    this.slots.given(state, mapping, node);
    this.end(state, mapping, node.line, unmap.name);
  }

  end(state: State, mapping: Mapping, line: number, by: string): void {
    const { contract } = mapping;
    if (contract.isLocal) {
      const at = state.mappings.indexOf(mapping);
      const younger = state.mappings
        .slice(at + 1)
        .find((each) => each.status === 'held' && each.contract.isLocal);
      if (younger !== undefined)
        this.observed.see(
          state,
          'unmap-order',
          { line },
          isVague(mapping) || isVague(younger) ? 'note' : 'error',
          'both are mapped on this path, and local mappings nest',
          `${by} unmaps ${mappingText(mapping)} before ${mappingText(younger)}, which was mapped after it`,
          mapping,
        );
    }
    if (state.excludedIn === undefined) {
      const fate = this.observed.fate(mapping);
      fate.releasedAt.add(line);
      if (this.observed.block !== undefined) fate.releasedIn.add(this.observed.block);
    }
    state.step(line, `${by} unmaps ${mappingText(mapping)}`);
    const now = state.mappings.find(({ token }) => token === mapping.token);
    if (now !== undefined)
      state.change(now, {
        status: 'released',
        releasedLine: line,
        since: state.path,
        block: this.observed.block,
        isReleasedInCallee: this.observed.isInCallee,
      });
  }
}

function isVague(mapping: Mapping): boolean {
  return mapping.isVague || mapping.isElement;
}
