import { expect } from 'chai';
import { Execution } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { ConfigError } from '../../../lib/base/invariant.ts';
import { Cast, titleOf } from '../../../lib/explore/execution/cast.ts';
import { END } from '../../../lib/explore/choice.ts';
import { maybe } from '../../../lib/explore/times.ts';
import { STOP } from '../../../lib/explore/world.ts';

const program: Program = {
  tasks: {
    *first() {
      yield;
    },
    *second() {
      yield;
    },
  },
  interrupts: { irq: { kind: 'hardirq', run: () => undefined } },
  devices: {
    *card() {
      yield;
    },
  },
};

function castOf(of: Program): Cast {
  const world = new Execution(of);
  world.begin(() => STOP);
  return new Cast(world);
}

describe('Cast', () => {
  it('numbers tasks, interrupts and devices in this order', () => {
    const { actors, tasks, interrupts } = castOf(program);
    expect(actors.map(({ index, name }) => [index, name])).to.deep.equal([
      [0, 'first'],
      [1, 'second'],
      [2, 'irq'],
      [3, 'card'],
    ]);
    expect([tasks.length, interrupts.length]).to.deep.equal([2, 1]);
    expect(actors.map((actor) => titleOf(program, actor))).to.deep.equal([
      'task "first"',
      'task "second"',
      'interrupt "irq"',
      'device "card"',
    ]);
  });

  it('gives interrupts a thread under RT', () => {
    const { actors, interrupts } = castOf({ ...program, machine: { preemptRt: true } });
    expect([actors.length, interrupts.length]).to.deep.equal([4, 0]);
  });

  it('refuses numbers and names that are not there', () => {
    const cast = castOf(program);
    expect(() => cast.at(4)).to.throw(ConfigError, 'no actor 4');
    expect(() => cast.interrupt('card')).to.throw(ConfigError, 'no interrupt "card"');
  });

  it('offers the end only where all that is left may stay away', () => {
    const choicesOf = (of: Program): readonly number[] => {
      const choices: number[] = [];
      castOf(of).addChoices(choices);
      return choices;
    };
    expect(choicesOf(program)).to.deep.equal([0, 1, 2, 3]);
    const irq = { kind: 'hardirq', run: () => undefined, times: maybe() } as const;
    expect(choicesOf({ tasks: { *only() {} }, interrupts: { irq } })).to.deep.equal([0, 1]);
    const idle: Program = {
      setup: () => ({}),
      tasks: { *only() {} },
      interrupts: { irq },
    };
    const world = new Execution(idle);
    world.begin(() => STOP);
    world.take(0);
    expect(world.choices).to.deep.equal([1, END]);
  });
});
