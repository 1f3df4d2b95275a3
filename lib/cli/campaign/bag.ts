/**
 * What is left of a campaign, and what came of it so far. It does not know who explores: threads or other machines.
 */
import { NOT_SEEN, WHOLE, seesMore } from 'scatterlist/explore';
import type { Counts, PackedPiece, PiecesResult, Seen, Work } from 'scatterlist/explore';

/** What one worker explores at a time. */
export interface Job {
  readonly pieces: readonly PackedPiece[];
  readonly seen: Seen;
  /** Whether one worker has to explore all of it, because tasks loop. */
  readonly isAlone: boolean;
  /** Workers of one machine share what they explored among jobs with the same name here. */
  readonly table: string;
}

/** All that must be known to go on. */
export interface Left {
  readonly pieces: readonly PackedPiece[];
  readonly seen: Seen;
  readonly counts: Counts;
  readonly unexplored?: string;
  readonly isAlone?: boolean;
}

export const NO_COUNTS: Counts = { schedules: 0, steps: 0, states: 0, pruned: 0, milliseconds: 0 };

export const NO_WORK: Work = { schedules: 0, steps: 0, states: 0, pruned: 0 };

/** A whole program. */
export const ALL: Left = { pieces: [WHOLE], seen: NOT_SEEN, counts: NO_COUNTS };

/** The pieces of a campaign. */
export class Bag {
  private pieces: PackedPiece[];
  private seen: Seen;
  private itsCounts: Counts;
  private itsUnexplored: string | undefined;
  private alone: boolean;
  #tables = 0;
  /** Jobs that are explored, and what is left of them. */
  readonly #out = new Map<Job, readonly PackedPiece[]>();
  /** Schedules that broke a rule. */
  readonly found: NonNullable<PiecesResult['found']>[] = [];
  nondeterministic: PiecesResult['nondeterministic'] = undefined;

  constructor(left: Left = ALL) {
    this.pieces = [...left.pieces];
    this.seen = left.seen;
    this.itsCounts = left.counts;
    this.itsUnexplored = left.unexplored;
    this.alone = left.isAlone === true;
  }

  /** Whether there are pieces to take. */
  get isEmpty(): boolean {
    return this.pieces.length === 0;
  }

  /** Whether nothing is left to explore, or no more needs to be. */
  get isDone(): boolean {
    return this.isDecided || (this.isEmpty && this.#out.size === 0);
  }

  /** Whether no more needs to be explored. */
  get isDecided(): boolean {
    return this.found.length > 0 || this.nondeterministic !== undefined;
  }

  get counts(): Counts {
    return this.itsCounts;
  }

  /** Why some schedule could not be explored to its end. */
  get unexplored(): string | undefined {
    return this.itsUnexplored;
  }

  /** Whether tasks were seen to loop, so that one worker explores alone. */
  get isAlone(): boolean {
    return this.alone;
  }

  get unseen(): readonly string[] {
    return this.seen.unseen;
  }

  /** The part that is explored, from 0 to 1. */
  get progress(): number {
    let left = 0;
    for (const { share } of this.#all()) left += share;
    return Math.min(1, Math.max(0, 1 - left));
  }

  /** All that is left, with what workers are exploring. */
  get left(): Left {
    return {
      pieces: this.#all(),
      seen: this.seen,
      counts: this.itsCounts,
      ...(this.itsUnexplored !== undefined && { unexplored: this.itsUnexplored }),
      ...(this.alone && { isAlone: true }),
    };
  }

  #all(): readonly PackedPiece[] {
    return [...this.pieces, ...[...this.#out.values()].flat()];
  }

  /** Deals what there is to so many workers; some may get nothing. */
  deal(workers: number): readonly Job[] {
    const piles = Array.from({ length: workers }, () => ({ share: 0, pieces: new Array<PackedPiece>() }));
    const pieces = this.pieces.sort((a, b) => b.share - a.share);
    this.pieces = [];
    for (const piece of pieces) {
      let least = piles[0];
      for (const pile of piles) if (least !== undefined && pile.share < least.share) least = pile;
      if (least === undefined) this.pieces.push(piece);
      else {
        least.share += piece.share;
        // The last that was left comes first, as in a search that is not divided.
        least.pieces.unshift(piece);
      }
    }
    const jobs = piles
      .filter((pile) => pile.pieces.length > 0)
      .map(({ pieces: own }) => ({
        pieces: own,
        seen: this.seen,
        isAlone: this.alone,
        table: String(this.#tables),
      }));
    for (const job of jobs) this.#out.set(job, job.pieces);
    return jobs;
  }

  /** Notes what is left of a job that goes on. */
  tell(job: Job, left: readonly PackedPiece[]): void {
    if (this.#out.has(job)) this.#out.set(job, left);
  }

  /** Takes the result of a job. */
  take(job: Job, result: PiecesResult): void {
    // Of a search that has started again since, only a violation counts.
    const isOld = !this.#out.delete(job);
    const { counts } = result;
    this.itsCounts = {
      schedules: this.itsCounts.schedules + counts.schedules,
      steps: this.itsCounts.steps + counts.steps,
      states: this.itsCounts.states + (isOld ? 0 : counts.states),
      pruned: this.itsCounts.pruned + counts.pruned,
      milliseconds: this.itsCounts.milliseconds,
    };
    if (result.found !== undefined) this.found.push(result.found);
    this.nondeterministic ??= result.nondeterministic;
    this.itsUnexplored ??= result.unexplored;
    if (isOld) return;
    if (seesMore(result.seen, this.seen)) this.#startAgain(result.seen);
    else if (result.loops === true) {
      this.alone = true;
      this.#startAgain(this.seen);
    } else this.pieces.push(...result.rest);
  }

  // What was left out so far may have mattered.
  #startAgain(seen: Seen): void {
    this.seen = seen;
    this.#tables += 1;
    this.pieces = [WHOLE];
    this.#out.clear();
    this.itsCounts = { ...this.itsCounts, states: 0 };
  }

  /** Sets the time that the whole took. */
  tookUntilNow(milliseconds: number): void {
    this.itsCounts = { ...this.itsCounts, milliseconds };
  }
}
