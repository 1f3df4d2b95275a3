/**
 * Functions of other files that are taken for wrappers by their names: `foo_kmap_local` and `foo_kunmap_local`, if one
 * function of the file calls both. What they take and give is read from these calls.
 */
import { MAPS } from '../contracts/contract.ts';
import type { MapContract, UnmapContract } from '../contracts/contract.ts';
import type { CFunction } from '../parse/grammar.ts';
import type { Contracts } from '../walk/walked.ts';

/** Whether a text may call a function whose name says that it unmaps. */
export function namesUnmap(text: string): boolean {
  // Most texts have no such name, and these are found faster.
  return (text.includes('_kunmap') || text.includes('_vunmap')) && text.search(NAMED_UNMAP) >= 0;
}

const NAMED_UNMAP = /\b(\w+_)(kunmap_local|kunmap_atomic|kunmap|vunmap)\s*\(/g;

interface Pair {
  readonly map: MapContract;
  readonly unmap: UnmapContract;
}

/** The contracts, and those of wrappers that the functions of a file call in pairs. */
export function withNamedWrappers(
  contracts: Contracts,
  functions: Iterable<CFunction>,
  isDefined: (name: string) => boolean,
): Contracts {
  const maps = new Map(contracts.maps);
  const unmaps = new Map(contracts.unmaps);
  for (const { text } of functions) {
    if (!namesUnmap(text)) continue;
    for (const [, head = '', tail = ''] of text.matchAll(NAMED_UNMAP)) {
      const [map, unmap] = [`${head}${tail.replace('un', '')}`, `${head}${tail}`];
      if ([map, unmap].some((name) => maps.has(name) || unmaps.has(name) || isDefined(name))) continue;
      const found = pairOf(text, map, unmap, tail);
      if (found === undefined) continue;
      maps.set(map, found.map);
      unmaps.set(unmap, found.unmap);
    }
  }
  return maps.size === contracts.maps.size ? contracts : { ...contracts, maps, unmaps };
}

const LIKE: ReadonlyMap<string, string> = new Map([
  ['kunmap_local', 'kmap_local_page'],
  ['kunmap_atomic', 'kmap_atomic'],
  ['kunmap', 'kmap'],
  ['vunmap', 'vmap'],
]);
/** A variable for what says whether the call has failed. */
const STATUS = /^(?:ret|err|error|rc|r|rv|res|result|status)$/;

function pairOf(text: string, map: string, unmap: string, tail: string): Pair | undefined {
  const like = MAPS.find(({ name }) => name === LIKE.get(tail));
  const [made] = callsOf(text, map);
  const [undone] = callsOf(text, unmap);
  if (like === undefined || made === undefined || undone === undefined) return undefined;
  const contract: MapContract = {
    ...like,
    name: map,
    unmap,
    unmaps: [unmap],
    // What a failure returns is not known: the ways on which it is tested are left out.
    fails: undefined,
    maySleep: false,
    reach: 'asked',
    isGuess: true,
  };
  const { into } = made;
  const returned = into === undefined || STATUS.test(into) ? -1 : undone.given.indexOf(into);
  if (returned >= 0) return { map: contract, unmap: { name: unmap, takes: 'address', argument: returned } };
  const page = made.given.findLastIndex((each) => undone.given.includes(each));
  if (page < 0) return undefined;
  const argument = undone.given.indexOf(made.given[page] ?? '');
  return into === undefined || STATUS.test(into)
    ? { map: { ...contract, page, gives: 'object' }, unmap: { name: unmap, takes: 'object', argument } }
    : { map: { ...contract, page }, unmap: { name: unmap, takes: 'page', argument } };
}

interface Call {
  /** The variable or the place that the result is put in. */
  readonly into: string | undefined;
  readonly given: readonly string[];
}

function callsOf(text: string, name: string): readonly Call[] {
  const call = new RegExp(
    String.raw`(?:([\w.>\[\]-]+)\s*=\s*(?:\([^()]*\)\s*)?)?\b${name}\s*\(((?:[^();]|\([^()]*\))*)\)`,
    'g',
  );
  return [...text.matchAll(call)].map(([, into, list = '']) => ({
    into,
    given: list.split(/,(?![^()]*\))/).map((each) => each.trim()),
  }));
}
