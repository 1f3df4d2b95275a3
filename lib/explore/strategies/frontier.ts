/**
 * The first decisions of every schedule: where a search is divided among machines.
 */
import { configWhole } from '../../base/whole.ts';
import type { Choice } from '../choice.ts';
import { runSchedule } from '../drive.ts';
import { Execution } from '../execution/execution.ts';
import type { Program } from '../program.ts';
import { steadily } from '../steady.ts';
import type { Strategy } from '../strategy.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';
import { exhaustive } from './exhaustive.ts';

/** Deepest cut: a program that has not branched often enough by then is small. */
const DEEPEST = 32;

/**
 * At least `least` beginnings (if there are as many) such that every schedule has exactly one of them:
 * for `exhaustive({ prefixes })`.
 */
export function frontier<S extends object>(
  program: Program<S>,
  least: number,
): readonly (readonly Choice[])[];
export function frontier(program: Program, least: number): readonly (readonly Choice[])[] {
  configWhole('least', least, 0);
  const world = new Execution(program);
  let prefixes: (readonly Choice[])[] = [[]];
  for (let depth = 1; depth <= DEEPEST && prefixes.length < least; depth += 1) {
    const strategy = new Cut(depth);
    prefixes = [];
    while (strategy.begin()) {
      steadily(world, () => runSchedule(world, strategy));
      prefixes.push(world.schedule);
    }
  }
  return prefixes;
}

/** The beginnings that are shard `index` of `count`. */
export function shard(
  prefixes: readonly (readonly Choice[])[],
  index: number,
  count: number,
): readonly (readonly Choice[])[] {
  configWhole('count', count, 1);
  configWhole('index', index, 0, count - 1);
  return prefixes.filter((_, i) => i % count === index);
}

/** Everything, without reduction, down to a depth. */
class Cut implements Strategy {
  readonly name = 'frontier';
  readonly states = 0;
  readonly progress = undefined;
  readonly #search = exhaustive({ sleepSets: false, visited: false });
  private readonly limit: number;
  #depth = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  begin(): boolean {
    this.#depth = 0;
    return this.#search.begin();
  }

  choose(point: Point): Choice {
    if (this.#depth === this.limit) return STOP;
    this.#depth += 1;
    return this.#search.choose(point);
  }

  end(point: Point): void {
    this.#search.end(point);
  }
}
