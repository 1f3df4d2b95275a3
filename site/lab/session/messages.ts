/**
 * What the page asks of the worker, and what the worker answers.
 *
 * A page does not send these itself: `LabClient` in `client.ts` does, with a promise for each request.
 */
import type { Configuration, ProgramText } from './program.ts';
import type { Snapshot } from './snapshot.ts';

/** Something that takes steps in a program. Schedules number the actors as they stand in `Loaded.actors`. */
export interface ActorPicture {
  readonly index: number;
  readonly name: string;
  readonly kind: 'task' | 'softirq' | 'hardirq' | 'nmi' | 'device';
  /** The line of the editor where it is written, if it is found. */
  readonly line: number | undefined;
}

/** A program that is ready to run. */
export interface Loaded {
  readonly name: string;
  readonly actors: readonly ActorPicture[];
  /** The machine as it is with the configuration. */
  readonly machine: Required<Pick<Configuration, 'cpus' | 'highmem' | 'preemptRt' | 'pkmapSlots'>>;
  /** For a port: what can be chosen. */
  readonly port:
    | {
        readonly backends: readonly string[];
        readonly variants: readonly string[];
        /** What is chosen. */
        readonly backend: string;
        readonly variant: string;
      }
    | undefined;
}

/** Something that could happen next. */
export interface Option {
  /** The decision as schedules write it: `0`, `2@1`, `_` (no interrupt arrives here), `end`, `=3`. */
  readonly text: string;
  /** The actor that would act, -1 for the others. */
  readonly actor: number;
  /** The CPU that the decision names, -1 if it names none. */
  readonly cpu: number;
}

/** One decision of a schedule. */
export interface Decision extends Option {
  /** Its place in the schedule. */
  readonly at: number;
  /** The first moment after it. */
  readonly moment: number;
  /** Whether it was made at a marked point inside a step: an interrupt arrives there, or none does; or a value is chosen. */
  readonly isInner: boolean;
  /** All that could have happened here, the decision among them. */
  readonly options: readonly Option[];
}

/** The beginning, or one thing that happened. A view steps from moment to moment. */
export interface Moment {
  /** The step of the timeline, counted from 0; -1 for the set-up. */
  readonly step: number;
  /** The actor's number, -1 for the set-up and the final check. */
  readonly actor: number;
  /** The column of the timeline: an index into `ScheduleRun.columns`, -1 for the set-up. */
  readonly column: number;
  /** What happened, in a few words. */
  readonly text: string;
  /** The line of the program that did it. */
  readonly line: number | undefined;
  readonly kind: 'setup' | 'event' | 'step' | 'violation' | 'note' | 'end';
}

/** A line that the program wrote, by `console.log` or `note`. */
export interface ConsoleLine {
  readonly moment: number;
  readonly text: string;
}

/** A rule that a schedule broke. */
export interface ViolationPicture {
  readonly rule: string;
  /** The rule in a few words. */
  readonly title: string;
  /** What was done. */
  readonly what: string;
  /** The report as the command prints it, without the timeline. */
  readonly report: string;
  readonly details: readonly { readonly label: string; readonly text: string }[];
  /** What Linux sees of it. */
  readonly linux: string;
  readonly advice: string;
  readonly moment: number;
  readonly line: number | undefined;
}

/** A schedule that was run. */
export interface ScheduleRun {
  /** As one word, for `run`, a link and `scatterlist replay`. */
  readonly schedule: string;
  /** Columns of the timeline: a CPU each, then an interrupt or a device each. */
  readonly columns: readonly string[];
  readonly decisions: readonly Decision[];
  /** At least one. The first is the machine after `setup`. */
  readonly moments: readonly Moment[];
  readonly console: readonly ConsoleLine[];
  readonly violation: ViolationPicture | undefined;
  /** `ended`: no rule was broken. `tooLong`: it was cut, because it had more steps than the page shows. */
  readonly ending: 'violation' | 'ended' | 'tooLong';
  /** Set if a decision of the given schedule was not possible and the nearest possible one was taken: which, and why. */
  readonly repaired: string | undefined;
}

/** A way to search. */
export type SearchStrategy =
  | { readonly kind: 'exhaustive' }
  | { readonly kind: 'preemptionBound'; readonly bound: number }
  | { readonly kind: 'random'; readonly seed: number }
  | { readonly kind: 'pct'; readonly seed: number; readonly depth: number };

/** Where a search stops although something is left. */
interface SearchBounds {
  readonly milliseconds?: number;
  readonly schedules?: number;
}

/** How far a search is. */
export interface SearchProgress {
  readonly schedules: number;
  readonly steps: number;
  readonly states: number;
  readonly pruned: number;
  readonly milliseconds: number;
  /** From 0 to 1, where the strategy can tell. */
  readonly part: number | undefined;
  /** Whether it has found something and now makes it shorter. */
  readonly isShrinking: boolean;
}

/** What a search came to. */
export interface SearchResult {
  readonly kind: 'violation' | 'exhausted' | 'outOfBudget' | 'nondeterministic' | 'cancelled';
  readonly counts: Omit<SearchProgress, 'part' | 'isShrinking'>;
  /** The schedule that was found, run. */
  readonly found: ScheduleRun | undefined;
  /** One sentence: what was found, or what is now known. */
  readonly verdict: string;
  /** What was looked at, a sentence each. */
  readonly lookedAt: readonly string[];
  /** What was not, a sentence each: what the bounds leave out, and state that the explorer cannot follow. */
  readonly notLookedAt: readonly string[];
}

/** Why a request was refused: one line, and where in the editor. */
export interface Refusal {
  readonly text: string;
  readonly line?: number;
  readonly column?: number;
}

/** An answer: a value, or why there is none. */
export type Reply<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Refusal };

/** The requests by name: what each is given, and what it answers. */
export interface Requests {
  /** Transpiles the program and makes it ready; it replaces the one before. */
  load: { readonly given: LoadRequest; readonly answer: Loaded };
  /** Runs a schedule, the plain order of `scatterlist run` if none is given; it replaces the run before. */
  run: { readonly given: { readonly schedule?: string }; readonly answer: ScheduleRun };
  /** The machine at a moment of the last run. */
  snapshot: { readonly given: { readonly moment: number }; readonly answer: Snapshot };
  /** Takes one of the options of a decision of the last run instead, and runs what follows as before. */
  decide: { readonly given: { readonly at: number; readonly option: string }; readonly answer: ScheduleRun };
  /** Lets an interrupt arrive before a decision of the last run, and not where it arrived before. */
  moveInterrupt: { readonly given: MoveRequest; readonly answer: ScheduleRun };
  /** Searches through the orders of events. */
  explore: { readonly given: ExploreRequest; readonly answer: SearchResult };
}

/** What `load` is given. */
export interface LoadRequest {
  readonly program: ProgramText;
  readonly configuration: Configuration;
}

/** What `moveInterrupt` is given. */
export interface MoveRequest {
  readonly actor: number;
  /** The decision before which it is to arrive: its place in the schedule. */
  readonly before: number;
  /** The CPU, for an interrupt that may arrive on any. */
  readonly cpu?: number;
}

/** What `explore` is given. */
export interface ExploreRequest {
  readonly strategy: SearchStrategy;
  readonly bounds: SearchBounds;
}

/** The name of a request. */
export type RequestName = keyof Requests;

/** A request as it is sent to the worker. */
export type RequestMessage = {
  [Name in RequestName]: {
    readonly id: number;
    readonly name: Name;
    readonly given: Requests[Name]['given'];
  };
}[RequestName];

/** What the worker sends. */
export type WorkerMessage =
  | { readonly id: number; readonly kind: 'answer'; readonly reply: Reply<Requests[RequestName]['answer']> }
  | { readonly id: number; readonly kind: 'progress'; readonly progress: SearchProgress };
