import { expect } from 'chai';

import { parseSchedule } from '../../../lib/explore/choice.ts';
import { runSchedule } from '../../../lib/explore/drive.ts';
import { Execution } from '../../../lib/explore/execution/execution.ts';
import { explain } from '../../../lib/explore/explain.ts';
import { explore } from '../../../lib/explore/explore.ts';
import type { Outcome } from '../../../lib/explore/outcome.ts';
import type { Program } from '../../../lib/explore/program.ts';
import { exhaustive } from '../../../lib/explore/strategies/exhaustive.ts';
import { pct } from '../../../lib/explore/strategies/pct.ts';
import { preemptionBound } from '../../../lib/explore/strategies/preemption-bound.ts';
import { random } from '../../../lib/explore/strategies/random.ts';
import { roundRobin } from '../../../lib/explore/strategies/round-robin.ts';
import type { Sleeping } from '../../../lib/kernel/parts/wait-queue.ts';
import { maybe } from '../../../lib/explore/times.ts';

interface Flag {
  done: boolean;
  n: number;
}

function verdict(outcome: Outcome): string {
  return outcome.kind === 'violation' ? outcome.violation.rule : outcome.kind;
}

describe('a loop that counts its rounds and ends by itself', () => {
  for (const rounds of [20, 50]) {
    it(`is no livelock beside another that waits for it, ${String(rounds)} rounds`, () => {
      const program: Program<Flag> = {
        setup: () => ({ done: false, n: 0 }),
        tasks: {
          *tries(env) {
            for (let left = rounds; left > 0 && !env.done; left -= 1) yield;
            env.done = true;
          },
          *waits(env) {
            while (!env.done) yield;
          },
        },
      };
      for (const strategy of [roundRobin(), random({ schedules: 2 }), pct({ schedules: 2 })])
        expect(verdict(explore(program, strategy)), strategy.name).to.equal('outOfBudget');
      expect(verdict(explore(program, exhaustive()))).to.equal('exhausted');
    });
  }
});

type Poll = (env: Flag) => Sleeping<unknown>;

/** Loops that never come back to the state in which they were. */
const POLLS: Readonly<Record<string, Poll>> = {
  *counter(env) {
    let tries = 0;
    for (; !env.done; tries += 1) yield;
    return tries;
  },
  *list(env) {
    const seen: boolean[] = [];
    while (!env.done) {
      seen.push(env.done);
      yield;
    }
    return seen.length;
  },
  *deadline(env) {
    for (let jiffies = 0; !env.done && jiffies < 1e9; jiffies += 1) yield;
    return 0;
  },
  *twoSteps(env) {
    let tries = 0;
    while (!env.done) {
      yield;
      tries += env.n;
      tries += 1;
      yield;
    }
    return tries;
  },
  *callee(env) {
    function* wait(): Sleeping<number> {
      let tries = 0;
      for (; !env.done; tries += 1) yield;
      return tries;
    }
    return yield* wait();
  },
  *closure(env) {
    let tries = 0;
    const count = (): number => (tries += 1);
    for (; !env.done; count()) yield;
    return tries;
  },
};

function* set(env: Flag): Sleeping<void> {
  yield;
  env.n = 1;
  yield;
  env.done = true;
}

const flag = { setup: (): Flag => ({ done: false, n: 0 }), maxSteps: 80 };

describe('a task that polls and counts', () => {
  for (const [how, poll] of Object.entries(POLLS)) {
    const live: Readonly<Record<string, Program<Flag>>> = {
      'a task': { ...flag, tasks: { poll, set } },
      'a task before it': { ...flag, tasks: { set, poll } },
      'a task on another CPU': { ...flag, machine: { cpus: 2 }, tasks: { poll, set: { cpu: 1, run: set } } },
      'a device': { ...flag, tasks: { poll }, devices: { set } },
      'an interrupt': {
        ...flag,
        tasks: { poll },
        interrupts: {
          set: {
            kind: 'hardirq',
            run: (env) => {
              env.done = true;
            },
          },
        },
      },
    };
    for (const [by, program] of Object.entries(live).slice(0, how === 'counter' ? undefined : 1)) {
      it(`breaks no rule if ${by} ends it, and is not explored to its end (${how})`, () => {
        for (const strategy of how === 'counter' ? [exhaustive(), preemptionBound(2)] : [exhaustive()]) {
          const outcome = explore(program, strategy);
          expect(verdict(outcome), strategy.name).to.equal('outOfBudget');
          expect(outcome).to.have.property('limit', 'loops');
          expect(outcome)
            .to.have.property('what')
            .that.matches(
              /^task "poll" can repeat counting\.spec\.ts:\d+ for ever while (task|device|interrupt) "set" waits, and .* (is|are) different in each round/,
            );
        }
        for (const strategy of [random({ schedules: 2 }), pct({ schedules: 2 }), roundRobin()])
          expect(verdict(explore(program, strategy)), strategy.name).to.equal('outOfBudget');
      });
    }
  }

  it('names what counts', () => {
    const outcome = explore({ ...flag, tasks: { poll: POLLS['counter'] ?? set, set } });
    expect(outcome).to.have.property('what').that.contains('and "tries" is different in each round');
  });

  it('is explored for some rounds, after each step of the others', () => {
    for (const looks of [0, 1, 7, 12]) {
      const program: Program<Flag> = {
        ...flag,
        tasks: { poll: POLLS['counter'] ?? set, set },
        check: ({ results }) => results['poll'] !== looks,
      };
      expect(verdict(explore(program, exhaustive(), { shrink: false })), String(looks)).to.equal(
        'final-check',
      );
    }
  });

  it('as two, each of which waits for the other, comes to an end', () => {
    interface Two {
      a: boolean;
      b: boolean;
    }
    const meets = (mine: 'a' | 'b', other: 'a' | 'b'): ((env: Two) => Sleeping<number>) =>
      function* (env) {
        let tries = 0;
        yield;
        env[mine] = true;
        for (; !env[other]; tries += 1) yield;
        return tries;
      };
    const program: Program<Two> = {
      setup: () => ({ a: false, b: false }),
      maxSteps: 200,
      tasks: { one: meets('a', 'b'), two: meets('b', 'a') },
    };
    for (const strategy of [exhaustive(), preemptionBound(1)]) {
      const outcome = explore(program, strategy);
      expect([verdict(outcome), outcome.kind === 'outOfBudget' && outcome.limit]).to.deep.equal([
        'outOfBudget',
        'loops',
      ]);
    }
  });

  it('in a handler, while another CPU goes on, breaks no rule', () => {
    const program: Program<Flag> = {
      ...flag,
      machine: { cpus: 2 },
      tasks: { set: { cpu: 1, run: set } },
      interrupts: { poll: { kind: 'hardirq', run: POLLS['counter'] ?? set } },
    };
    const outcome = explore(program);
    expect(verdict(outcome)).to.equal('outOfBudget');
    expect(outcome)
      .to.have.property('what')
      .that.matches(/^interrupt "poll" can repeat counting\.spec\.ts:\d+/);
  });

  const short = { ...flag, maxSteps: 40 };
  const dead: Readonly<Record<string, Program<Flag>>> = {
    'no other actor is there': { ...short, tasks: { poll: POLLS['counter'] ?? set } },
    'the other has ended': {
      ...short,
      tasks: {
        poll: POLLS['list'] ?? set,
        *other(env) {
          env.n = 1;
          yield;
        },
      },
    },
    'the other polls, too': {
      ...short,
      tasks: { poll: POLLS['counter'] ?? set, second: POLLS['list'] ?? set },
    },
    'only an interrupt could end it that need not come': {
      ...short,
      tasks: { poll: POLLS['counter'] ?? set },
      interrupts: {
        card: {
          kind: 'hardirq',
          times: maybe(),
          run: (env) => {
            env.done = true;
          },
        },
      },
    },
    'the other changes what it reads, for ever': {
      ...short,
      tasks: {
        poll: POLLS['twoSteps'] ?? set,
        *changes(env) {
          for (;;) {
            env.n += 1;
            yield;
          }
        },
      },
    },
  };
  for (const [why, program] of Object.entries(dead)) {
    it(`makes no progress if ${why}, in whatever order`, () => {
      for (const strategy of [exhaustive(), pct({ schedules: 1 }), roundRobin()]) {
        const outcome = explore(program, strategy, { shrink: false });
        // By chance the interrupt comes.
        if (program.interrupts !== undefined && strategy.isComplete !== true) continue;
        expect(verdict(outcome), strategy.name).to.equal('no-progress');
        if (outcome.kind !== 'violation' || strategy.isComplete !== true) continue;
        const told = explain(program, parseSchedule(outcome.schedule));
        expect([told.exact, told.violation?.rule]).to.deep.equal([true, 'no-progress']);
      }
    });
  }
});

describe('a look at a loop', () => {
  it('ends with the time', () => {
    const world = new Execution({
      maxSteps: 1000,
      tasks: {
        *poll() {
          for (let tries = 0; tries < Infinity; tries += 1) yield;
        },
      },
    });
    const strategy = roundRobin();
    let asked = 0;
    strategy.begin();
    expect(runSchedule(world, strategy, () => (asked += 1) > 9)).to.equal('stopped');
    expect([world.schedule.length, world.totalSteps]).to.deep.equal([4, 9]);
    const another = roundRobin();
    another.begin();
    expect(runSchedule(world, another)).to.equal('finished');
    expect(world.violation?.rule).to.equal('no-progress');
  });
});
