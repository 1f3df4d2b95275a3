/**
 * What a subcommand has of the world around it. It runs in the process, or in a thread of its own that is watched.
 */
import type { Counts, Outcome, StopSignal } from 'scatterlist/explore';
import type { Phase } from './shared.ts';

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
