/** Runs worlds one after the other, each from a seed of its own. */
import { actionsOf } from './actions.ts';
import type { Action } from './actions.ts';
import { shrink } from './shrink.ts';
import { runActions } from './world.ts';

/** Actions of one world. */
const WORLD_ACTIONS = 2500;

/** What was found, and how to see it again. */
export interface Finding {
  readonly seed: number;
  readonly kind: string;
  readonly what: string;
  readonly actions: readonly Action[];
}

export interface FuzzResult {
  readonly pdus: number;
  readonly worlds: number;
  /** Operations of good peers that were answered. */
  readonly good: number;
  readonly finding: Finding | undefined;
}

/** Sends so many PDUs, in worlds with the seeds `seed`, `seed + 1` and so on, until something goes wrong. */
export function fuzz(
  seed: number,
  pdus: number,
  options: { readonly shrinkRuns?: number; readonly progress?: (pdus: number) => void } = {},
): FuzzResult {
  const total = { pdus: 0, worlds: 0, good: 0 };
  while (total.pdus < pdus) {
    const worldSeed = seed + total.worlds;
    const actions = actionsOf(worldSeed, WORLD_ACTIONS);
    const { problem, done, pdus: sent, good } = runActions(actions);
    total.worlds += 1;
    total.pdus += sent;
    total.good += good;
    options.progress?.(total.pdus);
    if (problem === undefined) continue;
    const shrunk = shrink(actions.slice(0, done + 1), problem.kind, options.shrinkRuns);
    const again = runActions(shrunk).problem ?? problem;
    return { ...total, finding: { seed: worldSeed, kind: again.kind, what: again.message, actions: shrunk } };
  }
  return { ...total, finding: undefined };
}

/** A finding in lines: what, the seed, and the actions, one a line, as `--replay` takes them. */
export function describe({ seed, what, actions }: Finding): string {
  return [
    what,
    `seed ${String(seed)}, ${String(actions.length)} actions:`,
    ...actions.map((action) => JSON.stringify(action)),
  ].join('\n');
}
