/**
 * What is checked, by which contracts.
 */
import { MAPS, PAGE_TABLE_MAPS, UNMAPS } from './contracts/contract.ts';
import { contractsOf, converting } from './file.ts';
import type { Contracts } from './walk/walked.ts';

/** What decides how a file is judged, as plain data for threads. */
export interface CheckOptions {
  /** The maps that are judged as if they were local ones. */
  readonly convert: readonly string[];
  readonly pageTables: boolean;
  /** Wrappers of the user: pairs of functions that map and unmap. */
  readonly wrappers: readonly Wrapper[];
}

/** A pair of functions that map and unmap, or a function that unmaps, declared by the user. */
export interface Wrapper {
  readonly map?: string;
  readonly unmap: string;
  /** The map of the kernel whose contract the pair has, or the unmap. */
  readonly like: string;
  /** Which argument of the map is the page, from 0. */
  readonly page?: number;
  /** Which argument of the unmap is the address or the page, from 0. */
  readonly argument: number;
}

/** The contracts that the options ask for. */
export function contractsFor({ convert, pageTables, wrappers }: CheckOptions): Contracts {
  const maps = pageTables ? [...MAPS, ...PAGE_TABLE_MAPS] : [...MAPS];
  const unmaps = UNMAPS.filter(({ name }) => pageTables || !name.startsWith('pte_'));
  for (const { map, unmap, like, page = 0, argument } of wrappers) {
    if (map === undefined) {
      for (const [at, each] of maps.entries())
        if (each.unmaps.includes(like)) maps[at] = { ...each, unmaps: [...each.unmaps, unmap] };
      unmaps.push({
        name: unmap,
        takes: unmaps.find(({ name }) => name === like)?.takes ?? 'page',
        argument,
      });
      continue;
    }
    const known = maps.find(({ name }) => name === like);
    if (known === undefined) continue;
    const takes = unmaps.find(({ name }) => name === known.unmap)?.takes ?? 'address';
    maps.push({ ...known, name: map, page, unmap, unmaps: [unmap, ...known.unmaps] });
    unmaps.push({ name: unmap, takes, argument });
  }
  const contracts = contractsOf(maps, unmaps);
  return convert.length === 0 ? contracts : converting(contracts, convert);
}

/** Finds files that can have a finding at all: they name a function that maps or unmaps. */
export function namesOf({ maps, unmaps }: Contracts): RegExp {
  return new RegExp(`\\b(?:${[...maps.keys(), ...unmaps.keys()].join('|')})\\b`);
}
