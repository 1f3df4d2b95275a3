/**
 * Machines on which the pools that the contract names as its limit have a chosen size.
 *
 * A backend whose limit is a number may use any pool, so for it every pool is large enough.
 */
import { resolveConfig } from '../machine/config.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { Contract, NestingLimit } from '../mapping/contract.ts';
import { RARE_PAGES } from './rig.ts';

/** Sizes of every pool. */
export interface PoolSizes {
  readonly pkmapSlots: number;
  readonly kmMaxIdx: number;
  readonly vmallocPages: number;
  readonly bounceSlots: number;
}

/** Sizes that a test can fill. */
const SMALL: readonly PoolSizes[] = [
  { pkmapSlots: 1, kmMaxIdx: 2, vmallocPages: 2, bounceSlots: 1 },
  { pkmapSlots: 2, kmMaxIdx: 3, vmallocPages: 5, bounceSlots: 2 },
  { pkmapSlots: 4, kmMaxIdx: 5, vmallocPages: 8, bounceSlots: 4 },
];

/** Mappings and pages that a clause uses in addition to those up to the limit. */
const SPARE = 16;
const MOST_IDX = 256;

function limits({ nesting, except = {} }: Contract): readonly NestingLimit[] {
  return [nesting, ...Object.values(except).map((terms) => terms.nesting)].map(({ limitedBy }) => limitedBy);
}

/** The pools that a contract names, in these sizes. */
export function namedPools(contract: Contract, sizes: PoolSizes): MachineOptions {
  const names = limits(contract);
  const { pkmapSlots, kmMaxIdx, vmallocPages, bounceSlots } = sizes;
  return {
    ...(names.includes('pkmapSlots') ? { pkmapSlots, pkmapColours: 1 } : {}),
    ...(names.includes('localSlots') ? { kmMaxIdx } : {}),
    ...(names.includes('vmallocPages') ? { vmallocPages } : {}),
    ...(names.includes('bounceSlots') ? { bounceSlots } : {}),
  };
}

/** Returns sizes that are at least these and at least the machine's own. */
function room(contract: Contract, options: MachineOptions): MachineOptions {
  const own = Math.max(0, ...limits(contract).map((limit) => (typeof limit === 'number' ? limit : 0)));
  if (own === 0) return {};
  const needed = own + SPARE;
  const config = resolveConfig(options);
  return {
    pkmapSlots: Math.max(config.pkmapSlots, config.pkmapColours * 2 ** Math.ceil(Math.log2(needed))),
    // Under DEBUG_KMAP_LOCAL a map takes two indexes.
    kmMaxIdx: Math.max(config.kmMaxIdx, Math.min(2 * needed, MOST_IDX)),
    vmallocPages: Math.max(config.vmallocPages, 2 * needed),
    bounceSlots: Math.max(config.bounceSlots, needed),
    protectedPages: Math.max(config.protectedPages, RARE_PAGES, needed),
    unmappablePages: Math.max(config.unmappablePages, RARE_PAGES, needed),
  };
}

/** The machines on which a contract's limits are met, each once. */
export function smallPools(contract: Contract, base: MachineOptions = {}): readonly MachineOptions[] {
  const small = SMALL.map((sizes) => namedPools(contract, sizes));
  const largest = small.at(-1) ?? {};
  const all = [...small, { ...largest, forceMap: true }];
  const distinct = new Map(all.map((options) => [JSON.stringify(options), options]));
  return [...distinct.values()].map((options) => ({
    ...base,
    ...room(contract, { ...base, ...options }),
    ...options,
  }));
}
