/**
 * Strategies, budgets and shards as the command line writes them.
 */
import { totalmem } from 'node:os';
import { explorerOf } from 'scatterlist/explore';
import type { DefinedProgram, ExploreOptions, Strategy } from 'scatterlist/explore';
import { bytesOf, numberOf } from '../options.ts';
import { UsageError } from '../usage-error.ts';

const NUMBERED: ReadonlySet<string> = new Set(['bound', 'random', 'pct']);

export function strategyOf(text: string, program: DefinedProgram): Strategy {
  const { exhaustive, pct, preemptionBound, random, roundRobin } = explorerOf(program);
  const [name = '', argument] = text.split(/:(.*)/s);
  if (argument !== undefined && !NUMBERED.has(name))
    throw new UsageError(`--strategy ${name} takes no number, not "${argument}"`);
  const number = argument === undefined ? 1 : numberOf(`--strategy ${name}:N`, argument, 0, 2 ** 32 - 1);
  switch (name) {
    case 'exhaustive':
      return exhaustive();
    case 'brute':
      return exhaustive({ sleepSets: false, visited: false });
    case 'bound':
      return preemptionBound(number);
    case 'random':
      return random({ seed: number, schedules: Infinity });
    case 'pct':
      return pct({ seed: number, schedules: Infinity });
    case 'round-robin':
      return roundRobin();
    default:
      throw new UsageError(`no strategy "${name}"; --help lists them`);
  }
}

export function budgetOf(text: string): NonNullable<ExploreOptions['budget']> {
  const match = /^(\d{1,15})(s?)$/.exec(text);
  if (match === null)
    throw new UsageError(`--budget takes a number of schedules or of seconds (60s), not ${text}`);
  const amount = Number(match[1]);
  return match[2] === 's' ? { milliseconds: amount * 1000 } : { schedules: amount };
}

export function shardOf(text: string): { readonly index: number; readonly count: number } {
  const [, first = '', of = ''] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const [index, count] = [Number(first), Number(of)];
  if (index < 1 || index > count)
    throw new UsageError(`--shard takes I/N with I from 1 to N, and N to 9999, not ${text}`);
  return { index: index - 1, count };
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
