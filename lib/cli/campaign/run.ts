/**
 * Runs a campaign: deals what is left to workers until it is explored, a rule is broken, or a limit is reached.
 */
import type { Budget, Counts, OutOfBudget, PackedPiece, PiecesResult, Work } from 'scatterlist/explore';
import type { Bag, Job } from './bag.ts';

/** Those who explore. */
export interface Crew {
  /** How many they are, for the line about the progress. */
  readonly title: string;
  /** Jobs that can run at the same time now. */
  readonly size: number;
  /** What those that run have done so far, where that can be told. */
  readonly work: Work;
  /** Runs a job; `onLeft` is told now and then what is left of it. */
  run(job: Job, onLeft: (left: readonly PackedPiece[]) => void): Promise<PiecesResult>;
  /** Asks what is left of the jobs that run. */
  ask(): void;
  /** Has all jobs end soon with what they have. */
  stop(): void;
}

/** What bounds a campaign, and who is told. */
export interface CampaignOptions {
  readonly budget?: Budget;
  /** Stops it from outside. */
  readonly signal?: AbortSignal;
  /** Told now and then. */
  readonly onProgress?: (counts: Counts, progress: number) => void;
}

const LOOK_EVERY_MS = 50;
const TELL_EVERY_MS = 250;
/** The time that a job has to end when it is told to. */
const LAST_MS = 5000;
/** One worker is enough for programs that take no longer. */
const ALONE_MS = 500;

/** Explores what is in a bag. Returns the limit that was reached first, if one was. */
export async function runCampaign(
  bag: Bag,
  crew: Crew,
  { budget = {}, signal, onProgress }: CampaignOptions = {},
): Promise<OutOfBudget['limit'] | undefined> {
  const start = Date.now();
  const before = bag.counts.milliseconds;
  const running = new Set<Promise<void>>();
  let limit: OutOfBudget['limit'] | undefined;
  let told = 0;
  let overAt: number | undefined;
  const begin = (job: Job): void => {
    const one = crew
      .run(job, (left) => {
        bag.tell(job, left);
      })
      .then((result) => {
        bag.take(job, result);
        running.delete(one);
      });
    running.add(one);
  };
  for (;;) {
    const spent = Date.now() - start;
    bag.tookUntilNow(before + spent);
    const counts = sum(bag.counts, crew.work);
    limit ??= limitOf(counts, spent, budget, signal);
    const isOver = limit !== undefined || bag.isDecided;
    if (isOver) {
      overAt ??= spent;
      crew.stop();
    } else {
      const idle = (spent < ALONE_MS ? 1 : crew.size) - running.size;
      if (idle > 0 && !bag.isEmpty) for (const job of bag.deal(idle)) begin(job);
    }
    // What does not come back is left for later.
    const isLate = overAt !== undefined && spent - overAt > LAST_MS;
    if (running.size === 0 || isLate) return bag.isDone ? undefined : limit;
    if (spent - told >= TELL_EVERY_MS) {
      told = spent;
      crew.ask();
      onProgress?.(counts, bag.progress);
    }
    await Promise.race([...running, later(LOOK_EVERY_MS)]);
  }
}

function limitOf(
  counts: Counts,
  spent: number,
  budget: Budget,
  signal: AbortSignal | undefined,
): OutOfBudget['limit'] | undefined {
  if (signal?.aborted === true) return 'stopped';
  if (counts.schedules >= (budget.schedules ?? Infinity)) return 'schedules';
  if (counts.steps >= (budget.steps ?? Infinity)) return 'steps';
  return spent >= (budget.milliseconds ?? Infinity) ? 'milliseconds' : undefined;
}

/** What was done before and is done now. */
export function sum(counts: Counts, { schedules, steps, states, pruned }: Work): Counts {
  return {
    schedules: counts.schedules + schedules,
    steps: counts.steps + steps,
    states: counts.states + states,
    pruned: counts.pruned + pruned,
    milliseconds: counts.milliseconds,
  };
}

function later(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
