import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import {
  Completion,
  exhaustive,
  explain,
  explore,
  formatReport,
  maybe,
  once,
  parseSchedule,
  pct,
  random,
  roundRobin,
} from 'scatterlist/explore';
import type { InterruptSpec, Program, Strategy } from 'scatterlist/explore';
import type { Sleeping } from 'scatterlist/machine';
import { boundsOf, checkTimes } from '../../lib/explore/times.ts';
import { found } from './programs.ts';

interface Counted {
  arrivals: number;
}

type Times = InterruptSpec<Counted>['times'];

/** A program with one interrupt, and how often it had come at the end of each schedule. */
function arrivalsOf(
  times: Times,
  extra: Partial<InterruptSpec<Counted>> = {},
  strategy: Strategy = exhaustive(),
  machine: Program['machine'] = {},
): readonly number[] {
  const seen = new Set<number>();
  const outcome = explore<Counted>(
    {
      machine: { cpus: 1, ...machine },
      setup: () => ({ arrivals: 0 }),
      tasks: {
        *one(): Sleeping<void> {
          yield;
        },
      },
      interrupts: {
        irq: {
          kind: 'hardirq',
          run: (env) => {
            env.arrivals += 1;
          },
          ...extra,
          ...(times === undefined ? {} : { times }),
        },
      },
      check: ({ arrivals }) => {
        seen.add(arrivals);
      },
    },
    strategy,
  );
  expect(['exhausted', 'outOfBudget']).to.include(outcome.kind);
  return [...seen].sort();
}

describe('how often an interrupt comes', () => {
  it('is once where the program does not say, or as often as it says', () => {
    expect(arrivalsOf(undefined)).to.deep.equal([1]);
    expect(arrivalsOf(once)).to.deep.equal([1]);
    expect(arrivalsOf(2)).to.deep.equal([2]);
    expect(arrivalsOf(0)).to.deep.equal([0]);
  });

  const kinds = {
    'in a hard interrupt': [{}, {}],
    'in a softirq': [{ kind: 'softirq' }, {}],
    'in an NMI': [{ kind: 'nmi' }, {}],
    'in a thread': [{}, { preemptRt: true }],
    'on any CPU': [{ cpu: 'any' }, { cpus: 2 }],
  } as const;
  for (const [where, [extra, machine]] of Object.entries(kinds))
    it(`is any number up to that of maybe ${where}, none included`, () => {
      for (const strategy of [exhaustive(), exhaustive({ sleepSets: false, visited: false })])
        expect(arrivalsOf(maybe(2), extra, strategy, machine)).to.deep.equal([0, 1, 2]);
      expect(arrivalsOf(maybe(), extra, exhaustive(), machine)).to.deep.equal([0, 1]);
    });

  for (const strategy of [random({ schedules: 50 }), pct({ schedules: 50 })])
    it(`is chosen by ${strategy.name}, too`, () => {
      expect(arrivalsOf(maybe(), {}, strategy)).to.deep.equal([0, 1]);
    });

  it('ends a round-robin schedule', () => {
    expect(arrivalsOf(maybe(), {}, roundRobin())).to.have.length(1);
  });

  it('does not end a schedule while its handler runs, or while another interrupt must come', () => {
    const sums = new Set<string>();
    const outcome = explore({
      machine: { cpus: 2 },
      setup: () => ({ log: '' }),
      tasks: {
        *one(): Sleeping<void> {
          yield;
        },
      },
      interrupts: {
        optional: {
          kind: 'hardirq',
          times: maybe(),
          *run(env): Sleeping<void> {
            env.log += '(';
            yield;
            env.log += ')';
          },
        },
        certain: {
          kind: 'hardirq',
          cpu: 1,
          run: (env) => {
            env.log += '!';
          },
        },
      },
      check: ({ log }) => {
        sums.add(log);
      },
    });
    expect(outcome.kind).to.equal('exhausted');
    expect([...sums].sort()).to.deep.equal(['!', '!()', '()!', '(!)'].sort());
  });

  it('leaves a task that waits for it waiting, which is reported with the interrupt that need not come', () => {
    const program: Program<{ done: Completion }> = {
      setup: (machine) => ({ done: new Completion(machine, 'done') }),
      tasks: {
        *waiter({ task, done }): Sleeping<void> {
          yield* done.wait(task);
        },
      },
      interrupts: {
        irq: {
          kind: 'hardirq',
          times: maybe(),
          run: ({ irq, done }) => {
            done.complete(irq);
          },
        },
      },
    };
    const outcome = found(explore(program));
    expect(outcome.violation.rule).to.equal('deadlock');
    expect(outcome.schedule).to.equal('0.end');
    const told = explain(program, parseSchedule(outcome.schedule));
    expect(told.exact).to.equal(true);
    expect(formatReport(told)).to.include('could still arrive, and need not');
    const { irq } = program.interrupts ?? {};
    if (irq === undefined) throw new Error('it has an interrupt');
    expect(explore({ ...program, interrupts: { irq: { ...irq, times: once } } }).kind).to.equal('exhausted');
  });

  it('is part of a schedule, which is replayed', () => {
    const program: Program<Counted> = {
      setup: () => ({ arrivals: 0 }),
      tasks: {
        *one(): Sleeping<void> {
          yield;
        },
      },
      interrupts: { irq: { kind: 'hardirq', times: maybe(), run: (env) => void (env.arrivals += 1) } },
      check: ({ arrivals }) => arrivals === 1,
    };
    const without = explain(program, parseSchedule('0.0.end'));
    expect([without.exact, without.violation?.rule]).to.deep.equal([true, 'final-check']);
    expect(found(explore(program)).schedule).to.equal('0.0.end');
    expect(explain(program, parseSchedule('0.0.1')).violation).to.equal(undefined);
    expect(explain(program, parseSchedule('0.end')).exact).to.equal(false);
  });

  it('is a whole number, once or maybe', () => {
    for (const times of [-1, 0.5, NaN, 'once', null, {}, { least: 2, most: 1 }, { least: 0, most: 'x' }])
      expect(() => {
        checkTimes('times of interrupt "x"', times);
      }, JSON.stringify(times)).to.throw(ConfigError, 'times of interrupt "x"');
    for (const n of [0, -1, 0.5]) expect(() => maybe(n), String(n)).to.throw(ConfigError, 'maybe');
    for (const times of [undefined, 0, Infinity, once, maybe(3)]) checkTimes('times', times);
    expect(boundsOf({ onlyRaised: true })).to.deep.equal({ least: Infinity, most: Infinity });
    expect(boundsOf({ onlyRaised: true, times: maybe(2) })).to.deep.equal({ least: 0, most: 2 });
  });

  it('of a raised interrupt with maybe, it is served or lost', () => {
    const outcomes = new Set<number>();
    const outcome = explore<Counted>({
      setup: () => ({ arrivals: 0 }),
      tasks: {
        *one({ raise }): Sleeping<void> {
          raise('irq');
          yield;
        },
      },
      interrupts: {
        irq: {
          kind: 'hardirq',
          onlyRaised: true,
          times: maybe(),
          run: (env) => void (env.arrivals += 1),
        },
      },
      check: ({ arrivals }) => {
        outcomes.add(arrivals);
      },
    });
    expect(outcome.kind).to.equal('exhausted');
    expect([...outcomes].sort()).to.deep.equal([0, 1]);
  });
});
