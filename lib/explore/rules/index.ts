/** The rules judged at the end of a schedule, in the order in which they are asked. */
import { dataRace } from './data-race.ts';
import { deadlock } from './deadlock.ts';
import { finalCheck } from './final-check.ts';
import { leak } from './leak.ts';
import { lostWakeup } from './lost-wakeup.ts';
import { memoryLeak } from './memory-leak.ts';
import type { EndRule } from './rule.ts';
import { unbalancedCounts } from './unbalanced-counts.ts';

/** Asked one after the other; the first that finds something ends the judgement. */
export const endRules: readonly EndRule[] = [
  lostWakeup,
  deadlock,
  leak,
  unbalancedCounts,
  dataRace,
  finalCheck,
  memoryLeak,
];
