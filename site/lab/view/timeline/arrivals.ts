/**
 * Where an interrupt can be put: before each decision of the others, and behind the last.
 */
import type { Decision } from '../../session/messages.ts';

/** A place on the timeline. */
export interface Arrival {
  /** The decision before which the interrupt is to arrive. */
  readonly before: number;
  /** The moment at whose left edge the place is. */
  readonly moment: number;
}

/** All places of an interrupt, in order; `moments` is how many the run has. */
export function arrivalsOf(
  decisions: readonly Decision[],
  actor: number,
  moments: number,
): readonly Arrival[] {
  const others = decisions.filter((decision) => decision.actor !== actor);
  return [
    ...others.map(({ at, moment }) => ({ before: at, moment })),
    { before: decisions.length, moment: moments },
  ];
}

/** Which of the places an interrupt has that arrives at a decision; behind the last if it does not arrive. */
export function placeOf(arrivals: readonly Arrival[], arrival: number | undefined): number {
  const next = arrival === undefined ? -1 : arrivals.findIndex(({ before }) => before > arrival);
  return next < 0 ? arrivals.length : next;
}

/** The place that is nearest to a moment. */
export function nearestPlace(arrivals: readonly Arrival[], moment: number): number {
  let best = 0;
  for (const [place, one] of arrivals.entries())
    if (Math.abs(one.moment - moment) < Math.abs((arrivals[best]?.moment ?? 0) - moment)) best = place;
  return best;
}
