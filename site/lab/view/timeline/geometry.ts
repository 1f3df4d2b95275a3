/**
 * Where things lie on the timeline: a column of the same width for each moment, and a lane for each CPU, interrupt and
 * device.
 */
import type { Decision, Moment, ScheduleRun } from '../../session/messages.ts';

export const LANE_HEIGHT = 26;
/** Moments that are drawn at once; of a longer run, those around the moment that is shown. */
const MOST_MOMENTS = 400;
const WIDEST = 40;
const NARROWEST = 7;
/** The width that a run of many moments is fitted to. */
const FITS = 1100;

/** Moments of one step of one actor, side by side. */
export interface Block {
  readonly from: number;
  /** The moment behind its last. */
  readonly to: number;
  readonly column: number;
  readonly actor: number;
  readonly step: number;
}

/** What is drawn, and how wide. */
export interface Geometry {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly blocks: readonly Block[];
}

/** Lays a run out around a moment. */
export function geometryOf({ moments }: Pick<ScheduleRun, 'moments'>, at: number): Geometry {
  const from = Math.max(0, Math.min(at - MOST_MOMENTS / 2, moments.length - MOST_MOMENTS));
  const to = Math.min(moments.length, from + MOST_MOMENTS);
  const width = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(FITS / (to - from))));
  return { from, to, width, blocks: blocksOf(moments, from, to) };
}

function blocksOf(moments: readonly Moment[], from: number, to: number): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = from; at < to; at += 1) {
    const moment = moments[at];
    if (moment === undefined || moment.column < 0) continue;
    const { column, actor, step } = moment;
    const last = blocks.at(-1);
    if (last?.to === at && last.column === column && last.actor === actor && last.step === step)
      blocks[blocks.length - 1] = { ...last, to: at + 1 };
    else blocks.push({ from: at, to: at + 1, column, actor, step });
  }
  return blocks;
}

/** The left edge of a moment. */
export function leftOf({ from, width }: Geometry, moment: number): number {
  return (moment - from) * width;
}

/** The moment at a place, of those that are drawn. */
export function momentAt({ from, to, width }: Geometry, x: number): number {
  return Math.max(from, Math.min(to - 1, from + Math.floor(x / width)));
}

/** The decision that led to a moment: the last one made before it. */
export function decisionAt(decisions: readonly Decision[], moment: number): Decision | undefined {
  return decisions.findLast((decision) => decision.moment <= moment);
}
