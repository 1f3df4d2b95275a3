import { expect } from 'chai';
import fc from 'fast-check';

import { parseSchedule } from '../../../lib/explore/choice.ts';
import { explain } from '../../../lib/explore/explain.ts';
import { explore } from '../../../lib/explore/explore.ts';
import type { Outcome } from '../../../lib/explore/outcome.ts';
import type { Program } from '../../../lib/explore/program.ts';
import { formatReport } from '../../../lib/explore/report/text.ts';
import { exhaustive } from '../../../lib/explore/strategies/exhaustive.ts';
import { pct } from '../../../lib/explore/strategies/pct.ts';
import { preemptionBound } from '../../../lib/explore/strategies/preemption-bound.ts';
import { random } from '../../../lib/explore/strategies/random.ts';
import { roundRobin } from '../../../lib/explore/strategies/round-robin.ts';
import { preemptDisable, preemptEnable } from '../../../lib/kernel/core/preempt.ts';
import { Mutex } from '../../../lib/kernel/locking/mutex.ts';
import type { Sleeping } from '../../../lib/kernel/parts/wait-queue.ts';
import { broken, programOf } from './oracle.ts';
import type { Op, Shape } from './oracle.ts';

interface Flag {
  done: boolean;
  n: number;
}

/** A task that polls a flag, and what else there is. */
function polled(rest: Partial<Program<Flag>>, tasks: Program<Flag>['tasks'] = {}): Program<Flag> {
  return {
    setup: () => ({ done: false, n: 0 }),
    ...rest,
    tasks: {
      *poll(env) {
        while (!env.done) yield;
      },
      ...tasks,
    },
  };
}

function* set(env: Flag): Sleeping<void> {
  yield;
  env.done = true;
}

function verdict(outcome: Outcome): string {
  return outcome.kind === 'violation' ? outcome.violation.rule : outcome.kind;
}

describe('a task that polls', () => {
  const live: Readonly<Record<string, Program<Flag>>> = {
    'a task on another CPU': polled({}, { set: { cpu: 1, run: set } }),
    'a task on the same CPU': polled({}, { set }),
    'an interrupt that may come': polled({
      interrupts: {
        irq: {
          kind: 'hardirq',
          run: (env) => {
            env.done = true;
          },
        },
      },
    }),
    'a device': polled({ devices: { card: set } }),
  };
  for (const [by, program] of Object.entries(live)) {
    it(`ends if ${by} sets what it polls, under each strategy that is complete`, () => {
      for (const strategy of [
        exhaustive(),
        exhaustive({ sleepSets: false }),
        exhaustive({ visited: false }),
        exhaustive({ sleepSets: false, visited: false }),
        preemptionBound(2),
      ])
        expect(verdict(explore(program, strategy)), strategy.name).to.equal('exhausted');
      for (const strategy of [random({ schedules: 5 }), pct({ schedules: 5 }), roundRobin()])
        expect(verdict(explore(program, strategy)), strategy.name).to.equal('outOfBudget');
    });
  }

  const dead: Readonly<Record<string, Program<Flag>>> = {
    'no other actor is there': polled({}),
    'the others have ended': polled(
      {},
      {
        *other() {
          yield;
        },
      },
    ),
    'the interrupt has come and set something else': polled({
      interrupts: {
        irq: {
          kind: 'hardirq',
          run: (env) => {
            env.n = 1;
          },
        },
      },
    }),
    'another polls, too': polled(
      {},
      {
        *second(env) {
          while (!env.done) yield;
        },
      },
    ),
    'it looks in rounds of several steps': {
      setup: () => ({ done: false, n: 0 }),
      tasks: {
        *poll(env) {
          for (;;) {
            yield;
            if (env.done) return;
            yield;
            env.n = 1;
            yield;
            env.n = 0;
          }
        },
      },
    },
    'it takes and gives a lock each time': {
      setup: (machine) => ({ done: false, n: 0, lock: new Mutex(machine, 'lock') }),
      tasks: {
        *poll(env) {
          for (;;) {
            const lock: unknown = Reflect.get(env, 'lock');
            if (!(lock instanceof Mutex)) return;
            yield* lock.lock(env.task);
            const { done } = env;
            yield;
            lock.unlock(env.task);
            if (done) return;
          }
        },
      },
    },
  };
  for (const [why, program] of Object.entries(dead)) {
    it(`is a livelock if ${why}, and its schedule shows it again`, () => {
      const told = new Set<string>();
      for (const strategy of [
        exhaustive(),
        exhaustive({ visited: false }),
        preemptionBound(2),
        roundRobin(),
      ]) {
        // How a schedule is shrunk is the same for all.
        const outcome = explore(program, strategy, { shrink: told.size === 0 });
        expect(verdict(outcome), strategy.name).to.equal('livelock');
        if (outcome.kind !== 'violation') continue;
        if (told.size === 0) expect(parseSchedule(outcome.schedule).length).to.be.lessThan(40);
        told.add(outcome.schedule);
      }
      for (const schedule of told) {
        const { exact, violation } = explain(program, parseSchedule(schedule));
        expect([exact, violation?.rule]).to.deep.equal([true, 'livelock']);
      }
    });
  }

  it('is ended by the limit of steps under a strategy that does not look for loops', () => {
    const program = polled({ maxSteps: 2000 });
    const steps = (looksForLoops: boolean): number => {
      const strategy = Object.assign(random({ schedules: 1 }), { looksForLoops });
      return explore(program, strategy, { shrink: false }).counts.steps;
    };
    expect(steps(true)).to.be.below(1000);
    expect(steps(false)).to.be.at.least(2000);
  });

  it('is no livelock if another could act only now and then', () => {
    const program = polled(
      { setup: () => ({ done: false, n: 0 }), machine: { cpus: 1 } },
      {
        *poll(env) {
          for (;;) {
            if (env.done) return;
            preemptDisable(env.task);
            yield;
            preemptEnable(env.task);
            yield;
          }
        },
        set,
      },
    );
    expect(verdict(explore(program))).to.equal('exhausted');
  });
});

describe('the report of a loop', () => {
  it('names the lines of each actor, and shows the round once', () => {
    const outcome = explore(
      polled(
        {},
        {
          *second(env) {
            while (!env.done) yield;
          },
        },
      ),
    );
    if (outcome.kind !== 'violation') throw new Error(outcome.kind);
    const lines = outcome.violation.details.map(({ label, text }) => `${label} ${text}`);
    expect(lines.join('; ')).to.match(
      /^poll repeats loops\.spec\.ts:\d+; second repeats loops\.spec\.ts:\d+$/,
    );
    const report = formatReport(explain(polled({}), parseSchedule('0.0.0.0.0.0')));
    expect(report).to.contain('the last 1 step above, repeated for ever');
    expect(report.match(/ runs$/gm)).to.have.length(1);
  });

  it('names the line where a schedule is too long, too, and not the whole schedule in the time for shrinking', () => {
    const counting: Program<Flag> = {
      setup: () => ({ done: false, n: 0 }),
      maxSteps: 100,
      tasks: {
        *count(env) {
          for (; !env.done; env.n += 1) yield;
        },
      },
    };
    const outcome = explore(counting);
    expect(verdict(outcome)).to.equal('no-progress');
    if (outcome.kind !== 'violation') return;
    expect(outcome.violation.details.map(({ text }) => text).join()).to.match(
      /^repeats loops\.spec\.ts:\d+$/,
    );
  });
});

describe('a loop that ends by itself', () => {
  const bounded: Readonly<Record<string, Program<Flag>['tasks'][string]>> = {
    'a variable counts': function* (env) {
      for (let left = 20; left > 0; left -= 1) {
        if (env.done) return;
        yield;
      }
      env.n = 1;
    },
    'an iterator counts': function* (env) {
      for (const unused of Array.from({ length: 20 })) {
        if (env.done || unused !== undefined) return;
        yield;
      }
      env.n = 1;
    },
    'an object counts': function* (env) {
      const state = { deep: [{ left: 20 }] };
      for (const [one] = state.deep; one !== undefined && one.left > 0; one.left -= 1) {
        if (env.done) return;
        yield;
      }
      env.n = 1;
    },
    'a function counts': function* (env) {
      const counter = (): (() => boolean) => {
        let left = 20;
        return () => (left -= 1) > 0;
      };
      const goesOn = counter();
      while (goesOn()) {
        if (env.done) return;
        yield;
      }
      env.n = 1;
    },
    'a private field counts': function* (env) {
      class Counter {
        #left = 20;
        goesOn(): boolean {
          this.#left -= 1;
          return this.#left > 0;
        }
      }
      const counter = new Counter();
      while (counter.goesOn()) {
        if (env.done) return;
        yield;
      }
      env.n = 1;
    },
    'a generator that it calls counts': function* (env) {
      function* wait(): Sleeping<void> {
        for (let left = 20; left > 0 && !env.done; left -= 1) yield;
      }
      yield* wait();
      if (!env.done) env.n = 1;
    },
  };
  for (const [how, poll] of Object.entries(bounded)) {
    it(`is run to its end: ${how}`, () => {
      const program = polled({ check: ({ n }) => n === 0 }, { poll, set });
      for (const strategy of [exhaustive(), exhaustive({ sleepSets: false, visited: false })])
        expect(verdict(explore(program, strategy)), strategy.name).to.equal('final-check');
    });
  }

  it('counts how often it looked, so that it is no loop at all', () => {
    const spins = polled(
      { maxSteps: 80, check: ({ results }) => results['poll'] !== 7 },
      {
        *poll(env) {
          let looks = 0;
          for (; !env.done; looks += 1) yield;
          return looks;
        },
        set,
      },
    );
    const rules = new Set<string>();
    explore(spins, exhaustive(), {
      onSchedule: ({ violation }) => {
        rules.add(violation?.rule ?? '');
        return true;
      },
      shrink: false,
    });
    expect([...rules].sort()).to.deep.equal(['', 'final-check']);
  });
});

describe('tasks that back off', () => {
  interface Two {
    a: number;
    b: number;
  }
  const backOff = (first: 'a' | 'b', second: 'a' | 'b'): Program<Two>['tasks'][string] =>
    function* (env) {
      for (;;) {
        if (env[first] === 0) {
          env[first] = 1;
          yield;
          if (env[second] === 0) break;
          env[first] = 0;
        }
        yield;
      }
      env[first] = 0;
    };
  const program = (second: Program<Two>['tasks'][string]): Program<Two> => ({
    setup: () => ({ a: 0, b: 0 }),
    tasks: { one: backOff('a', 'b'), two: second },
  });

  it('in step for ever are a livelock; in the same order they are none', () => {
    const outcome = explore(program(backOff('b', 'a')));
    expect(verdict(outcome)).to.equal('livelock');
    if (outcome.kind === 'violation') expect(outcome.violation.what).to.contain('"one" and "two" repeat');
    expect(verdict(explore(program(backOff('a', 'b'))))).to.equal('exhausted');
  });
});

const op: fc.Arbitrary<Op> = fc.record({
  do: fc.constantFrom('set' as const, 'goto' as const),
  variable: fc.constantFrom(0 as const, 1 as const),
  value: fc.constantFrom(0 as const, 1 as const),
  to: fc.nat(2),
});
const shapes: fc.Arbitrary<Shape> = fc.array(fc.array(op, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 2,
});

describe('random programs with loops', () => {
  it('break the rules that a search over their states finds, and no other', () => {
    const seen = { livelock: 0, none: 0, both: 0 };
    fc.assert(
      fc.property(shapes, (shape) => {
        const expected = broken(shape);
        if (expected.size === 2) seen.both += 1;
        else if (expected.has('livelock')) seen.livelock += 1;
        else if (expected.size === 0) seen.none += 1;
        const rules = new Set<string>();
        const outcome = explore(programOf(shape), exhaustive(), {
          onSchedule: ({ violation }) => {
            if (violation !== undefined) rules.add(violation.rule);
            return true;
          },
          shrink: false,
        });
        expect([...rules].sort()).to.deep.equal([...expected].sort());
        if (expected.size === 0) expect(outcome.kind).to.equal('exhausted');
      }),
      { numRuns: Number(process.env['RUNS'] ?? 40), seed: Number(process.env['SEED'] ?? 3) },
    );
    expect(Math.min(seen.livelock, seen.none)).to.be.greaterThan(3);
  });
});
