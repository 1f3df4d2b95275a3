/**
 * State that a step can read without an event: plain objects that are shared and cannot be watched, and parts of the
 * machine that the program was seen to read. It is compared from step to step.
 */
import { Hash } from '../../base/hash.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import type { Observer } from '../observer.ts';
import type { SharedState } from '../shared-state.ts';
import { PARTS } from '../sight/readers.ts';
import type { Sight } from '../sight/sight.ts';

/** Hashes of what cannot be watched, at one moment. */
export interface Unwatched {
  /** What every step can read: 0 if there is no such thing, or if footprints are not told. */
  readonly opaque: number;
  /** What only the final check can read. */
  readonly atEnd: number;
}

/** Where the state of one schedule is. */
interface Places {
  readonly machine: Machine;
  readonly observer: Observer;
  readonly sharedState: SharedState;
  readonly sight: Sight | undefined;
}

const hash = new Hash();

/** Hashes all of it. */
export function hashUnwatched(places: Places): Unwatched {
  return { opaque: opaqueHash(places), atEnd: endHash(places) };
}

/** What every step can read without an event. */
export function opaqueHash(places: Places): number {
  const { sight, sharedState } = places;
  if (sight?.isBlind === true) return 0;
  const shared = sharedState.opaqueHash();
  const parts = sight?.partsRead;
  if (parts === undefined || parts.size === 0) return shared;
  return addParts(hash.reset().add(shared), parts, places).value;
}

function endHash(places: Places): number {
  const { sight } = places;
  const parts = sight?.partsReadAtEnd;
  if (sight?.isBlind === true || parts === undefined || parts.size === 0) return 0;
  return addParts(hash.reset(), parts, places).value;
}

/** Adds parts of the machine that are read without an event. */
export function addParts(
  to: Hash,
  parts: ReadonlySet<string>,
  { machine, observer, sharedState, sight }: Places,
): Hash {
  // The search for locks comes before they are looked at.
  if (parts.has('locks')) sharedState.addTo(new Hash());
  for (const part of parts) PARTS[part]?.add(to, { machine, observer, objects: sight?.objects ?? [] });
  return to;
}
