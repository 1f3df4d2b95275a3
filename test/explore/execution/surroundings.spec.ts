import { expect } from 'chai';
import {
  Execution,
  exhaustive,
  explain,
  explore,
  formatReport,
  parseSchedule,
  pct,
  random,
  roundRobin,
} from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import type { Sleeping } from 'scatterlist/machine';
import { ConfigError } from '../../../lib/base/invariant.ts';
import { runSchedule } from '../../../lib/explore/drive.ts';
import { replaySchedule } from '../../../lib/explore/strategies/replay.ts';
import { found } from '../programs.ts';

const brute = exhaustive.bind(undefined, { sleepSets: false, visited: false });

describe('choose', () => {
  /** Two tasks choose a number each; the check is told both. */
  const pair = (check: (sum: number) => boolean): Program<{ sum: number }> => ({
    setup: () => ({ sum: 0 }),
    tasks: {
      *one(env) {
        env.sum += env.choose(3);
        yield;
      },
      *two(env) {
        env.sum += 10 * env.choose(2);
        yield;
      },
    },
    check: ({ sum }) => check(sum),
  });

  it('explores each value, and each once in a state', () => {
    for (const strategy of [exhaustive(), brute()]) {
      const sums = new Set<number>();
      const outcome = explore(
        pair((sum) => sums.add(sum).size > 0),
        strategy,
      );
      expect(outcome.kind).to.equal('exhausted');
      expect([...sums].sort((a, b) => a - b)).to.deep.equal([0, 1, 2, 10, 11, 12]);
    }
  });

  it('tells apart tasks that keep different values for later', () => {
    const sums = new Set<number>();
    const later = function* (env: {
      sum: number;
      readonly choose: (count: number) => number;
    }): Sleeping<void> {
      const value = env.choose(3);
      yield;
      env.sum += value;
      yield;
    };
    const outcome = explore({
      setup: () => ({ sum: 0 }),
      tasks: { one: later, two: later },
      check: ({ sum }) => {
        sums.add(sum);
      },
    });
    expect(outcome.kind).to.equal('exhausted');
    expect([...sums].sort((a, b) => a - b)).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('replays the value that broke the rule, and tells of it', () => {
    const program = pair((sum) => sum !== 12);
    const { schedule } = found(explore(program));
    expect(schedule).to.match(/=2.*=1|=1.*=2/);
    const told = explain(program, parseSchedule(schedule));
    expect([told.exact, told.violation?.rule]).to.deep.equal([true, 'final-check']);
    expect(formatReport(told)).to.match(/chooses 2 of 0 to 2[^]*chooses 1 of 0 to 1/);
  });

  it('takes the first value where a strategy gives none, and any at random', () => {
    const sums = new Set<number>();
    const program = pair((sum) => sums.add(sum).size > 0);
    explore(program, roundRobin());
    runSchedule(new Execution(program as Program), replaySchedule([]));
    expect([...sums]).to.deep.equal([0]);
    explore(program, random({ schedules: 60 }));
    expect(sums.size).to.equal(6);
    sums.clear();
    explore(program, pct({ schedules: 200 }));
    expect(sums.size).to.be.above(3);
  });

  it('makes handlers and devices choose, too', () => {
    const sums = new Set<number>();
    const program: Program<{ sum: number }> = {
      setup: () => ({ sum: 0 }),
      tasks: { *idle() {} },
      interrupts: {
        irq: {
          kind: 'hardirq',
          run: (env) => {
            env.sum += env.choose(2);
          },
        },
      },
      devices: {
        *card(env) {
          env.sum += 10 * env.choose(2);
        },
      },
      check: ({ sum }) => {
        sums.add(sum);
      },
    };
    expect(explore(program).kind).to.equal('exhausted');
    expect([...sums].sort((a, b) => a - b)).to.deep.equal([0, 1, 10, 11]);
  });

  it('is refused outside a step, and with a count that is none', () => {
    const asking =
      (count: number): (() => unknown) =>
      () =>
        explore({
          tasks: {
            *one({ choose }) {
              choose(count);
            },
          },
        });
    for (const count of [0, -1, 1.5, NaN, 1001])
      expect(asking(count)).to.throw(ConfigError, `the number of values to choose from is ${String(count)}`);
    expect(asking(1000)).not.to.throw();
    expect(() => explore({ tasks: { *one() {} }, check: ({ choose }) => choose(2) === 0 })).to.throw(
      ConfigError,
      'choose is for the steps of tasks, handlers and devices',
    );
  });

  it('lets a program write lines into the timeline', () => {
    const program: Program = {
      tasks: {
        *one({ note }) {
          note('copies the head');
          yield;
        },
      },
      check: ({ note }) => {
        note('is not part of a step');
        return false;
      },
    };
    const told = explain(program, parseSchedule(found(explore(program)).schedule));
    expect(formatReport(told)).to.contain('copies the head').and.not.to.contain('is not part');
  });
});
