/**
 * Explores a program: drives it through the schedules that a strategy chooses, until a rule is broken,
 * nothing is left, or the budget is used up.
 */
import { checkOptions } from '../base/options.ts';
import type { Violation } from '../machine/violation.ts';
import { actorOf, formatSchedule, isInner } from './choice.ts';
import type { Choice } from './choice.ts';
import { runSchedule } from './drive.ts';
import { Execution } from './execution/execution.ts';
import { explain } from './explain.ts';
import { switchesOf } from './outcome.ts';
import type { Counts, Nondeterministic, Outcome, OutOfBudget } from './outcome.ts';
import type { Program } from './program.ts';
import { shrink } from './shrink.ts';
import { Debugger } from './sight/scopes.ts';
import { Sight } from './sight/sight.ts';
import { exhaustive } from './strategies/exhaustive.ts';
import { steadily } from './steady.ts';
import { Stopwatch, checkLimit } from './stopwatch.ts';
import type { StopSignal } from './stopwatch.ts';
import { NondeterminismError } from './strategy.ts';
import type { Strategy } from './strategy.ts';
import { STOP } from './world.ts';

/** Where exploring stops although something is left. */
export interface Budget {
  readonly schedules?: number;
  readonly steps?: number;
  readonly milliseconds?: number;
}

/** The end of one schedule, for those who want to see each. */
export interface ScheduleEnd {
  readonly schedule: readonly Choice[];
  readonly violation: Violation | undefined;
}

/** How `explore` goes about it. */
export interface ExploreOptions {
  /** Default: a minute. */
  readonly budget?: Budget;
  /** Shrink the schedule that was found. Default true. */
  readonly shrink?: boolean;
  /** Stops exploring and shrinking, for example an `AbortSignal` that `onProgress` aborts. */
  readonly signal?: StopSignal;
  /** Told of every schedule that ended; with it, exploring goes on after a violation if it returns true. */
  readonly onSchedule?: (end: ScheduleEnd) => boolean | void;
  /**
   * Told now and then how far it is; while what was found is shrunk, with the milliseconds that are left for that; while
   * it is run once more for the report, with the part of the schedule that was.
   */
  readonly onProgress?: (
    counts: Counts,
    progress: number | undefined,
    shrinkingMs?: number,
    toldPart?: number,
  ) => void;
}

const DEFAULT_BUDGET: Budget = { milliseconds: 60_000 };
/** The time that shrinking has: what is left of the budget, within these bounds. */
const SHRINK_MS = { least: 1000, most: 10_000 } as const;
/** The time for the run that the report is made of: so many times what exploring took, within these bounds. */
const TELL_MS = { times: 10, least: 5000, most: 60_000 } as const;
const PROGRESS_EVERY_MS = 250;

/**
 * Explores a program with a strategy; by default every schedule, with what needs no exploring left out.
 *
 * @example
 * ```ts
 * const outcome = explore(program, exhaustive());
 * if (outcome.kind === 'violation')
 *   console.log(formatReport(explain(program, parseSchedule(outcome.schedule))));
 * ```
 */
export function explore<S extends object>(
  program: Program<S>,
  strategy?: Strategy,
  options?: ExploreOptions,
): Outcome;
export function explore(
  program: Program,
  strategy: Strategy = exhaustive(),
  options: ExploreOptions = {},
): Outcome {
  checkExploreOptions(options);
  return new Exploration(program, strategy, options).run();
}

function checkExploreOptions(options: ExploreOptions): void {
  checkOptions('explore', options, {
    budget: 'object',
    shrink: 'boolean',
    signal: 'object',
    onSchedule: 'function',
    onProgress: 'function',
  });
  const { budget = {} } = options;
  checkOptions('budget', budget, { schedules: 'number', steps: 'number', milliseconds: 'number' });
  for (const [name, most] of Object.entries<number | undefined>({ ...budget }))
    checkLimit(`budget.${name}`, most);
}

class Exploration {
  private readonly program: Program;
  private readonly strategy: Strategy;
  private readonly options: ExploreOptions;
  private readonly world: Execution;
  private readonly sight: Sight | undefined;
  private readonly watch: Stopwatch;
  #lastProgress = 0;
  #isBlind = false;
  #partsRead = 0;
  #schedules = 0;
  #pruned = 0;
  /** The first violation, where exploring goes on after it. */
  #first: ScheduleEnd | undefined = undefined;

  constructor(program: Program, strategy: Strategy, options: ExploreOptions) {
    this.program = program;
    this.strategy = strategy;
    this.options = options;
    this.sight = strategy.leavesOut === true ? new Sight(Debugger.shared()) : undefined;
    this.world = new Execution(program, false, this.sight);
    this.world.rounds.losesPatience = true;
    this.world.rounds.looksForLoops = strategy.looksForLoops !== false;
    const onLook = (elapsed: number): void => {
      if (elapsed - this.#lastProgress > PROGRESS_EVERY_MS) this.#tell(elapsed);
    };
    this.watch = new Stopwatch(this.#budget.milliseconds ?? Infinity, onLook, options.signal);
  }

  get #budget(): Budget {
    return this.options.budget ?? DEFAULT_BUDGET;
  }

  #tell(elapsed: number, shrinkingMs?: number, toldPart?: number): void {
    this.#lastProgress = elapsed;
    this.options.onProgress?.(this.#counts(), this.strategy.progress, shrinkingMs, toldPart);
  }

  /** The same, unless it was told a moment ago. */
  #tellAgain(shrinkingMs: (elapsed: number) => number, toldPart?: number): void {
    const elapsed = this.watch.milliseconds;
    if (elapsed - this.#lastProgress > PROGRESS_EVERY_MS) this.#tell(elapsed, shrinkingMs(elapsed), toldPart);
  }

  run(): Outcome {
    return steadily(this.world, () => this.#run());
  }

  #run(): Outcome {
    const strategy = this.strategy;
    const isOver = (): boolean => this.watch.isOver() || this.world.totalSteps >= mostSteps;
    const mostSteps = this.#budget.steps ?? Infinity;
    try {
      while (strategy.begin()) {
        const ending = runSchedule(this.world, strategy, isOver);
        if (ending === 'pruned') this.#pruned += 1;
        else if (ending === 'finished') {
          this.#schedules += 1;
          const { schedule, violation } = this.world;
          const goOn = this.options.onSchedule?.({ schedule, violation }) === true;
          if (violation !== undefined) {
            this.#first ??= { schedule, violation };
            if (!goOn) break;
          }
        }
        this.#startAgainIfMoreIsSeen();
        const end = this.#overBudget();
        if (end === undefined) continue;
        if (this.#first === undefined) return this.#outOfBudget(end);
        break;
      }
    } catch (error) {
      if (!(error instanceof NondeterminismError)) throw error;
      return {
        ...this.#head(),
        kind: 'nondeterministic',
        what: error.message,
        schedule: this.#scheduleText(),
      };
    }
    if (this.#first !== undefined) return this.#found(this.#first);
    if (this.strategy.isComplete !== true) return this.#outOfBudget({ limit: 'strategy' });
    const what = this.world.unexplored;
    if (what !== undefined)
      return this.#outOfBudget({ limit: this.world.rounds.hasEndless ? 'loops' : 'handlers', what });
    return this.#survivor() ?? { ...this.#head(), kind: 'exhausted' };
  }

  // As long as all was seen to stay as it is, nothing was wrongly left out before the step that shows otherwise.
  #startAgainIfMoreIsSeen(): void {
    const { isBlind, pace, partsRead } = this.world;
    const seesMore = this.#isBlind !== isBlind || this.#partsRead !== partsRead;
    const offersOthers = pace.patience.settle();
    this.#isBlind = isBlind;
    this.#partsRead = partsRead;
    if (offersOthers || (seesMore && this.#schedules + this.#pruned > 1)) this.strategy.restart?.();
  }

  /** State that outlives a schedule made every later one begin differently, so nothing was explored to its end. */
  #survivor(): Nondeterministic | undefined {
    if (!this.#isBlind) return undefined;
    // The set-up may set it.
    this.world.begin(() => STOP);
    const what = this.sight?.survivor();
    return what === undefined ? undefined : { ...this.#head(), kind: 'nondeterministic', what, schedule: '' };
  }

  #head(): { readonly strategy: string; readonly counts: Counts; readonly unseen: readonly string[] } {
    return { strategy: this.strategy.name, counts: this.#counts(), unseen: this.sight?.unseen ?? [] };
  }

  #scheduleText(): string {
    return formatSchedule(this.world.schedule);
  }

  #counts(): Counts {
    return {
      schedules: this.#schedules,
      steps: this.world.totalSteps,
      states: this.strategy.states,
      pruned: this.#pruned,
      milliseconds: this.watch.milliseconds,
    };
  }

  #overBudget(): Pick<OutOfBudget, 'limit' | 'what'> | undefined {
    const budget = this.#budget;
    if (this.#schedules >= (budget.schedules ?? Infinity)) return { limit: 'schedules' };
    if (this.world.totalSteps >= (budget.steps ?? Infinity)) return { limit: 'steps' };
    // A schedule without a step counts as one.
    return this.watch.isOver() ? this.watch.end : undefined;
  }

  #outOfBudget(end: Pick<OutOfBudget, 'limit' | 'what'>): Outcome {
    const { unexplored: what } = this.world;
    const why = what === undefined ? {} : { what };
    return { ...this.#head(), kind: 'outOfBudget', ...why, ...end, progress: this.strategy.progress };
  }

  // The report comes from a run with traces and lines on, of the smallest schedule that still fails.
  #found({ schedule, violation }: ScheduleEnd): Outcome {
    const head = this.#head();
    const rule = violation?.rule;
    let isSmallest = true;
    const milliseconds = this.#timeToShrink();
    const end = this.watch.milliseconds + milliseconds;
    const { signal } = this.options;
    const small =
      this.options.shrink === false || rule === undefined
        ? schedule
        : shrink(this.program, schedule, rule, {
            milliseconds,
            ...(signal !== undefined && { signal }),
            onStep: () => {
              this.#tellAgain((elapsed) => Math.max(0, end - elapsed));
            },
            onStopped: () => {
              isSmallest = false;
            },
          });
    const told = explain(this.program, small, {
      milliseconds: Math.max(TELL_MS.least, Math.min(TELL_MS.most, TELL_MS.times * head.counts.milliseconds)),
      // What was found until it was stopped is told.
      ...(signal?.aborted === false && { signal }),
      onProgress: (taken, all) => {
        this.#tellAgain(() => 0, taken / all);
      },
    });
    // The run that found it tells less, and is as right.
    const isCut = told.stopped === true;
    const broken = isCut ? violation : told.violation;
    if (broken === undefined) {
      return {
        ...head,
        kind: 'nondeterministic',
        what: `${rule ?? 'a violation'} did not happen again under the same schedule`,
        schedule: formatSchedule(schedule),
      };
    }
    return {
      ...head,
      kind: 'violation',
      violation: broken,
      schedule: formatSchedule(isCut ? small : told.schedule),
      switches: switchesOf(isCut ? actorsOf(small) : told.steps.map(({ actor }) => actor)),
      ...(isSmallest ? {} : { shrinkingStopped: true }),
    };
  }

  #timeToShrink(): number {
    const left = (this.#budget.milliseconds ?? Infinity) - this.watch.milliseconds;
    return Math.max(SHRINK_MS.least, Math.min(SHRINK_MS.most, left));
  }
}

function actorsOf(schedule: readonly Choice[]): readonly number[] {
  return schedule.filter((choice) => !isInner(choice)).map(actorOf);
}
