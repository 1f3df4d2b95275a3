/**
 * Unmaps for which this way through the function has no mapping: what is wrong with them, as far as that can be told.
 */
import type { UnmapContract } from '../contracts/contract.ts';
import { argumentsOf, part } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Observed } from './observed.ts';
import type { Mapping, State } from './state.ts';
import { family } from './value.ts';
import type { Value } from './value.ts';
import { mappingText, shortened } from './walked.ts';
import type { Walked } from './walked.ts';

const PAGE = /^(?:const )?struct (?:page|folio) \*$/;
/** Types that no page has: addresses of bytes, and structures by value. */
const NO_PAGE =
  /^(?:const )?(?:(?:void|(?:unsigned |signed )?char|__?u8|u8|u32|u64|__be32|__le32|u16|__be16|__le16) \*|struct \w+)$/;

/** An element by a variable: `pages[i]`. */
const INDEXED = /^([\w>.-]+)\[([a-z_]\w*)\]$/i;

/** Judges unmaps that end nothing known. */
export class Stray {
  private readonly walked: Walked;
  private readonly observed: Observed;

  constructor(walked: Walked, observed: Observed) {
    this.walked = walked;
    this.observed = observed;
  }

  /** The mapping that was undone by the same page before; says so. */
  again(state: State, unmap: UnmapContract, value: Value, node: Syntax): boolean {
    const released = state.mappings.findLast((each) => {
      const { status, isByPage, isVague, page, contract } = each;
      return (
        status === 'released' &&
        isByPage &&
        !isVague &&
        page === value &&
        // In another round of a loop the same expression may mean another page.
        each.releasedLine !== node.line &&
        !/\[[^\]]*‹φ/.test(page) &&
        contract.unmaps.includes(unmap.name)
      );
    });
    if (released === undefined) return false;
    this.observed.see(
      state,
      'double-unmap',
      node,
      'error',
      'both unmaps are on one path',
      `${shortened(node.text)} unmaps ${mappingText(released)} a second time; line ${String(released.releasedLine ?? 0)} has unmapped it`,
      released,
    );
    return true;
  }

  /** The mapping whose page the same expression named, before a variable in it was changed; says so. */
  renamed(state: State, unmap: UnmapContract, value: Value, node: Syntax): Mapping | undefined {
    const argument = argumentsOf(node)[unmap.argument];
    if (unmap.takes !== 'page' || argument === undefined || argument.type === 'identifier') return undefined;
    const text = shortened(argument.text);
    const held = state.mappings.filter(
      ({ status, contract, shown, isVague, loop }) =>
        status === 'held' &&
        contract.unmaps.includes(unmap.name) &&
        shown === text &&
        !isVague &&
        loop === this.walked.loopOf(node),
    );
    const [mapping] = held;
    if (held.length !== 1 || mapping === undefined || !isChanged(mapping.page, value)) return undefined;
    this.observed.see(
      state,
      'kunmap-unmapped',
      node,
      'error',
      'a variable in the expression is changed between the map and the unmap',
      `${shortened(node.text)} names another page than ${mappingText(mapping)}`,
      mapping,
      'another page',
    );
    return mapping;
  }

  /** An element by another index than the one that was mapped; says so. */
  otherElement(state: State, unmap: UnmapContract, node: Syntax, mapping: Mapping | undefined): void {
    const argument = argumentsOf(node)[unmap.argument];
    if (mapping === undefined || argument === undefined || this.observed.isInCallee) return;
    if (mapping.loop !== this.walked.loopOf(node)) return;
    const [, array, index] = INDEXED.exec(shortened(argument.text)) ?? [];
    const names = unmap.takes === 'page' ? [mapping.shown] : mapping.elements;
    const others = names.flatMap((each) => {
      const [, of, at] = INDEXED.exec(each) ?? [];
      return of === array && at !== undefined && at !== index ? [each] : [];
    });
    const [other] = others;
    if (array === undefined || other === undefined || others.length < names.length) return;
    this.observed.see(
      state,
      unmap.takes === 'page' ? 'kunmap-unmapped' : 'unmap-address',
      node,
      unmap.takes === 'page' && mapping.loop >= 0 ? 'warning' : 'note',
      'the two indices may be the same number',
      `${shortened(node.text)} names another element than ${other}, where ${mappingText(mapping)} is`,
      mapping,
      'another page',
    );
  }

  /** What is given is a name that is declared nowhere: the compiler sees it only where the unmap is no empty macro. */
  undeclared(state: State, unmap: UnmapContract, node: Syntax): void {
    const argument = argumentsOf(node)[unmap.argument];
    const [name] = /^[a-z]\w*(?=$|[[.]|->)/.exec(argument?.text ?? '') ?? [];
    if (name === undefined || this.observed.isInCallee || this.walked.isDeclared(name)) return;
    this.observed.see(
      state,
      unmap.takes === 'address' ? 'unmap-address' : 'kunmap-unmapped',
      node,
      'warning',
      `${name} is declared neither in the function nor in the file`,
      `${shortened(node.text)} unmaps nothing that the function has mapped`,
    );
  }

  /** What the type of the argument says: a page for an address, an address for a page. */
  byType(state: State, unmap: UnmapContract, node: Syntax, mapping: Mapping | undefined): void {
    const argument = argumentsOf(node)[unmap.argument];
    if (argument === undefined || this.observed.isInCallee) return;
    const field = argument.type === 'field_expression' ? part(argument, 'field')?.text : undefined;
    if (unmap.name === 'kunmap' && field !== undefined && this.walked.holdsAddress(field))
      this.observed.see(
        state,
        'kunmap-unmapped',
        node,
        'warning',
        `elsewhere in the file ${field} is set to what kmap returns`,
        `${shortened(node.text)} gives an address; ${unmap.name} takes the page`,
        mapping,
      );
    const type = this.walked.typeOf(argument);
    if (type === undefined) return;
    if (unmap.takes === 'address' && PAGE.test(type))
      this.observed.see(
        state,
        'unmap-address',
        node,
        'error',
        `the argument is declared as ${type}`,
        `${shortened(node.text)} gives a page; ${unmap.name} takes the address that the map returned`,
        mapping,
        'page given',
      );
    if (unmap.takes === 'page' && NO_PAGE.test(type))
      this.observed.see(
        state,
        'kunmap-unmapped',
        node,
        'error',
        `the argument is declared as ${type}`,
        type.endsWith('*')
          ? `${shortened(node.text)} gives an address; ${unmap.name} takes the page`
          : `${shortened(node.text)} gives a structure; ${unmap.name} takes the page`,
        mapping,
      );
  }
}

// Whether two values differ because an index was counted on: a call that may have changed something does not count.
function isChanged(before: Value, now: Value): boolean {
  if (before === now || family(before) !== family(now) || /['*]›/.test(before + now)) return false;
  return [...now.matchAll(/‹[^›]*›/g)].every(
    ([symbol]) => before.includes(symbol) || symbol.startsWith('‹φ'),
  );
}
