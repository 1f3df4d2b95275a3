/**
 * Explores pieces of a search, as one of several workers that share it.
 *
 * A piece that is not finished is given back in smaller ones. What a worker enters in the shared states counts as
 * explored because every piece is finished by one of them: if the result of one is lost, the states that were entered meanwhile
 * must not be used again.
 */
import type { Choice } from './choice.ts';
import { formatSchedule } from './choice.ts';
import { runSchedule } from './drive.ts';
import { Execution } from './execution/execution.ts';
import type { Counts } from './outcome.ts';
import type { Program } from './program.ts';
import { Debugger } from './sight/scopes.ts';
import { Sight } from './sight/sight.ts';
import type { Seen } from './sight/sight.ts';
import { steadily } from './steady.ts';
import { Exhaustive } from './strategies/exhaustive.ts';
import { packPiece, unpackPiece } from './strategies/piece.ts';
import type { PackedPiece } from './strategies/piece.ts';
import { SharedStates } from './strategies/shared-states.ts';
import type { SharedStatesMemory } from './strategies/shared-states.ts';
import { OwnStates } from './strategies/visited.ts';
import { NondeterminismError } from './strategy.ts';
import { STOP } from './world.ts';

/** What one worker is to explore. */
export interface PiecesJob {
  readonly pieces: readonly PackedPiece[];
  /** What the whole search has seen of the program when the pieces were made. */
  readonly seen: Seen;
}

/** When a worker gives back what is left. */
export interface PiecesOptions {
  /** Visited states that it shares with other workers. Default: those of this job alone. */
  readonly states?: SharedStatesMemory;
  /** Whether to stop at once; asked before each decision. */
  readonly isOver?: () => boolean;
  /** Whether to stop after a schedule; asked after each, with the number of those that came to their end. */
  readonly isEnough?: (schedules: number) => boolean;
}

/** What came of a job. */
export interface PiecesResult {
  readonly counts: Counts;
  /** What is left to explore, the largest pieces first. */
  readonly rest: readonly PackedPiece[];
  /** What is seen of the program now. If it is more than in the job, all must start again with it. */
  readonly seen: Seen;
  /** A schedule that broke a rule. */
  readonly found?: { readonly schedule: string; readonly rule: string };
  /** Why nothing can be concluded. */
  readonly nondeterministic?: { readonly what: string; readonly schedule: string };
  /** Why some schedule could not be explored to its end. */
  readonly unexplored?: string;
}

/** What was seen of a program that did not run yet. */
export const NOT_SEEN: Seen = { unseen: [], partsRead: [], partsReadAtEnd: [] };

/** Whether one search has seen more than another. */
export function seesMore(now: Seen, before: Seen): boolean {
  return (
    // One line is as good as many: no order is left out any more.
    (now.unseen.length > 0 && before.unseen.length === 0) ||
    now.partsRead.some((part) => !before.partsRead.includes(part)) ||
    now.partsReadAtEnd.some((part) => !before.partsReadAtEnd.includes(part))
  );
}

/** Explores pieces of one program, job after job. */
export interface PieceExplorer {
  /** Explores until all is done, a rule is broken, more of the program is seen than before, or it is told to stop. */
  run(job: PiecesJob, options?: PiecesOptions): PiecesResult;
}

/** A worker for one program. */
export function pieceExplorer<S extends object>(program: Program<S>): PieceExplorer;
export function pieceExplorer(program: Program): PieceExplorer {
  return new Worker(program);
}

class Worker implements PieceExplorer {
  private readonly sight = new Sight(Debugger.shared());
  private readonly world: Execution;

  constructor(program: Program) {
    this.world = new Execution(program, false, this.sight);
  }

  run(job: PiecesJob, options: PiecesOptions = {}): PiecesResult {
    return steadily(this.world, () => this.#run(job, options));
  }

  #run({ pieces, seen }: PiecesJob, { states, isOver, isEnough }: PiecesOptions): PiecesResult {
    const { world, sight } = this;
    sight.learn(seen);
    const visited = states === undefined ? new OwnStates() : new SharedStates(states);
    const part = { pieces: pieces.map((piece) => unpackPiece(piece, world.resources)), visited };
    const strategy = new Exhaustive({}, part);
    const start = Date.now();
    const stepsBefore = world.totalSteps;
    let schedules = 0;
    let pruned = 0;
    const result = (more: Partial<PiecesResult> = {}): PiecesResult => ({
      counts: {
        schedules,
        steps: world.totalSteps - stepsBefore,
        states: visited.size,
        pruned,
        milliseconds: Date.now() - start,
      },
      rest: strategy.rest().map((piece) => packPiece(piece, world.resources)),
      seen: sight.seen,
      ...(world.unexplored !== undefined && { unexplored: world.unexplored }),
      // What goes round for ever may lie across several pieces.
      ...(strategy.sawLoop && { unexplored: 'a task loops, and only one worker alone can follow loops' }),
      ...more,
    });
    try {
      while (strategy.begin()) {
        const ending = runSchedule(world, strategy, isOver);
        if (ending === 'pruned') pruned += 1;
        else if (ending === 'finished') schedules += 1;
        const { violation, schedule } = world;
        if (ending === 'finished' && violation !== undefined)
          return result({ found: { schedule: formatSchedule(schedule), rule: violation.rule } });
        if (ending === 'stopped' || seesMore(sight.seen, seen) || isEnough?.(schedules) === true)
          return result();
      }
    } catch (error) {
      if (!(error instanceof NondeterminismError)) throw error;
      return result({ nondeterministic: { what: error.message, schedule: this.#scheduleText() } });
    }
    return result(this.#survivor());
  }

  /** State that outlives a schedule made every later one begin differently. */
  #survivor(): Pick<PiecesResult, 'nondeterministic'> {
    if (!this.world.isBlind) return {};
    this.world.begin(() => STOP);
    const what = this.sight.survivor();
    return what === undefined ? {} : { nondeterministic: { what, schedule: '' } };
  }

  #scheduleText(): string {
    const schedule: readonly Choice[] = this.world.schedule;
    return formatSchedule(schedule);
  }
}
