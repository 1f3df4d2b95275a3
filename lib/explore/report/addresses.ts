/**
 * The kernel's addresses at a violation: what was mapped where, and by whom.
 */
import { linesOf, markerOf } from '../../kernel/core/address-text.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { Violation } from '../../machine/violation.ts';
import type { Explained } from '../explain.ts';

/** The rules on what lies at an address; a report of another rule has no use for the addresses. */
const ON_ADDRESSES: ReadonlySet<RuleId> = new Set<RuleId>([
  ...(['leak', 'slot-taken', 'left-over-translation', 'stale-tlb', 'unmap-order', 'unmap-address'] as const),
  ...(['slot-busy', 'slot-guard', 'slot-overflow', 'wild-access', 'unmapped-slot'] as const),
  'no-linear-address',
]);
/** Ranges of an area that are shown. */
const MOST_RANGES = 4;

/**
 * The lines of the areas outside the linear map in which something is mapped, if the violation is about addresses; else
 * none.
 */
export function addressLines({ violation, addresses }: Explained): readonly string[] {
  if (violation === undefined || addresses === undefined || !isOnAddresses(violation)) return [];
  return addresses.areas
    .filter(({ name, ranges }) => name !== 'linear' && ranges.length > 0)
    .flatMap((area) => [markerOf(area), ...linesOf(area, MOST_RANGES)]);
}

/** A deadlock is about addresses if tasks wait for a slot of the pool, which the report then shows. */
function isOnAddresses({ rule, details }: Violation): boolean {
  return ON_ADDRESSES.has(rule) || (rule === 'deadlock' && details.some(({ label }) => label === 'pkmap'));
}
