/**
 * Everything that the page shows.
 */
import type {
  Loaded,
  Refusal,
  ScheduleRun,
  SearchProgress,
  SearchResult,
  SearchStrategy,
} from '../session/messages.ts';
import type { Configuration, ExampleEntry, ProgramText } from '../session/program.ts';
import type { Snapshot } from '../session/snapshot.ts';

/** The machine at the moment that is shown, and at the moment before it. */
interface Picture {
  readonly moment: number;
  readonly now: Snapshot;
  readonly before: Snapshot | undefined;
}

/** The search: what it is set to, and how far it is. */
interface SearchState {
  readonly strategy: SearchStrategy;
  /** The time after which it ends. */
  readonly seconds: number;
  readonly isRunning: boolean;
  readonly progress: SearchProgress | undefined;
  /** What the last search of this program and configuration came to. */
  readonly result: SearchResult | undefined;
}

/** The state of the page. It is replaced, never changed. */
export interface LabState {
  readonly examples: readonly ExampleEntry[];
  /** The example that was chosen; `undefined` if the program came by a link. */
  readonly example: string | undefined;
  readonly program: ProgramText;
  /** Whether the text differs from that of the example. */
  readonly isEdited: boolean;
  readonly configuration: Configuration;
  readonly loaded: Loaded | undefined;
  readonly run: ScheduleRun | undefined;
  /** The moment that is shown. */
  readonly at: number;
  readonly picture: Picture | undefined;
  /** Whether the worker is at work on something other than a search. */
  readonly isBusy: boolean;
  readonly search: SearchState;
  /** Why the program could not be run; `run` is then that of an earlier text. */
  readonly problem: Refusal | undefined;
  /** What went wrong besides the program: a damaged link, a part that could not be loaded. */
  readonly notice: string | undefined;
  /** The link that was made last, until something changes. */
  readonly link: string | undefined;
  /** Said to screen readers. */
  readonly said: string;
}

/** The state before anything is chosen. */
export const INITIAL_STATE: LabState = {
  examples: [],
  example: undefined,
  program: { file: 'program.ts', text: '' },
  isEdited: false,
  configuration: {},
  loaded: undefined,
  run: undefined,
  at: 0,
  picture: undefined,
  isBusy: false,
  search: {
    strategy: { kind: 'exhaustive' },
    seconds: 20,
    isRunning: false,
    progress: undefined,
    result: undefined,
  },
  problem: undefined,
  notice: undefined,
  link: undefined,
  said: '',
};
