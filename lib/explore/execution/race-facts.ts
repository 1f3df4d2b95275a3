/**
 * What leaving orders out by races needs to know of a program.
 */
import type { Program } from '../program.ts';
import type { Held, RaceFacts } from '../world.ts';

/** What is known of the schedule that runs. */
interface Now {
  /** Whether it has ended although an actor could have done more. */
  isCut(): boolean;
  mayStayAway(actor: number): boolean;
  held(): ReadonlyMap<number, Held>;
}

/**
 * The facts; `undefined` where footprints do not say all. To which CPU a task may move depends on more than the footprints
 * of steps; so does what an allowed break leaves behind, and a judgement of the whole order.
 */
export function raceFacts(program: Program, now: Now): RaceFacts | undefined {
  const { migrate, dataRaces, starvationBound, allow = [], tasks } = program;
  const isFollowed = migrate !== true && dataRaces !== true && starvationBound === undefined;
  if (!isFollowed || allow.length > 0) return undefined;
  const count = Object.keys(tasks).length;
  return {
    get isCut() {
      return now.isCut();
    },
    isOnlyWoken: (actor) => actor < count,
    mayStayAway: (actor) => now.mayStayAway(actor),
    held: () => now.held(),
  };
}
