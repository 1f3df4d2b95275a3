import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { ConfigError } from 'scatterlist';
import type { Sleeping } from 'scatterlist/machine';
import { exhaustive, explore } from 'scatterlist/explore';
import { programOf, shapes } from './random-programs.ts';
import type { Shape } from './random-programs.ts';
import { replaySchedule } from '../../lib/explore/strategies/replay.ts';
import type { ExhaustiveOptions, ExploreOptions, Program, ScheduleEnd } from 'scatterlist/explore';

/** Larger trees are not compared: brute force would take the time. */
const MOST = 1500;

interface Reached {
  readonly ends: readonly string[];
  readonly schedules: number;
  readonly exhausted: boolean;
}

function reach(shape: Shape, options: ExhaustiveOptions): Reached {
  const outcomes = new Set<string>();
  const outcome = explore(programOf(shape, outcomes), exhaustive(options), {
    budget: { schedules: MOST },
    shrink: false,
    onSchedule: ({ violation }) => {
      if (violation !== undefined) outcomes.add(`${violation.rule} by ${violation.context?.name ?? '-'}`);
      return true;
    },
  });
  return {
    ends: [...outcomes].sort(),
    schedules: outcome.counts.schedules,
    exhausted: outcome.counts.schedules < MOST,
  };
}

describe('explore', () => {
  const brute = exhaustive.bind(undefined, { sleepSets: false, visited: false });
  const threeSchedules: Program = { tasks: { *one() {}, *two() {} }, interrupts: {} };
  const always: Program<{ seen: { n: number } }> = {
    setup: () => ({ seen: { n: 0 } }),
    tasks: { one: setter(1), two: setter(2) },
    check: ({ seen }) => seen.n === 2,
  };

  function setter(n: number) {
    return function* ({ seen }: { seen: { n: number } }): Sleeping<void> {
      seen.n = n;
    };
  }

  it('tells an error of the set-up from a program that is not deterministic', () => {
    const failing: Program = {
      tasks: { *idle() {} },
      setup: () => {
        throw new RangeError('no room');
      },
    };
    expect(() => explore(failing)).to.throw(RangeError, 'no room');
    let runs = 0;
    const changing: Program = {
      tasks: {
        *one() {
          runs += 1;
          for (let left = runs > 1 ? 0 : 3; left > 0; left -= 1) yield;
        },
        *two() {
          yield;
        },
      },
    };
    const outcome = explore(changing, exhaustive({ sleepSets: false, visited: false }));
    if (outcome.kind !== 'nondeterministic') throw new Error(outcome.kind);
    expect(outcome.what).to.match(/^after the same \d+ decisions there were \d choices once and \d now$/);
    expect(outcome.schedule).to.match(/^[01](\.[01])*$/);
    expect([outcome.strategy, outcome.counts.schedules > 0]).to.deep.equal(['exhaustive', true]);
  });

  it('says so where a violation does not happen again under its schedule', () => {
    let runs = 0;
    const once: Program = {
      tasks: {
        *one() {
          runs += 1;
          if (runs === 1) throw new Error('once only');
        },
      },
    };
    const outcome = explore(once, exhaustive(), { shrink: false });
    expect(outcome).to.deep.include({
      kind: 'nondeterministic',
      what: 'exception did not happen again under the same schedule',
      schedule: '0',
    });
  });

  it('stops at the first violation, or goes on where it is told to, and reports the first', () => {
    const ends: (string | undefined)[] = [];
    const note = (goOn: boolean) => (end: ScheduleEnd) => {
      ends.push(end.violation?.rule);
      return goOn;
    };
    const first = explore(always, brute(), { onSchedule: note(false) });
    const stopped = ends.splice(0);
    const all = explore(always, brute(), { onSchedule: note(true) });
    expect(stopped.at(-1)).to.equal('final-check');
    expect(ends.filter((rule) => rule !== undefined)).to.have.length(1);
    expect(ends.length).to.equal(2);
    for (const outcome of [first, all]) {
      expect(outcome).to.deep.include({ kind: 'violation', schedule: '1.0', switches: 1 });
    }
    expect([first.counts.schedules, all.counts.schedules]).to.deep.equal([stopped.length, 2]);
  });

  it('reports the schedule that it found, or a smaller one', () => {
    const late: Program<{ seen: { n: number } }> = {
      setup: () => ({ seen: { n: 0 } }),
      tasks: {
        *one({ seen }) {
          seen.n += 1;
          yield;
          yield;
        },
        *two({ seen }) {
          if (seen.n > 0) throw new Error('late');
        },
        *idle() {
          yield;
        },
      },
    };
    const long = [2, 0, 2, 0, 1];
    const reported = (options: ExploreOptions): unknown => {
      const outcome = explore(late, replaySchedule(long), options);
      return outcome.kind === 'violation' ? [outcome.schedule, outcome.switches] : outcome.kind;
    };
    expect(reported({ shrink: false })).to.deep.equal(['2.0.2.0.1', 4]);
    for (const options of [{ shrink: true }, {}]) expect(reported(options)).to.deep.equal(['0.1', 1]);
  });

  it('explores for a minute if it is told no budget', () => {
    const clock = sinon.useFakeTimers({ now: 1_000_000 });
    try {
      const slow = function* (): Sleeping<void> {
        // Fewer than would look like a loop.
        for (let i = 0; i < 3; i += 1) {
          clock.tick(100);
          yield;
        }
      };
      const outcome = explore({ tasks: { one: slow, two: slow, three: slow } }, brute());
      expect(outcome).to.deep.include({ kind: 'outOfBudget', limit: 'milliseconds' });
      expect(outcome.counts.schedules).to.equal(Math.floor(60_000 / (100 * 9)));
    } finally {
      clock.restore();
    }
  });

  it('ends at each budget, and says which, and how far it came', () => {
    const limits = [{ schedules: 1 }, { steps: 2 }].map((budget) =>
      explore(threeSchedules, brute(), { budget }),
    );
    expect(limits.map((outcome) => outcome.kind === 'outOfBudget' && outcome.limit)).to.deep.equal([
      'schedules',
      'steps',
    ]);
    expect(limits.map(({ counts }) => [counts.schedules, counts.steps])).to.deep.equal([
      [1, 2],
      [1, 2],
    ]);
    expect(limits[0]).to.have.property('progress').that.is.within(0, 0.9);
    expect(explore(threeSchedules, brute(), { budget: { schedules: 3 } })).to.deep.include({
      kind: 'exhausted',
    });
    const clock = sinon.useFakeTimers({ now: 1_000_000 });
    try {
      const onProgress = sinon.spy();
      const many: Program = { tasks: { one: waste(clock), two: waste(clock), three: waste(clock) } };
      const outcome = explore(many, brute(), { budget: { milliseconds: 1000 }, onProgress });
      expect(outcome).to.deep.include({ kind: 'outOfBudget', limit: 'milliseconds' });
      expect(outcome.counts.milliseconds).to.be.within(1000, 1000 + 16);
      expect(onProgress.callCount).to.be.within(3, 4);
      expect(onProgress.firstCall.args[0]).to.have.property('milliseconds').that.is.within(250, 270);
    } finally {
      clock.restore();
    }
  });

  function waste(clock: sinon.SinonFakeTimers) {
    return function* (): Sleeping<void> {
      for (let i = 0; i < 5; i += 1) {
        clock.tick(1);
        yield;
      }
    };
  }
});

describe('reduction', function () {
  // Against hanging only: it takes a minute on a host whose cores are shared.
  this.timeout(300_000);

  it('reaches exactly the outcomes and violations that brute force reaches', () => {
    let compared = 0;
    fc.assert(
      fc.property(shapes, (shape) => {
        const brute = reach(shape, { sleepSets: false, visited: false });
        if (!brute.exhausted) return;
        compared += 1;
        for (const options of [{}, { sleepSets: false }, { visited: false }]) {
          expect(reach(shape, options).ends, JSON.stringify(options)).to.deep.equal(brute.ends);
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 70), seed: Number(process.env['SEED'] ?? 7) },
    );
    expect(compared).to.be.greaterThan(35);
  });

  it('sees writes through an array that was handed out in the same step', () => {
    const shape: Shape = {
      cpus: [0, 0, 0],
      tasks: [[{ do: 'kmap', page: 1 }, { do: 'bytes' }], [{ do: 'add', page: 1 }]],
      irq: 'none',
      pool: 1,
      migrate: false,
      rt: false,
    };
    expect(reach(shape, {}).ends).to.deep.equal(reach(shape, { sleepSets: false, visited: false }).ends);
  });

  it('loses nothing under a preemption bound by looking at each state once', () => {
    fc.assert(
      fc.property(shapes, fc.nat(2), (shape, preemptions) => {
        const brute = reach(shape, { preemptions, visited: false });
        if (!brute.exhausted) return;
        expect(reach(shape, { preemptions }).ends).to.deep.equal(brute.ends);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('refuses options that it does not know, and budgets that are none', () => {
    const program: Program = { tasks: { *idle() {} } };
    for (const [options, words] of [
      [{ budget: { schedules: -1 } }, /budget.schedules is -1/],
      [{ budget: { steps: NaN } }, /budget.steps is NaN/],
      [{ budget: { seconds: 1 } }, /seconds/],
      [{ schedules: 1 }, /schedules/],
      [{ shrink: 1 }, /shrink/],
    ] as const) {
      // As a caller without types would.
      expect(() => explore(program, exhaustive(), options as ExploreOptions)).to.throw(ConfigError, words);
    }
  });
});
