/**
 * What leaving orders out by races needs to know of a program.
 */
import type { Program } from '../program.ts';
import type { RaceFacts } from '../world.ts';

/**
 * The facts; `undefined` where footprints do not say all. When an interrupt may arrive, and to which CPU a task may move,
 * depends on more than the footprints of steps; so does what an allowed break leaves behind, and a judgement of the whole
 * order.
 */
export function raceFacts(program: Program, isCut: () => boolean): RaceFacts | undefined {
  const { interrupts = {}, migrate, dataRaces, starvationBound, allow = [], tasks } = program;
  const isFollowed = migrate !== true && dataRaces !== true && starvationBound === undefined;
  if (!isFollowed || allow.length > 0 || Object.keys(interrupts).length > 0) return undefined;
  const count = Object.keys(tasks).length;
  return {
    get isCut() {
      return isCut();
    },
    isOnlyWoken: (actor) => actor < count,
  };
}
