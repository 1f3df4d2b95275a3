import { expect } from 'chai';
import fc from 'fast-check';
import { Execution, exhaustive, explore, runSchedule } from 'scatterlist/explore';
import type { Program, TaskEnv } from 'scatterlist/explore';
import type { Sleeping } from 'scatterlist/machine';
import { Board, boardMemory } from '../../../lib/explore/sharing/board.ts';
import { endedStatesMemory } from '../../../lib/explore/sharing/ended-states.ts';
import { SharedSearch } from '../../../lib/explore/sharing/shared-search.ts';
import { Debugger } from '../../../lib/explore/sight/scopes.ts';
import { Sight } from '../../../lib/explore/sight/sight.ts';
import { programOf, shapes } from '../random-programs.ts';

interface Together {
  readonly rules: readonly string[];
  readonly steps: number;
  readonly states: number;
}

/** Larger programs would take the time of many. */
const MOST_STEPS = 2000;

function worldOf<S extends object>(program: Program<S>): Execution;
function worldOf(program: Program): Execution {
  return new Execution(program, false, new Sight(Debugger.shared()));
}

/** Several searches in one thread that share what they find; which of them goes on is chosen after each schedule. */
function together(worlds: readonly Execution[], random: () => number): Together {
  const memory = endedStatesMemory(5000);
  const board = boardMemory();
  const rules = new Set<string>();
  const members = worlds.map((world, i) => {
    // What has one number here has another there.
    for (let more = 0; more < i; more += 1) world.resources.id(`of member ${String(i)}, ${String(more)}`);
    const whole = [{ prefix: [], nodes: [], share: 1 }];
    const common = { states: memory, board: new Board(board) };
    return { world, strategy: new SharedSearch(whole, common, world.resources) };
  });
  for (;;) {
    const member = members[Math.floor(random() * members.length)]!;
    if (!member.strategy.begin()) break;
    const ending = runSchedule(member.world, member.strategy);
    const { violation } = member.world;
    if (ending === 'finished' && violation !== undefined) rules.add(violation.rule);
  }
  let [steps, states] = [0, 0];
  for (const { world, strategy } of members) {
    steps += world.totalSteps;
    states += strategy.states;
  }
  return { rules: [...rules].sort(), steps, states };
}

function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (state >>> 0) / 2 ** 32;
  };
}

describe('SharedSearch', () => {
  it('comes to what brute force comes to, by any number of members, with about the steps of one', () => {
    const sums = {
      compared: 0,
      brute: 0,
      alone: 0,
      one: 0,
      shared: 0,
      aloneStates: 0,
      oneStates: 0,
      states: 0,
    };
    fc.assert(
      fc.property(shapes, fc.integer({ min: 2, max: 3 }), fc.nat(), (shape, count, seed) => {
        const expected = new Set<string>();
        const rules = new Set<string>();
        const { kind, counts } = explore(
          programOf(shape, expected),
          exhaustive({ sleepSets: false, visited: false }),
          {
            budget: { steps: MOST_STEPS },
            shrink: false,
            onSchedule: ({ violation }) => {
              if (violation !== undefined) rules.add(violation.rule);
              return true;
            },
          },
        );
        if (kind === 'outOfBudget' || counts.steps >= MOST_STEPS) return;
        const alone = explore(programOf(shape, new Set()), exhaustive(), {
          shrink: false,
          onSchedule: () => true,
        }).counts;
        for (const members of [1, count]) {
          const outcomes = new Set<string>();
          const worlds = Array.from({ length: members }, () => worldOf(programOf(shape, outcomes)));
          const result = together(worlds, randomFrom(seed));
          expect([...outcomes].sort()).to.deep.equal([...expected].sort());
          expect(result.rules).to.deep.equal([...rules].sort());
          if (members === 1) {
            sums.one += result.steps;
            sums.oneStates += result.states;
          } else {
            sums.shared += result.steps;
            sums.states += result.states;
          }
        }
        sums.compared += 1;
        sums.brute += counts.steps;
        sums.alone += alone.steps;
        sums.aloneStates += alone.states;
      }),
      { numRuns: Number(process.env['RUNS'] ?? 8), seed: Number(process.env['SEED'] ?? 7) },
    );
    if (process.env['PRINT'] !== undefined) console.log(JSON.stringify(sums));
    expect(sums.compared).to.be.greaterThan(0);
    // Nothing is explored twice but where small parts meet.
    expect(sums.one / sums.alone).to.be.lessThan(1.05);
    expect(sums.shared / sums.one).to.be.lessThan(1.3);
  });

  it('comes to every end of tasks that read and write shared places', () => {
    const lists = fc.array(fc.array(fc.constantFrom('a', 'A', 'b', 'B', 'c', 'C'), { maxLength: 4 }), {
      minLength: 2,
      maxLength: 3,
    });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 3 }), fc.nat(), (tasks, count, seed) => {
        const expected = endsOf(tasks);
        const ends = new Set<string>();
        together(
          Array.from({ length: count }, () => worldOf(accesses(tasks, ends))),
          randomFrom(seed),
        );
        expect([...ends].sort()).to.deep.equal(expected);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 20), seed: Number(process.env['SEED'] ?? 7) },
    );
  });

  it('goes on with what it put aside: each order once, where none is left out', () => {
    for (let seed = 0; seed < 4; seed += 1) {
      const world = unseen(accesses([['a'], ['B'], ['c']], new Set()));
      expect(schedulesAmongOthers(world, randomFrom(seed))).to.equal(90);
    }
  });
});

/** A program of which a search cannot tell that two of its orders are alike. */
class Unseen extends Execution {
  override get footprint(): undefined {
    return undefined;
  }

  override get racing(): undefined {
    return undefined;
  }

  override stateKey(): undefined {
    return undefined;
  }
}

function unseen<S extends object>(program: Program<S>): Execution;
function unseen(program: Program): Execution {
  return new Unseen(program);
}

/** Schedules of a search to which others seem to be everywhere, now and then. */
function schedulesAmongOthers(world: Execution, random: () => number): number {
  class Crowd extends Board {
    override at(place: number, choice: number): number {
      return super.at(place, choice) + Math.floor(2 * random());
    }
  }
  const common = { states: endedStatesMemory(5000), board: new Crowd() };
  const strategy = new SharedSearch([{ prefix: [], nodes: [], share: 1 }], common, world.resources);
  let schedules = 0;
  while (strategy.begin()) if (runSchedule(world, strategy) === 'finished') schedules += 1;
  return schedules;
}

interface Places {
  readonly s: Record<string, number>;
}

/** Tasks that read a place (`a`) or write one (`A`) in each step; what one writes depends on all that it has read. */
function accesses(tasks: readonly (readonly string[])[], ends: Set<string>): Program<Places> {
  return {
    setup: () => ({ s: { a: 0, b: 0, c: 0 } }),
    tasks: Object.fromEntries(
      tasks.map((list, i) => [
        `t${String(i)}`,
        function* ({ s }: TaskEnv<Places>): Sleeping<number> {
          let seen = i + 1;
          for (const one of list) {
            seen = access(s, one, seen);
            yield;
          }
          return seen;
        },
      ]),
    ),
    check: ({ s, results }) => {
      ends.add(JSON.stringify([s, tasks.map((_, i) => results[`t${String(i)}`])]));
    },
  };
}

function access(s: Record<string, number>, one: string, seen: number): number {
  const place = one.toLowerCase();
  if (one === place) return (7 * seen + (s[place] ?? 0)) % 1009;
  s[place] = seen;
  return seen;
}

/** The ends of all orders, without the explorer. */
function endsOf(tasks: readonly (readonly string[])[]): readonly string[] {
  const ends = new Set<string>();
  const met = new Set<string>();
  const go = (s: Record<string, number>, at: readonly number[], seen: readonly number[]): void => {
    const key = JSON.stringify([s, at, seen]);
    if (met.has(key)) return;
    met.add(key);
    let isEnd = true;
    for (const [i, list] of tasks.entries()) {
      const one = list[at[i] ?? 0];
      if (one === undefined) continue;
      isEnd = false;
      const now = { ...s };
      const learnt = access(now, one, seen[i] ?? 0);
      go(
        now,
        at.map((n, j) => (j === i ? n + 1 : n)),
        seen.map((n, j) => (j === i ? learnt : n)),
      );
    }
    if (isEnd) ends.add(JSON.stringify([s, seen]));
  };
  go(
    { a: 0, b: 0, c: 0 },
    tasks.map(() => 0),
    tasks.map((_, i) => i + 1),
  );
  return [...ends].sort();
}
