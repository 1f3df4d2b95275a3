/**
 * Strategies and shards as the command line writes them.
 */
import { explorerOf } from 'scatterlist/explore';
import type { DefinedProgram, Strategy } from 'scatterlist/explore';
import { numberOf } from '../options.ts';
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

export function shardOf(text: string): { readonly index: number; readonly count: number } {
  const [, first = '', of = ''] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const [index, count] = [Number(first), Number(of)];
  if (index < 1 || index > count)
    throw new UsageError(`--shard takes I/N with I from 1 to N, and N to 9999, not ${text}`);
  return { index: index - 1, count };
}
