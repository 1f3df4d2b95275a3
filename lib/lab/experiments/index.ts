/** The experiments of this library. */
import type { Experiment } from '../experiment/define-experiment.ts';
import { bounceExperiment } from './bounce.ts';
import { contextSwitchExperiment } from './context-switch.ts';
import { copyOrMapExperiment } from './copy-or-map.ts';
import { cpusExperiment } from './cpus.ts';
import { exhaustionExperiment } from './exhaustion.ts';
import { flushExperiment } from './flush.ts';
import { pksExperiment } from './pks.ts';
import { rtExperiment } from './rt.ts';
import { typedFailureExperiment } from './typed-failure.ts';
import { waitersExperiment } from './waiters.ts';

/** All of them, in the order of the page. */
export const EXPERIMENTS: readonly Experiment[] = [
  cpusExperiment,
  flushExperiment,
  exhaustionExperiment,
  pksExperiment,
  rtExperiment,
  bounceExperiment,
  typedFailureExperiment,
  copyOrMapExperiment,
  contextSwitchExperiment,
  waitersExperiment,
];
