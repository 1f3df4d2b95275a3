import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigError } from 'scatterlist';
import { exhaustive, explore } from 'scatterlist/explore';
import type { ExhaustiveOptions, Program, TaskEnv } from 'scatterlist/explore';
import type { Sleeping } from 'scatterlist/machine';
import type { Point } from '../../../lib/explore/world.ts';
import { counter, steps } from '../programs.ts';

const brute = { sleepSets: false, visited: false };

function schedulesOf(...counts: readonly number[]): number {
  return explore(steps(...counts), exhaustive(brute)).counts.schedules;
}

describe('exhaustive', () => {
  it('refuses a bound that is no number of preemptions', () => {
    for (const preemptions of [-1, 0.5, NaN])
      expect(() => exhaustive({ preemptions })).to.throw(ConfigError, 'preemptions is');
    for (const preemptions of [0, 3, Infinity]) expect(() => exhaustive({ preemptions })).not.to.throw();
  });

  it('says whether it has a bound', () => {
    expect([
      exhaustive().name,
      exhaustive({ preemptions: 2 }).name,
      exhaustive({ preemptions: 0 }).name,
    ]).to.deep.equal(['exhaustive', 'preemption bound 2', 'preemption bound 0']);
  });

  it('without reduction runs as many schedules as the multinomial coefficient says', () => {
    // A task with n yields has n + 1 steps.
    expect(schedulesOf(2, 2)).to.equal(20);
    expect(schedulesOf(1, 1, 1)).to.equal(90);
    expect(schedulesOf(2, 2, 2)).to.equal(1680);
  });

  it('needs one schedule for tasks that have nothing to do with each other', () => {
    const { kind, counts } = explore(steps(8, 8, 8));
    expect(kind).to.equal('exhausted');
    expect(counts.schedules).to.equal(1);
  });

  it('says how many choices there were and are, also where as many are others', () => {
    const at = (choices: readonly number[]): Point => ({
      choices,
      inner: false,
      last: -1,
      footprint: undefined,
      stateKey: () => undefined,
    });
    for (const [now, count] of [
      [[0, 1, 2], 3],
      [[0, 2], 2],
      [[], 0],
    ] as const) {
      const strategy = exhaustive(brute);
      strategy.begin();
      expect(strategy.choose(at([0, 1]))).to.equal(0);
      strategy.end(at([]));
      expect(strategy.begin()).to.equal(true);
      expect(() => strategy.choose(at(now))).to.throw(
        `after the same 0 decisions there were 2 choices once and ${String(count)} now`,
      );
    }
    const given = exhaustive({ ...brute, prefixes: [[1]] });
    given.begin();
    expect(() => given.choose(at([0]))).to.throw('a prefix is no longer possible');
  });

  it('saves by each reduction what it saved before', () => {
    const saved = (options: ExhaustiveOptions): readonly number[] => {
      const { schedules, steps: taken, states, pruned } = explore(steps(2, 2, 1), exhaustive(options)).counts;
      return [schedules, taken, states, pruned];
    };
    expect(saved({})).to.deep.equal([1, 8, 8, 0]);
    expect(saved({ races: false })).to.deep.equal([1, 80, 47, 15]);
    expect(saved({ sleepSets: false })).to.deep.equal([3, 284, 47, 55]);
    expect(saved({ visited: false })).to.deep.equal([1, 80, 0, 15]);
    expect(saved({ sleepSets: false, visited: false })).to.deep.equal([560, 4480, 0, 0]);
    expect([0, 1, 2].map((preemptions) => saved({ preemptions }))).to.deep.equal([
      [3, 43, 30, 3],
      [12, 234, 97, 24],
      [21, 653, 174, 85],
    ]);
  });

  // Each task is a list of accesses to shared places: `a` reads, `A` writes.
  const accesses = (...lists: readonly string[]): Program<{ s: Record<string, number> }> => ({
    setup: () => ({ s: { a: 0, b: 0, c: 0 } }),
    tasks: Object.fromEntries(
      lists.map((list, i) => [
        `t${String(i)}`,
        function* ({ s }: TaskEnv<{ s: Record<string, number> }>): Sleeping<void> {
          for (const one of list) {
            const place = one.toLowerCase();
            if (one === place) void s[place];
            else s[place] = 1;
            yield;
          }
        },
      ]),
    ),
  });

  // More schedules than these are a reduction that has become weaker; fewer, one that leaves something out.
  for (const [lists, expected, withRaces] of [
    [
      ['cc', 'aA', 'Cb'],
      [3, 212, 99, 29],
      [2, 24, 21, 1],
    ],
    [
      ['Cc', 'aC', 'ac'],
      [3, 231, 77, 32],
      [3, 63, 40, 6],
    ],
    [
      ['Ba', 'bA', 'Bb'],
      [4, 387, 105, 55],
      [4, 105, 61, 12],
    ],
    [
      ['cC', 'Cc', 'cB'],
      [4, 458, 127, 65],
      [4, 95, 53, 10],
    ],
    [
      ['CC', 'Cc', 'cA'],
      [3, 359, 93, 57],
      [3, 85, 45, 11],
    ],
  ] as const) {
    it(`saves as much as before on ${lists.join(' | ')}`, () => {
      for (const [races, wanted] of [
        [false, expected],
        [true, withRaces],
      ] as const) {
        const { counts } = explore(accesses(...lists), exhaustive({ races }));
        const { schedules, steps: taken, states, pruned } = counts;
        expect([schedules, taken, states, pruned]).to.deep.equal(wanted);
      }
    });
  }

  it('reaches the ends that brute force reaches where it tries only what races', () => {
    let fewer = 0;
    const places = fc.constantFrom('a', 'A', 'b', 'B');
    fc.assert(
      fc.property(fc.array(fc.array(places, { maxLength: 3 }), { minLength: 2, maxLength: 3 }), (lists) => {
        const reach = (options: ExhaustiveOptions): readonly [readonly string[], number] => {
          const ends = new Set<string>();
          const program: Program<{ s: Record<string, number> }> = {
            setup: () => ({ s: { a: 0, b: 0 } }),
            tasks: Object.fromEntries(
              lists.map((list, i) => [
                `t${String(i)}`,
                function* ({ s }: TaskEnv<{ s: Record<string, number> }>): Sleeping<void> {
                  let seen = i + 1;
                  for (const one of list) {
                    const place = one.toLowerCase();
                    if (one === place) seen += s[place] ?? 0;
                    else s[place] = seen;
                    yield;
                  }
                },
              ]),
            ),
            check: ({ s }) => {
              ends.add(JSON.stringify(s));
            },
          };
          const { counts } = explore(program, exhaustive(options), { budget: { schedules: 2000 } });
          return [[...ends].sort(), counts.schedules === 2000 ? 0 : counts.steps];
        };
        const [ends, complete] = reach(brute);
        if (complete === 0) return;
        const [raced, taken] = reach({});
        expect(raced).to.deep.equal(ends);
        if (taken < reach({ races: false })[1]) fewer += 1;
      }),
      { numRuns: Number(process.env['RUNS'] ?? 25), seed: Number(process.env['SEED'] ?? 7) },
    );
    expect(fewer).to.be.greaterThan(5);
  });

  it('sends tasks over other prefixes one after another, and says how far it is', () => {
    const strategy = exhaustive({ ...brute, prefixes: [[0], [1]] });
    const seen: string[] = [];
    const progress: (number | undefined)[] = [];
    explore(steps(1, 1), strategy, {
      onSchedule: ({ schedule }) => {
        seen.push(schedule.join(''));
        progress.push(strategy.progress);
      },
    });
    expect(seen).to.deep.equal(['0011', '0110', '0101', '1100', '1001', '1010']);
    expect(progress).to.deep.equal([0, 0.25, 0.375, 0.5, 0.75, 0.875]);
    expect(strategy.progress).to.equal(1);
    expect(explore(steps(1), exhaustive({ prefixes: [] })).counts.schedules).to.equal(0);
  });

  it('keeps exhausted apart from out of budget', () => {
    const outcome = explore(steps(3, 3), exhaustive(brute), { budget: { schedules: 5 } });
    expect(outcome).to.include({ kind: 'outOfBudget', limit: 'schedules' });
    expect(outcome.kind === 'outOfBudget' && outcome.progress).to.be.within(0.001, 0.999);
  });

  it('explores only what begins with a prefix', () => {
    const outcomes = [[0], [1]].map((prefix) =>
      explore(steps(2, 2), exhaustive({ ...brute, prefixes: [prefix] })),
    );
    expect(outcomes.map(({ counts }) => counts.schedules)).to.deep.equal([10, 10]);
  });

  it('notices a program that offers other choices under the same schedule', () => {
    let runs = 0;
    const outcome = explore(
      {
        ...counter(),
        tasks: {
          *one() {
            runs += 1;
            if (runs > 1) return;
            yield;
            yield;
          },
          *two() {
            yield;
          },
        },
      },
      exhaustive(brute),
    );
    expect(outcome.kind).to.be.oneOf(['nondeterministic', 'violation']);
  });

  it('tries everything at a point whose state is not known', () => {
    const at = (choices: readonly number[]): Point => ({
      choices,
      inner: false,
      last: -1,
      footprint: undefined,
      stateKey: () => undefined,
    });
    const strategy = exhaustive();
    const tried: number[] = [];
    while (strategy.begin()) {
      tried.push(strategy.choose(at([0, 1, 2])));
      strategy.end(at([]));
    }
    expect([tried, strategy.states]).to.deep.equal([[0, 1, 2], 0]);
  });
});
