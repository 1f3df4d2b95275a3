/**
 * Judges unmaps of what a function has not mapped on the way to them.
 */
import type { UnmapContract } from './contracts/contract.ts';
import { exclusion } from './walk/observed.ts';
import type { ForeignUnmap, Sighting } from './walk/sighting.ts';
import { mappingText } from './walk/walked.ts';
import type { WalkResult } from './walk/walked.ts';

/** A page that is one value on all ways: a parameter, or what a call has returned. */
const NAMED = /^(?:%\w+|‹[ce][^'*›]*›)$/;

/**
 * What is wrong with the unmaps of a function that end nothing of its own.
 *
 * @param isLeftOpen whether a function of the file leaves something mapped that such an unmap ends
 */
export function judgeForeign(
  { foreign, fates }: WalkResult,
  isLeftOpen: (unmap: UnmapContract) => boolean,
): readonly Sighting[] {
  return foreign.flatMap((each): readonly Sighting[] => {
    const { unmap, value, call, excludedIn } = each;
    const other = fates.find(
      ({ contract, pages, isOfCallee }) =>
        unmap.takes === 'page' &&
        NAMED.test(value) &&
        !isOfCallee &&
        contract.unmaps.includes(unmap.name) &&
        pages.has(value),
    );
    if (other !== undefined)
      return [
        {
          ...sightingOf(each),
          mapLine: other.line,
          contract: other.contract,
          page: other.page,
          sureness: excludedIn === undefined ? 'warning' : 'note',
          because: [
            `${mappingText(other)} maps it on other ways`,
            ...(excludedIn === undefined ? [] : [exclusion(excludedIn)]),
          ].join('; '),
          says: `${call} unmaps what nothing has mapped on this way`,
          variant: 'not mapped',
        },
      ];
    if (unmap.takes === 'object' || isLeftOpen(unmap)) return [];
    return [
      {
        ...sightingOf(each),
        sureness: 'note',
        because: 'a function of another file may map it',
        says: `${call} unmaps what no function of this file leaves mapped`,
        variant: 'mapped elsewhere',
      },
    ];
  });
}

function sightingOf({
  line,
  unmap,
  path,
  excludedIn,
}: ForeignUnmap): Omit<Sighting, 'sureness' | 'because' | 'says' | 'variant'> {
  const rule = unmap.takes === 'address' ? 'unmap-address' : 'kunmap-unmapped';
  return { rule, line, contract: undefined, page: undefined, mapLine: undefined, path, excludedIn };
}
