/**
 * The report of a schedule that goes round for ever.
 */
import type { ViolationFacts } from '../../machine/hardware.ts';
import type { ContextState } from '../../machine/violation.ts';
import type { Cycle } from './cycle-watch.ts';

/** What a round in which no actor is starved breaks. */
export function livelock(
  { acting, steps }: Cycle,
  names: readonly string[],
  context: ContextState,
): ViolationFacts {
  const who = [...acting].sort((a, b) => a - b).map((actor) => `"${names[actor] ?? ''}"`);
  const round = steps === 1 ? 'the same step' : `the same ${String(steps)} steps`;
  return {
    rule: 'livelock',
    severity: 'bug',
    what:
      who.length === 1
        ? `${who.join()} repeats ${round} for ever, and no other actor can change that`
        : `${who.join(' and ')} repeat ${round} for ever, and none of them gets on`,
    context,
  };
}
