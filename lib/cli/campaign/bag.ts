/**
 * What is left of a campaign, and what came of it so far. It does not know who explores: threads or other machines.
 */
import { NOT_SEEN, WHOLE, seesMore } from 'scatterlist/explore';
import type { Counts, PackedPiece, PiecesResult, Seen } from 'scatterlist/explore';

/** What one worker explores at a time. */
export interface Job {
  readonly pieces: readonly PackedPiece[];
  readonly seen: Seen;
  /** Workers of one machine share visited states among jobs with the same name here. */
  readonly table: string;
}

/** All that must be known to go on. */
export interface Left {
  readonly pieces: readonly PackedPiece[];
  readonly seen: Seen;
  readonly counts: Counts;
  readonly unexplored?: string;
}

export const NO_COUNTS: Counts = { schedules: 0, steps: 0, states: 0, pruned: 0, milliseconds: 0 };

/** A whole program. */
export const ALL: Left = { pieces: [WHOLE], seen: NOT_SEEN, counts: NO_COUNTS };

/** The pieces of a campaign. */
export class Bag {
  private pieces: PackedPiece[];
  private seen: Seen;
  private itsCounts: Counts;
  private itsUnexplored: string | undefined;
  #tables = 0;
  readonly #out = new Set<Job>();
  /** Schedules that broke a rule. */
  readonly found: NonNullable<PiecesResult['found']>[] = [];
  nondeterministic: PiecesResult['nondeterministic'] = undefined;

  constructor(left: Left = ALL) {
    this.pieces = [...left.pieces];
    this.seen = left.seen;
    this.itsCounts = left.counts;
    this.itsUnexplored = left.unexplored;
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
    };
  }

  #all(): readonly PackedPiece[] {
    return [...this.pieces, ...[...this.#out].flatMap((job) => job.pieces)];
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
      .map((pile) => ({ pieces: pile.pieces, seen: this.seen, table: String(this.#tables) }));
    for (const job of jobs) this.#out.add(job);
    return jobs;
  }

  /**
   * Takes the result of a job. If another worker had it before and was lost, states were entered that it did not explore
   * to the end, so the jobs from now on share other tables.
   */
  take(job: Job, result: PiecesResult, wasLost = false): void {
    if (wasLost) this.#tables += 1;
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
    else this.pieces.push(...result.rest);
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
