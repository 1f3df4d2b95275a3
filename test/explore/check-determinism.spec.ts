import { expect } from 'chai';
import sinon from 'sinon';
import { checkDeterminism } from 'scatterlist/explore';
import { counter } from './programs.ts';

describe('checkDeterminism', () => {
  it('has nothing to say of a program whose state is its own', () => {
    const { milliseconds, ...counts } = checkDeterminism(counter(true), { schedules: 5 }).counts;
    expect(checkDeterminism(counter(true), { schedules: 5 })).to.deep.include({
      kind: 'outOfBudget',
      limit: 'strategy',
      progress: undefined,
    });
    expect(milliseconds).to.be.within(0, 20_000);
    expect(counts).to.deep.include({ schedules: 5, states: 0, pruned: 0 });
    expect(counts.steps).to.be.above(3 * 5 * 4);
  });

  it('finds a program that goes wrong in another way each time, and keeps that apart from one that goes wrong', () => {
    let runs = 0;
    const failing = (what: () => string): ReturnType<typeof checkDeterminism> =>
      checkDeterminism(
        {
          tasks: {
            *one() {
              yield;
              throw new Error(what());
            },
          },
        },
        { schedules: 2 },
      );
    expect(failing(() => 'always so').kind).to.equal('outOfBudget');
    const found = failing(() => `run ${String((runs += 1))}`);
    expect(found).to.deep.include({ kind: 'nondeterministic', schedule: '0.0' });
    expect(found.counts.schedules).to.equal(1);
  });

  it('finds a loop that is none when the schedule is run again to look at it', () => {
    let runs = 0;
    const found = checkDeterminism({
      setup: () => ({ done: false }),
      tasks: {
        *poll(env) {
          runs += 1;
          if (runs > 1) return;
          while (!env.done) yield;
        },
      },
    });
    expect(found).to.deep.include({
      kind: 'nondeterministic',
      what: 'a schedule that is run again offers other choices than before',
    });
  });

  it('says at which step, and looks at as many schedules as it is told', () => {
    let runs = 0;
    const late = checkDeterminism({
      setup: () => ({ seen: { runs: 0 } }),
      tasks: {
        *leaky({ seen }) {
          yield;
          yield;
          seen.runs = runs += 1;
          yield;
        },
      },
    });
    expect(late).to.deep.include({ what: 'the second run differs from the first at step 3' });
    let setups = 0;
    const counting = { setup: () => ({ n: (setups += 0) }), tasks: { *idle() {} } };
    const setup = sinon.spy(counting, 'setup');
    checkDeterminism(counting, { schedules: 7 });
    expect(setup.callCount).to.equal(21);
  });

  it('counts the schedules, steps and milliseconds that it took', () => {
    const clock = sinon.useFakeTimers({ now: 5000 });
    try {
      let runs = 0;
      const found = checkDeterminism({
        setup: () => ({ seen: { runs: 0 } }),
        tasks: {
          *slow({ seen }) {
            clock.tick(7);
            yield;
            seen.runs = runs += 1;
          },
        },
      });
      // Each schedule runs three times: once to find it, twice to compare.
      expect(found.counts).to.deep.equal({
        schedules: 1,
        steps: 6,
        states: 0,
        pruned: 0,
        milliseconds: 21,
      });
    } finally {
      clock.restore();
    }
  });

  it('runs the schedules of seed 1, a hundred of them, if it is told nothing', () => {
    const setups = (options?: { seed?: number; schedules?: number }): string => {
      const order: string[] = [];
      const task = (name: string) =>
        function* () {
          order.push(name);
          yield;
          order.push(name);
        };
      checkDeterminism({ tasks: { a: task('a'), b: task('b'), c: task('c') } }, options);
      return order.join('');
    };
    expect(setups()).to.equal(setups({ seed: 1, schedules: 100 }));
  });

  it('finds state that outlives a run', () => {
    let runs = 0;
    const found = checkDeterminism({
      setup: () => ({ seen: { runs: 0 } }),
      tasks: {
        *leaky({ seen }) {
          runs += 1;
          yield;
          seen.runs = runs;
        },
      },
    });
    expect(found).to.deep.include({ kind: 'nondeterministic' });
    expect(found)
      .to.have.property('what')
      .that.matches(/differs/);
  });

  it('finds a set-up that is another one each time, at step 0', () => {
    let runs = 0;
    const found = checkDeterminism({
      setup: () => ({ seen: { runs: (runs += 1) } }),
      tasks: { *idle() {} },
    });
    expect(found).to.deep.include({ what: 'the second run differs from the first at step 0' });
  });
});
