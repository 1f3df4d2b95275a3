/**
 * What a subcommand has of the world around it. It runs in the process, or in a thread of its own that is watched.
 */
import type { Counts, Outcome, SharedSearchMemory, StopSignal } from 'scatterlist/explore';
import type { Job } from '../campaign/bag.ts';
import type { Phase } from './shared.ts';

/** What other threads can help with. */
export interface Help {
  readonly job: Job;
  readonly memory: SharedSearchMemory;
  readonly threads: number;
}

/** The world around a subcommand. */
export interface Outside {
  /** Stops exploring from outside. */
  readonly signal: StopSignal | undefined;
  /** Columns of the terminal, if the report goes to one. */
  readonly columns: number | undefined;
  /** Whether a line about the progress can be shown. */
  readonly showsProgress: boolean;
  /** Told what the subcommand does now. */
  enter(phase: Phase): void;
  /** Told how far it is. */
  tell(counts: Counts, part: number | undefined): void;
  /** Has other threads help, if there can be any. */
  readonly help?: (help: Help) => void;
  /** Told what was found, before it is shrunk. */
  found(outcome: Outcome): void;
}

/** The process itself. */
export const PROCESS: Outside = {
  signal: undefined,
  get columns() {
    return process.stdout.columns;
  },
  get showsProgress() {
    return process.stderr.isTTY;
  },
  enter: () => undefined,
  tell: () => undefined,
  found: () => undefined,
};
