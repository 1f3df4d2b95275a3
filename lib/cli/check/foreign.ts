/**
 * Judges unmaps of what a function has not mapped on the way to them.
 */
import type { UnmapContract } from './contracts/contract.ts';
import { exclusion } from './walk/observed.ts';
import type { ForeignUnmap, Sighting } from './walk/sighting.ts';
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
    const { unmap, value, shown, excludedIn } = each;

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
          sureness: excludedIn === undefined ? 'warning' : 'note',
          because: [
            `${other.contract.name} of line ${String(other.line)} maps it on other ways`,
            ...(excludedIn === undefined ? [] : [exclusion(excludedIn)]),
          ].join('; '),
          says: `${unmap.name} of ${shown} undoes what nothing has mapped on this way`,
        },
      ];
    if (unmap.takes === 'object' || isLeftOpen(unmap)) return [];
    return [
      {
        ...sightingOf(each),
        sureness: 'note',
        because: 'another file may map it',
        says: `${unmap.name} of ${shown} undoes what nothing in this file leaves mapped`,
      },
    ];
  });
}

function sightingOf({
  line,
  unmap,
  path,
  excludedIn,
}: ForeignUnmap): Omit<Sighting, 'sureness' | 'because' | 'says'> {
  const rule = unmap.takes === 'address' ? 'unmap-address' : 'kunmap-unmapped';
  return { rule, line, contract: undefined, mapLine: undefined, path, excludedIn };
}
