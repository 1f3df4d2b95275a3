/**
 * What bounds a run, as the command line writes it.
 */
import { totalmem } from 'node:os';
import type { ExploreOptions } from 'scatterlist/explore';
import { bytesOf } from '../options.ts';
import { UsageError } from '../usage-error.ts';

export function budgetOf(text: string): NonNullable<ExploreOptions['budget']> {
  const match = /^(\d{1,15})(s?)$/.exec(text);
  if (match === null)
    throw new UsageError(`--budget takes a number of schedules or of seconds (60s), not ${text}`);
  const amount = Number(match[1]);
  return match[2] === 's' ? { milliseconds: amount * 1000 } : { schedules: amount };
}

/** Options that bound a run, for `parseArgs`. */
export const LIMITS = {
  budget: { type: 'string', default: '60s' },
  memory: { type: 'string' },
} as const;

const MB = 2 ** 20;
/** What Node and a loader take is about half of it. */
const LEAST_MEMORY_BYTES = 256 * MB;
const USUAL_MEMORY_BYTES = 4096 * MB;

/** The bounds that the command itself keeps. */
export function limitsOf({
  budget,
  memory,
}: {
  readonly budget: string;
  readonly memory?: string | undefined;
}): {
  /** Infinity if the budget is not one of time. */
  readonly milliseconds: number;
  readonly memoryBytes: number;
} {
  const { milliseconds = Infinity } = budgetOf(budget);
  if (memory === undefined)
    return {
      milliseconds,
      memoryBytes: Math.max(LEAST_MEMORY_BYTES, Math.min(USUAL_MEMORY_BYTES, totalmem() / 2)),
    };
  const memoryBytes = bytesOf('--memory', memory, 2 ** 40);
  if (memoryBytes < LEAST_MEMORY_BYTES) throw new UsageError(`--memory takes 256M or more, not "${memory}"`);
  return { milliseconds, memoryBytes };
}
