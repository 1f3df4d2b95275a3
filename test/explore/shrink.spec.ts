import { expect } from 'chai';
import sinon from 'sinon';
import {
  exhaustive,
  explore,
  explain,
  formatSchedule,
  parseSchedule,
  random,
  shrink,
} from 'scatterlist/explore';
import { replaySchedule } from '../../lib/explore/strategies/replay.ts';
import type { Program } from 'scatterlist/explore';
import { counter, found } from './programs.ts';

describe('shrink', () => {
  // The same lost update with idle steps and a bystander around it.
  const noisy: Program<ReturnType<NonNullable<ReturnType<typeof counter>['setup']>>> = {
    ...counter(),
    tasks: {
      ...counter().tasks,
      *bystander() {
        yield;
        yield;
        yield;
      },
    },
  };

  it('takes out switches first', () => {
    const long = parseSchedule('2.0.2.1.2.1.2.0');
    expect(explain(noisy, long).violation?.rule).to.equal('lost-write');
    const short = shrink(noisy, long, 'final-check');
    const text = formatSchedule(short);
    const switches = text.split('.').filter((actor, i, all) => i > 0 && actor !== all[i - 1]).length;
    expect(switches, text).to.be.at.most(3);
    expect(explain(noisy, short).violation?.rule).to.equal('lost-write');
  });

  it('keeps the rule: a schedule that breaks another one is no smaller version', () => {
    const schedule = parseSchedule('0.1.1.0');
    expect(shrink(counter(), schedule, 'leak')).to.deep.equal(schedule);
  });

  it('is what explore reports', () => {
    const long = '2.0.2.1.2.1.2.0';
    const plain = found(explore(noisy, replaySchedule(parseSchedule(long)), { shrink: false }));
    const small = found(explore(noisy, replaySchedule(parseSchedule(long))));
    expect([plain.schedule, small.schedule]).to.deep.equal([
      long,
      formatSchedule(shrink(noisy, parseSchedule(long), 'final-check')),
    ]);
    expect([plain.switches, small.switches]).to.deep.equal([7, 3]);
  });

  // Fails as soon as `two` has run after the first step of `one`.
  const order: Program<{ s: { n: number } }> = {
    setup: () => ({ s: { n: 0 } }),
    tasks: {
      *one({ s }) {
        s.n = 1;
        yield;
        yield;
      },
      *two({ s }) {
        yield;
        yield;
        if (s.n === 1) throw new Error('late');
      },
      *other() {
        yield;
        yield;
      },
    },
  };

  it('ends at the fewest switches, and then at the fewest steps, from wherever it begins', () => {
    for (const text of [
      '0.1.1.1',
      '2.0.2.1.2.1.1',
      '1.0.1.0.1',
      '1.2.1.2.0.0.1',
      '2.1.2.0.1.0.1',
      '0.0.0.2.2.2.1.1.1',
    ]) {
      const schedule = parseSchedule(text);
      expect(explain(order, schedule).violation?.rule, text).to.equal('exception');
      expect(formatSchedule(shrink(order, schedule, 'exception')), text).to.equal('0.1.1.1');
    }
  });

  it('moves a step to a later one of the same actor, too', () => {
    const program: Program<{ s: { log: string } }> = {
      setup: () => ({ s: { log: '' } }),
      tasks: Object.fromEntries(
        ['a', 'b', 'c'].map((name) => [
          name,
          function* ({ s }) {
            for (let i = 0; i < 3; i += 1) {
              s.log += name + String(i);
              if (/a0.*b1.*a1.*c1/.test(s.log)) throw new Error(s.log);
              yield;
            }
          },
        ]),
      ),
    };
    for (const text of ['1.0.2.1.0.2', '2.1.0.1.0.2', '1.0.1.0.2.0.0.2'])
      expect(formatSchedule(shrink(program, parseSchedule(text), 'exception')), text).to.equal('0.1.1.0.2.2');
  });

  // Three tasks of four steps each, and what must happen in this order.
  for (const [order, long, short] of [
    ['b0 a1 a3 c1 b2', '0.2.1.0.0.0.2.1.2.1', '1.1.0.0.0.0.2.2.1'],
    ['b2 a3 c2', '1.2.0.2.0.1.1.1.1.0.0.0.2', '1.1.1.0.0.0.0.2.2.2'],
    ['c0 b0 a3', '2.0.2.0.2.1.1.1.2.0.1.1.0', '2.1.0.0.0.0'],
    ['a1 c2 b1', '2.0.0.2.2.2.2.0.0.0.1.1', '0.0.2.2.2.1.1'],
    ['a1 c2 a3', '1.0.2.2.1.0.2.1.2.0.1.1.0', '0.0.0.2.2.2.0'],
  ] as const) {
    it(`moves blocks together, to earlier and to later ones: ${order}`, () => {
      const program: Program<{ s: { log: string } }> = {
        setup: () => ({ s: { log: '' } }),
        tasks: Object.fromEntries(
          ['a', 'b', 'c'].map((name) => [
            name,
            function* ({ s }) {
              for (let i = 0; i < 4; i += 1) {
                s.log += name + String(i);
                if (new RegExp(order.replaceAll(' ', '.*')).test(s.log)) throw new Error(order);
                yield;
              }
            },
          ]),
        ),
      };
      expect(formatSchedule(shrink(program, parseSchedule(long), 'exception'))).to.equal(short);
    });
  }

  it('gives up after 2000 attempts', () => {
    let runs = 0;
    const short: Program = {
      setup: () => {
        runs += 1;
        return {};
      },
      tasks: { *one() {} },
    };
    const long = parseSchedule(Array(2100).fill('0').join('.'));
    expect(shrink(short, long, 'leak')).to.equal(long);
    expect(runs).to.equal(2000);
    runs = 0;
    // Without the only block, and without each of its steps.
    shrink(short, long.slice(0, 30), 'leak');
    expect(runs).to.equal(31);
  });
});

describe('shrink of a schedule that is very long', () => {
  const long: Program = {
    tasks: {
      *a() {
        for (let left = 50_000; left > 0; left -= 1) yield;
        throw new Error('at last');
      },
    },
    maxSteps: 60_000,
  };

  it('ends when its time is over, and says so', () => {
    const schedule = parseSchedule(Array(50_001).fill('0').join('.'));
    const stopped = sinon.spy();
    const clock = sinon.useFakeTimers({ now: 0 });
    try {
      const watching = sinon.spy(() => clock.tick(10));
      shrink(long, schedule, 'exception', {
        milliseconds: 1000,
        onStep: watching,
        onStopped: stopped,
      });
      expect(watching.callCount).to.equal(101);
    } finally {
      clock.restore();
    }
    expect(stopped.callCount).to.equal(1);
  });

  it('is bounded by the budget of exploring, and the outcome says that it was', () => {
    const clock = sinon.useFakeTimers({ now: 0 });
    try {
      const slow: Program<{ left: number }> = {
        setup: () => ({ left: 200 }),
        tasks: {
          *a(env) {
            for (; env.left > 0; env.left -= 1) {
              clock.tick(1);
              yield;
            }
            throw new Error('at last');
          },
        },
      };
      const outcome = found(explore(slow, exhaustive(), { budget: { milliseconds: 300 } }));
      expect(outcome.violation.rule).to.equal('exception');
      expect(outcome.shrinkingStopped).to.equal(true);
      expect(Date.now()).to.be.within(1200, 1700);
    } finally {
      clock.restore();
    }
    expect(found(explore(counter())).shrinkingStopped).to.equal(undefined);
  });

  it('is told as progress, with the time that is left', () => {
    const clock = sinon.useFakeTimers({ now: 1_000_000 });
    try {
      const slow = function* (): Generator<undefined, void, void> {
        for (let i = 0; i < 5; i += 1) {
          clock.tick(1);
          yield;
        }
      };
      // Several switches, so there is much to try.
      const program: Program = { tasks: { one: slow, two: slow, three: slow }, check: () => false };
      const left: (number | undefined)[] = [];
      const onProgress = (_counts: unknown, _part: unknown, shrinkingMs?: number): void => {
        left.push(shrinkingMs);
      };
      expect(explore(program, random({ seed: 3 }), { onProgress }).kind).to.equal('violation');
      expect(left.length).to.be.above(1);
      for (const [i, ms] of left.entries())
        expect(ms).to.be.within(0, i === 0 ? 10_000 : (left[i - 1] ?? 0) - 250);
    } finally {
      clock.restore();
    }
  });
});
