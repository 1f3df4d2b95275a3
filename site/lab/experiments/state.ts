/**
 * What the page of the experiments shows.
 */
import type { ExperimentEntry, Setting, Weighed } from './messages.ts';

export interface ExperimentsState {
  readonly experiments: readonly ExperimentEntry[];
  readonly setting: Setting | undefined;
  /** The last run that came to its end. */
  readonly weighed: Weighed | undefined;
  readonly isRunning: boolean;
  /** Why the last setting was refused. */
  readonly problem: string | undefined;
  /** The width of the plot. */
  readonly width: number;
}

export const INITIAL_STATE: ExperimentsState = {
  experiments: [],
  setting: undefined,
  weighed: undefined,
  isRunning: true,
  problem: undefined,
  width: 640,
};
