/**
 * On which kernels a broken contract does harm.
 */
import type { Bites, MapContract } from '../contracts/contract.ts';
import type { CFunction } from '../parse/grammar.ts';
import type { CheckedRule, Variant } from '../walk/sighting.ts';
import { inLowMemory } from './allocated.ts';

/** Rules about the address: after the unmap, too, it is good wherever it is the permanent one of its page. */
const OF_ADDRESSES =
  /^(?:unmap-order|unmap-address|use-after-unmap|freed-while-mapped|page-overrun|slot-taken|kunmap-unmapped)$/;

/** What is broken, in which kind of mapping, of which page. */
interface Broken {
  readonly rule: CheckedRule;
  readonly variant: Variant | undefined;
  readonly contract: MapContract | undefined;
  readonly page: string | undefined;
}

/** On which kernels it does harm that a rule is broken in a function, and why on none. */
export function harmOf(
  broken: Broken,
  { text, parameters }: CFunction,
  fileText: string,
): { readonly bites: Bites; readonly bitesBecause: string | undefined } {
  const { rule, variant, contract, page } = broken;
  const bites = bitesOf(rule, variant, contract, text);
  const low =
    bites === 'highmem' && page !== undefined
      ? inLowMemory(
          page,
          parameters.map(({ name }) => name),
          text,
          fileText,
        )
      : undefined;
  return low === undefined ? { bites, bitesBecause: undefined } : { bites: 'letter', bitesBecause: low };
}

function bitesOf(
  rule: CheckedRule,
  variant: Variant | undefined,
  contract: MapContract | undefined,
  functionText: string,
): Bites {
  if (variant === 'relied on' || variant === 'unmapped as atomic') return 'all';
  if (contract === undefined || rule === 'conversion') return 'highmem';
  if (variant === 'another slot' || OF_ADDRESSES.test(rule)) return contract.addressBites ?? contract.bites;
  // An atomic iterator disables preemption and page faults while a page is mapped.
  if (contract.isReplaced === true && functionText.includes('SG_MITER_ATOMIC')) return 'all';
  return contract.bites;
}
