import { expect } from 'chai';
import fc from 'fast-check';
import { exhaustive, explore } from 'scatterlist/explore';
import type { Outcome, Program, Strategy, TaskEnv } from 'scatterlist/explore';
import { SgArray } from 'scatterlist';
import type { Page } from 'scatterlist';
import { DmaDevice, Mutex, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Sleeping } from 'scatterlist/machine';
import { Debugger } from '../../../lib/explore/sight/scopes.ts';
import { Sight } from '../../../lib/explore/sight/sight.ts';
import { HIDING_PLACES } from './hiding-places.ts';
import type { HidingPlace, Op } from './hiding-places.ts';

/** The numbers with which schedules of a strategy end. */
function ends(
  place: HidingPlace,
  tasks: readonly (readonly Op[])[],
  strategy: Strategy,
): ReadonlySet<number> {
  const found = new Set<number>();
  const onEnd = (x: number): boolean => {
    found.add(x);
    return true;
  };
  expect(place.explore(tasks, onEnd, strategy).kind).to.equal('exhausted');
  return found;
}

const brute = (): Strategy => exhaustive({ sleepSets: false, visited: false });
const sorted = (numbers: ReadonlySet<number>): readonly number[] => [...numbers].sort((a, b) => a - b);

describe('state in sight and out of it', () => {
  for (const place of HIDING_PLACES) {
    it(`a lost update is found in ${place.name}`, () => {
      const outcome = place.explore([['add'], ['add'], ['add']], (x) => x === 3);
      expect(outcome.kind).to.equal('violation');
      expect(outcome.unseen.length > 0, outcome.unseen.join('; ')).to.equal(!place.isFollowed);
    });
  }

  it('ends as brute force ends, wherever the number is kept', () => {
    const op = fc.constantFrom<Op>('add', 'addAtOnce', 'double', 'set');
    const two = fc.array(op, { minLength: 1, maxLength: 2 });
    // More steps make too many orders for brute force.
    const shapes = fc.oneof(fc.tuple(two, two), fc.tuple(fc.tuple(op), fc.tuple(op), fc.tuple(op)));
    fc.assert(
      fc.property(fc.constantFrom(...HIDING_PLACES), shapes, (place, tasks) => {
        const all = sorted(ends(place, tasks, brute()));
        for (const options of [{}, { sleepSets: false }, { visited: false }])
          expect(sorted(ends(place, tasks, exhaustive(options))), place.name).to.deep.equal(all);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 60), seed: Number(process.env['SEED'] ?? 7) },
    );
  });
});

function yields(times: number): () => Sleeping<void> {
  return function* () {
    for (let i = 0; i < times; i += 1) yield;
  };
}

describe('Sight', () => {
  const kind = (program: Program): readonly [Outcome['kind'], readonly string[]] => {
    const { kind: is, unseen } = explore(program);
    return [is, unseen];
  };

  it('sees all of a program that keeps its state where it can be followed', () => {
    const steps = { a: yields(2), b: yields(2) };
    expect(
      kind({
        setup: (machine) => ({
          list: new SgArray(3),
          mutex: new Mutex(machine, 'm'),
          device: new DmaDevice(machine, { name: 'd' }),
        }),
        tasks: steps,
      }),
    ).to.deep.equal(['exhausted', []]);
  });

  it('follows an import by name only, so that like orders are left out', () => {
    const body = function* ({ task, page }: TaskEnv<{ readonly page: Page }>): Sleeping<void> {
      const mapping = kmapLocalPage(task, page);
      yield;
      mapping.load8(0);
      yield;
      kunmapLocal(task, mapping);
    };
    const { counts, unseen } = explore({
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: { a: { cpu: 0, run: body }, b: { cpu: 1, run: body } },
    });
    expect(unseen).to.deep.equal([]);
    // The 20 orders of three steps each are one.
    expect(counts.schedules).to.be.below(4);
  });

  it('names the variable, its file and the function that uses it', () => {
    let count = 0;
    const add = (): void => {
      count += 1;
    };
    const outcome = explore({
      setup: () => {
        count = 0;
        return {};
      },
      tasks: {
        *a() {
          add();
          yield;
        },
      },
    });
    expect(outcome.unseen).to.deep.equal([
      'the variable "count" of sight.spec.ts changes; it is used by "add" (reached from task "a")',
    ]);
    expect([outcome.kind, count]).to.deep.equal(['exhausted', 0]);
  });

  it('refuses to conclude anything where one schedule leaves state for the next', () => {
    let count = 0;
    const log: number[] = [];
    const task = (use: () => void) =>
      function* (): Sleeping<void> {
        use();
        yield;
      };
    for (const [use, name] of [
      [() => (count += 1), 'the variable "count" of sight.spec.ts'],
      [() => log.push(1), '"log" (reached from task "a")'],
    ] as const) {
      const outcome = explore({ tasks: { a: task(use), b: task(use) } });
      expect(outcome).to.deep.include({
        kind: 'nondeterministic',
        what: `${name} keeps what one schedule leaves in it for the next; set it in setup`,
      });
    }
    expect(count + log.length).to.be.above(4);
  });

  it('does not mind what only the check and setup use', () => {
    const seen: number[] = [];
    const outcome = explore({
      setup: () => ({ runs: seen.push(0) }),
      tasks: { a: yields(1), b: yields(1) },
      check: () => {
        seen.push(1);
      },
    });
    expect([outcome.kind, outcome.unseen]).to.deep.equal(['exhausted', []]);
    expect(seen).to.include(1);
  });

  it('is not asked where nothing is left out', () => {
    let count = 0;
    const outcome = explore(
      {
        tasks: {
          *a() {
            count += 1;
            yield;
          },
        },
      },
      brute(),
    );
    expect([outcome.kind, outcome.unseen, count]).to.deep.equal(['exhausted', [], 1]);
  });

  it('cannot see without a debugger, and says so', () => {
    const sight = new Sight(undefined);
    expect(sight.isBlind).to.equal(true);
    sight.value(yields(1), 'task "a"');
    expect(sight.unseen).to.deep.equal([
      'this host shows nothing of the variables that functions share, so they cannot be followed',
    ]);
  });

  it('finds what it cannot look through: evaluated text, modules of Node with state, and too much', () => {
    const unseenOf = (value: unknown): readonly string[] => {
      const sight = new Sight(Debugger.shared());
      sight.value(value, 'it');
      return sight.unseen;
    };
    expect(unseenOf(() => process.pid)).to.deep.equal([
      'it uses process, through which it can reach anything',
    ]);
    expect(unseenOf(setTimeout)[0]).to.match(/^it calls setTimeout of node:timers/);
    expect(unseenOf(Buffer)).to.deep.equal([]);
    expect(unseenOf(Array.from({ length: 6000 }, (_, i) => ({ i })))[0]).to.match(
      /more behind .* than can be looked/,
    );
  });
});
