/**
 * How many mappings a contract says can be held at once on a machine.
 */
import { resolveConfig } from '../machine/config.ts';
import type { MachineConfig, MachineOptions } from '../machine/config.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { termsFor } from '../mapping/contract.ts';
import type { Contract, NestingLimit } from '../mapping/contract.ts';

/** Whether pages of this kind use the limited resource that the contract names. */
function isLimited(contract: Contract, kind: MemoryKind, config: MachineConfig): boolean {
  const { limitedBy, beyond } = termsFor(contract, kind).nesting;
  if (limitedBy === 'nothing') return false;
  if (beyond !== 'violation') return beyond !== 'none' && contract.errors[kind].includes(beyond);
  if (limitedBy !== 'localSlots') return true;
  return config.forceMap || kind === 'iomem' || (kind === 'highmem' && config.highmem);
}

function bound(limit: NestingLimit, config: MachineConfig): number {
  switch (limit) {
    case 'localSlots':
      // The index may not reach KM_MAX_IDX; a guard slot goes with each map under DEBUG_KMAP_LOCAL.
      return Math.floor((config.kmMaxIdx - 1) / (config.debugKmapLocal ? 2 : 1));
    case 'pkmapSlots':
      return config.pkmapSlots / config.pkmapColours;
    case 'bounceSlots':
      return config.bounceSlots;
    case 'vmallocPages':
      // Each page has a guard page.
      return Math.floor(config.vmallocPages / 2);
    case 'nothing':
      return Infinity;
    default:
      return limit;
  }
}

/** Mappings of a few bytes of a kind that can be held at once; `Infinity` if there is no limit. */
export function capacity(contract: Contract, kind: MemoryKind, options: MachineOptions): number {
  const config = resolveConfig(options);
  return isLimited(contract, kind, config)
    ? bound(termsFor(contract, kind).nesting.limitedBy, config)
    : Infinity;
}
