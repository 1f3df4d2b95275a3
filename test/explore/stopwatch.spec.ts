import { expect } from 'chai';
import sinon from 'sinon';
import { ConfigError } from '../../lib/base/invariant.ts';
import { Stopwatch, checkLimit } from '../../lib/explore/stopwatch.ts';
import { checkDeterminism, exhaustive, explore, random } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';

describe('Stopwatch', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: 1000 });
  });
  afterEach(() => {
    clock.restore();
  });

  it('looks at the clock every 16 steps, and after each step that is slow', () => {
    const looks = sinon.spy();
    const watch = new Stopwatch(1000, looks);
    for (let i = 0; i < 2 + 4 + 8 + 16 + 16; i += 1) expect(watch.isOver()).to.equal(false);
    expect(looks.callCount).to.equal(5);
    for (let i = 0; i < 20; i += 1) {
      clock.tick(30);
      watch.isOver();
    }
    expect(looks.callCount).to.be.above(20);
    clock.tick(1000);
    expect(watch.look()).to.equal(true);
    expect(watch.isOver()).to.equal(true);
    expect(watch.ended).to.equal(true);
  });

  it('ends exploring in the middle of a schedule', () => {
    let steps = 0;
    const program: Program<{ readonly at: { n: number } }> = {
      setup: () => ({ at: { n: 0 } }),
      tasks: {
        *a({ at }) {
          for (;;) {
            steps += 1;
            at.n += 1; // so that no round is like another
            clock.tick(1);
            yield;
          }
        },
      },
    };
    const outcome = explore(program, exhaustive(), { budget: { milliseconds: 500 } });
    expect(outcome).to.include({ kind: 'outOfBudget', limit: 'milliseconds' });
    expect(outcome.counts).to.include({ schedules: 0 });
    expect(steps).to.be.within(500, 520);
  });

  it('ends exploring in the middle of a step, where interrupts arrive', () => {
    const program: Program = {
      tasks: {
        *a() {
          yield;
        },
      },
      interrupts: {
        i: {
          kind: 'hardirq',
          times: 1_000_000,
          run: () => {
            clock.tick(1);
          },
        },
      },
      maxSteps: 1_000_000,
    };
    const outcome = explore(program, random(), { budget: { milliseconds: 500 } });
    expect(outcome).to.include({ kind: 'outOfBudget', limit: 'milliseconds' });
  });

  it('ends exploring where a set-up is slow', () => {
    let setups = 0;
    const outcome = explore(
      {
        setup: () => {
          setups += 1;
          clock.tick(100);
          return {};
        },
        tasks: { *a() {} },
      },
      random(),
      { budget: { milliseconds: 500 } },
    );
    expect(outcome.kind).to.equal('outOfBudget');
    expect(setups).to.be.at.most(8);
  });

  it('ends when a signal is given, and says why', () => {
    const controller = new AbortController();
    const watch = new Stopwatch(1000, undefined, controller.signal);
    expect(watch.isOver()).to.equal(false);
    controller.abort(new Error('enough'));
    expect(watch.look()).to.equal(true);
    expect(watch.end).to.deep.equal({ limit: 'stopped', what: 'enough' });
    for (const [reason, what] of [
      ['ctrl-c', 'ctrl-c'],
      [undefined, 'it was stopped'],
    ]) {
      const other = new Stopwatch(1000, undefined, { aborted: true, reason });
      expect(other.isOver()).to.equal(true);
      expect(other.end).to.deep.equal({ limit: 'stopped', what });
    }
    expect(new Stopwatch(0).end).to.deep.equal({ limit: 'milliseconds' });
  });

  const endless: Program<{ readonly at: { n: number } }> = {
    setup: () => ({ at: { n: 0 } }),
    tasks: {
      *a({ at }) {
        for (;;) {
          at.n += 1; // so that no round is like another
          yield;
        }
      },
    },
    maxSteps: 1_000_000,
  };

  it('ends exploring and a check of determinism by a signal, with what was done so far', () => {
    let looks = 0;
    const signal = {
      get aborted(): boolean {
        looks += 1;
        return looks > 50;
      },
      reason: 'it was interrupted',
    };
    const explored = explore(endless, exhaustive({ visited: false }), { signal });
    expect(explored).to.include({ kind: 'outOfBudget', limit: 'stopped', what: 'it was interrupted' });
    expect(explored.counts.steps).to.be.within(50, 50 * 16);
    looks = 0;
    expect(checkDeterminism(endless, { signal })).to.include({
      kind: 'outOfBudget',
      limit: 'stopped',
      what: 'it was interrupted',
    });
  });

  it('ends shrinking by a signal, and what was found is still the outcome', () => {
    let found = false;
    const program: Program<{ n: number }> = {
      setup: () => ({ n: 0 }),
      tasks: Object.fromEntries(
        Array.from({ length: 6 }, (_, i) => [
          `t${String(i)}`,
          function* (env) {
            const { n } = env;
            yield;
            env.n = n + 1;
          },
        ]),
      ),
      check: ({ n }) => n === 6,
    };
    const explored = explore(program, random(), {
      signal: {
        get aborted() {
          return found;
        },
      },
      onSchedule: ({ violation }) => {
        found = violation !== undefined;
      },
    });
    expect(explored).to.include({ kind: 'violation', shrinkingStopped: true });
  });

  it('takes any limit from 0 on, Infinity included, and nothing else', () => {
    for (const most of [0, 1.5, 2 ** 40, Infinity, undefined])
      expect(() => {
        checkLimit('it', most);
      }).not.to.throw();
    for (const most of [-1, NaN])
      expect(() => {
        checkLimit('it', most);
      }).to.throw(ConfigError, `it is ${String(most)}; it must be 0 or more`);
  });
});
