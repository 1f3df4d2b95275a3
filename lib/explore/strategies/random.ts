/**
 * Schedules at random: every choice equally likely.
 */
import { checkOptions } from '../../base/options.ts';
import { configWhole } from '../../base/whole.ts';
import type { Choice } from '../choice.ts';
import { RandomSource } from '../random-source.ts';
import type { Strategy } from '../strategy.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';

/** Runs `schedules` random schedules; the same seed gives the same ones. */
export function random(options: { readonly seed?: number; readonly schedules?: number } = {}): Strategy {
  checkOptions('random', options, { seed: 'number', schedules: 'number' });
  const { seed = 1, schedules = 1000 } = options;
  configWhole('seed', seed, 0);
  configWhole('schedules', schedules, 0, Infinity);
  return new Random(seed, schedules);
}

class Random implements Strategy {
  readonly name = 'random';
  readonly states = 0;
  private readonly source: RandomSource;
  private readonly schedules: number;
  #begun = 0;

  constructor(seed: number, schedules: number) {
    this.source = new RandomSource(seed);
    this.schedules = schedules;
  }

  get progress(): number {
    return this.schedules === 0 ? 1 : Math.min(1, this.#begun / this.schedules);
  }

  begin(): boolean {
    this.#begun += 1;
    return this.#begun <= this.schedules;
  }

  choose(point: Point): Choice {
    return point.choices[this.source.next(point.choices.length)] ?? STOP;
  }

  end(): void {}
}
