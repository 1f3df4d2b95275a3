/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): random priorities and a few
 * random points at which the running actor falls to the lowest. A bug that needs `depth` orderings is
 * found with a probability of at least 1 / (n * k^(depth-1)) a run, for n actors and k steps.
 */
import { checkOptions } from '../../base/options.ts';
import { MOST_32, configWhole } from '../../base/whole.ts';
import { actorOf, isInner } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { RandomSource } from '../random-source.ts';
import type { Strategy } from '../strategy.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';

/** What PCT is told. */
export interface PctOptions {
  /** Orderings a bug may need; one less is the number of priority changes. Default 3. */
  readonly depth?: number;
  readonly seed?: number;
  readonly schedules?: number;
}

/** Runs schedules by random priorities. */
export function pct(options: PctOptions = {}): Strategy {
  checkOptions('pct', options, { depth: 'number', seed: 'number', schedules: 'number' });
  const { depth = 3, seed = 1, schedules = 1000 } = options;
  configWhole('depth', depth, 1, MOST_32);
  configWhole('seed', seed, 0);
  configWhole('schedules', schedules, 0, Infinity);
  return new Pct(depth, seed, schedules);
}

/** Priority changes that are drawn even for shorter schedules than that. More than there are steps have no effect. */
const FEW = 64;

class Pct implements Strategy {
  readonly name = 'pct';
  readonly states = 0;
  private readonly depth: number;
  private readonly source: RandomSource;
  private readonly schedules: number;
  #begun = 0;
  #step = 0;
  /** Steps of the longest schedule so far: where priority changes may fall. */
  #longest = 1;
  readonly #priorities = new Map<number, number>();
  /** The priority changes by the step at which they fall. */
  readonly #changes = new Map<number, number>();

  constructor(depth: number, seed: number, schedules: number) {
    this.depth = depth;
    this.source = new RandomSource(seed);
    this.schedules = schedules;
  }

  get progress(): number {
    return this.schedules === 0 ? 1 : Math.min(1, this.#begun / this.schedules);
  }

  begin(): boolean {
    this.#begun += 1;
    this.#step = 0;
    this.#priorities.clear();
    this.#changes.clear();
    for (let change = 0; change < Math.min(this.depth - 1, Math.max(this.#longest, FEW)); change += 1) {
      const step = this.source.next(this.#longest);
      if (!this.#changes.has(step)) this.#changes.set(step, change);
    }
    return this.#begun <= this.schedules;
  }

  choose(point: Point): Choice {
    const change = this.#changes.get(this.#step);
    if (change !== undefined) this.#priorities.set(point.last, -1 - change);
    this.#step += 1;
    // One that only waits would wait for ever in front of the others.
    if (point.looped === true) this.#priorities.set(point.last, -this.depth - this.#step);
    let best = STOP;
    for (const choice of point.choices) {
      if (best === STOP || this.#priority(choice) > this.#priority(best)) best = choice;
    }
    return best;
  }

  // Inside a step, going on, being interrupted and each value are actors like any other.
  #priority(choice: Choice): number {
    const actor = isInner(choice) ? choice : actorOf(choice);
    let priority = this.#priorities.get(actor);
    if (priority === undefined) {
      priority = 1 + this.source.next(2 ** 30);
      this.#priorities.set(actor, priority);
    }
    return priority;
  }

  end(): void {
    this.#longest = Math.max(this.#longest, this.#step);
  }
}
