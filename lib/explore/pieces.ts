/**
 * Explores a search, or pieces of one, as one of several workers that share it.
 */
import { formatSchedule } from './choice.ts';
import { runSchedule } from './drive.ts';
import { Execution } from './execution/execution.ts';
import type { Counts } from './outcome.ts';
import type { Program } from './program.ts';
import { Board, boardMemory } from './sharing/board.ts';
import type { Work } from './sharing/board.ts';
import { endedStatesMemory } from './sharing/ended-states.ts';
import type { EndedStatesMemory } from './sharing/ended-states.ts';
import { SharedSearch } from './sharing/shared-search.ts';
import { Debugger } from './sight/scopes.ts';
import { Sight } from './sight/sight.ts';
import type { Seen } from './sight/sight.ts';
import { steadily } from './steady.ts';
import { exhaustive } from './strategies/exhaustive.ts';
import { WHOLE, packPiece, unpackPiece } from './strategies/piece.ts';
import type { PackedPiece } from './strategies/piece.ts';
import { NondeterminismError } from './strategy.ts';
import { STOP } from './world.ts';

/** What workers are to explore. */
export interface PiecesJob {
  readonly pieces: readonly PackedPiece[];
  /** What the whole search has seen of the program when the pieces were made. */
  readonly seen: Seen;
  /** Whether one worker has to explore all of it, because tasks loop. */
  readonly isAlone?: boolean;
}

/** The memory of workers that explore one job together. */
export interface SharedSearchMemory {
  /** What was explored; later jobs of the same search can use it, too. */
  readonly states: EndedStatesMemory;
  /** Where they are, and what came of it; for one job only. */
  readonly board: SharedArrayBuffer;
}

/** When a worker gives back what is left. */
export interface PiecesOptions {
  /** What it shares with other workers. Default: it is the only one. */
  readonly memory?: SharedSearchMemory;
  /** Whether to stop at once; asked before each decision. */
  readonly isOver?: () => boolean;
  /**
   * Whether to stop after a schedule; asked after each, with the number of those that came to their end, and what is left
   * as far as this worker knows.
   */
  readonly isEnough?: (schedules: number, rest: () => readonly PackedPiece[]) => boolean;
}

/** What came of a job, whichever worker of those that share it found out. */
interface Verdict {
  /** All is explored. */
  readonly isEnd?: boolean;
  /** A schedule that broke a rule. */
  readonly found?: { readonly schedule: string; readonly rule: string };
  /** Why no conclusion can be drawn. */
  readonly nondeterministic?: { readonly what: string; readonly schedule: string };
  /** Whether tasks loop, so that one worker alone must explore all of it. */
  readonly loops?: boolean;
  /** More of the program than was seen before: all must start again with it. */
  readonly more?: Seen;
}

/** What came of a job. */
export interface PiecesResult extends Omit<Verdict, 'more'> {
  /** What this worker did. */
  readonly counts: Counts;
  /** What is left to explore, as far as this worker knows; the largest pieces first. */
  readonly rest: readonly PackedPiece[];
  /** What is seen of the program now. If it is more than in the job, all must start again with it. */
  readonly seen: Seen;
  /** Why some schedule could not be explored to its end. */
  readonly unexplored?: string;
}

/** What was seen of a program that did not run yet. */
export const NOT_SEEN: Seen = { unseen: [], partsRead: [], partsReadAtEnd: [] };

/** Makes the memory for workers that share a job, with room for about so many states. */
export function sharedSearchMemory(states?: number): SharedSearchMemory {
  return { states: endedStatesMemory(states), board: boardMemory() };
}

/** The same for a later job of the same search. */
export function nextSearchMemory({ states }: SharedSearchMemory): SharedSearchMemory {
  return { states, board: boardMemory() };
}

/** What those who share a job have done. */
export function workOn({ board }: SharedSearchMemory): Work {
  return new Board(board).work;
}

/** Whether one search has seen more than another. */
export function seesMore(now: Seen, before: Seen): boolean {
  return (
    // One line is as good as many: no order is left out any more.
    (now.unseen.length > 0 && before.unseen.length === 0) ||
    now.partsRead.some((part) => !before.partsRead.includes(part)) ||
    now.partsReadAtEnd.some((part) => !before.partsReadAtEnd.includes(part))
  );
}

/** Explores one program, job after job. */
export interface PieceExplorer {
  /** Explores until all is done, a rule is broken, more of the program is seen than before, or it is told to stop. */
  run(job: PiecesJob, options?: PiecesOptions): PiecesResult;
}

/** A worker for one program. */
export function pieceExplorer<S extends object>(program: Program<S>): PieceExplorer;
export function pieceExplorer(program: Program): PieceExplorer {
  return new Worker(program);
}

/** Room for the states of a worker that shares them with no other. */
const FEW_STATES = 2 ** 16;

class Worker implements PieceExplorer {
  private readonly sight = new Sight(Debugger.shared());
  private readonly world: Execution;

  constructor(program: Program) {
    this.world = new Execution(program, false, this.sight);
  }

  run(job: PiecesJob, options: PiecesOptions = {}): PiecesResult {
    return steadily(this.world, () => this.#run(job, options));
  }

  #run(job: PiecesJob, options: PiecesOptions): PiecesResult {
    const { world, sight } = this;
    sight.learn(job.seen);
    const memory = options.memory ?? sharedSearchMemory(FEW_STATES);
    const board = new Board(memory.board);
    const pieces = job.pieces.map((piece) => unpackPiece(piece, world.resources));
    const shared = new SharedSearch(pieces, { states: memory.states, board }, world.resources);
    const strategy = job.isAlone === true ? exhaustive() : shared;
    const start = Date.now();
    const stepsBefore = world.totalSteps;
    let schedules = 0;
    let pruned = 0;
    const did = (): Counts => ({
      schedules,
      steps: world.totalSteps - stepsBefore,
      states: strategy.states,
      pruned,
      milliseconds: Date.now() - start,
    });
    const rest = (): readonly PackedPiece[] =>
      strategy === shared ? shared.rest().map((piece) => packPiece(piece, world.resources)) : [WHOLE];
    const isOver = (): boolean => board.isDecided || options.isOver?.() === true;
    let isStopped = false;
    try {
      while (!board.isDecided && !isStopped) {
        if (!strategy.begin()) {
          board.decide(JSON.stringify({ isEnd: true, ...this.#survivor() } satisfies Verdict));
          break;
        }
        const ending = runSchedule(world, strategy, isOver);
        if (ending === 'pruned') pruned += 1;
        else if (ending === 'finished') schedules += 1;
        board.did(did());
        if (world.unexplored !== undefined) board.gap = world.unexplored;
        const verdict = this.#verdictOn(
          job.seen,
          ending === 'finished',
          strategy === shared && shared.sawLoop,
        );
        if (verdict !== undefined) board.decide(JSON.stringify(verdict));
        isStopped = ending === 'stopped' || options.isEnough?.(schedules, rest) === true;
      }
    } catch (error) {
      if (!(error instanceof NondeterminismError)) throw error;
      const nondeterministic = { what: error.message, schedule: formatSchedule(world.schedule) };
      board.decide(JSON.stringify({ nondeterministic } satisfies Verdict));
    }
    const { more, ...verdict } = verdictOf(board.verdict);
    const { gap } = board;
    return {
      counts: did(),
      rest: verdict.isEnd === true ? [] : rest(),
      seen: more ?? job.seen,
      ...(gap !== undefined && { unexplored: gap }),
      ...verdict,
    };
  }

  /** What the last schedule shows of the whole search. */
  #verdictOn(seen: Seen, isFinished: boolean, loops: boolean): Verdict | undefined {
    const { violation, schedule } = this.world;
    if (isFinished && violation !== undefined)
      return { found: { schedule: formatSchedule(schedule), rule: violation.rule } };
    if (seesMore(this.sight.seen, seen)) return { more: this.sight.seen };
    return loops ? { loops } : undefined;
  }

  /** State that outlives a schedule made every later one begin differently. */
  #survivor(): Pick<PiecesResult, 'nondeterministic'> {
    if (!this.world.isBlind) return {};
    this.world.begin(() => STOP);
    const what = this.sight.survivor();
    return what === undefined ? {} : { nondeterministic: { what, schedule: '' } };
  }
}

function verdictOf(text: string | undefined): Verdict {
  return text === undefined ? {} : written(JSON.parse(text));
}

// What a worker wrote.
function written(verdict: unknown): Verdict;
function written(verdict: unknown): unknown {
  return verdict;
}
