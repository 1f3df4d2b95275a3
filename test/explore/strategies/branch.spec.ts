import { expect } from 'chai';
import fc from 'fast-check';
import { exhaustive, explore, maybe } from 'scatterlist/explore';
import type { ExhaustiveOptions, InterruptSpec, Program } from 'scatterlist/explore';
import { Footprint } from '../../../lib/explore/footprint.ts';
import { Branch } from '../../../lib/explore/strategies/branch.ts';
import { END } from '../../../lib/explore/choice.ts';
import { irqProgram, irqShapes } from '../interrupt-programs.ts';
import { Races, add } from '../../../lib/explore/strategies/races.ts';
import type { Held, Point } from '../../../lib/explore/world.ts';

function writes(resource: number): Footprint {
  const footprint = new Footprint();
  footprint.write(resource);
  return footprint;
}

function point(
  choices: readonly number[],
  isCut = false,
  held: readonly (readonly [number, Held])[] = [],
  optional: readonly number[] = [],
): Point {
  return {
    choices,
    inner: false,
    last: -1,
    footprint: undefined,
    racing: {
      isCut,
      isOnlyWoken: () => true,
      mayStayAway: (actor) => optional.includes(actor),
      held: () => new Map(held),
    },
    stateKey: () => undefined,
  };
}

/** Tries actor 0 of those that can act, and says who is tried besides. */
function triedBeside(
  enabled: readonly number[],
  after: readonly number[],
  racing: readonly number[],
  held: readonly (readonly [number, Held])[] = [],
): number[] {
  const races = new Races();
  const branch = new Branch(races, point(enabled, false, held), [], []);
  const choices = [...branch.begin(enabled)];
  branch.reached(point(after));
  const future: number[] = [];
  for (const actor of racing) add(future, races.event(actor, writes(5)));
  branch.leadsTo(future);
  branch.tried(0, writes(5), choices);
  return choices.slice(1);
}

describe('Branch', () => {
  it('begins with one actor', () => {
    const branch = new Branch(new Races(), point([0, 1, 2]), [], []);
    expect(branch.begin([1, 0, 2])).to.deep.equal([1]);
    expect(branch.waiting).to.deep.equal([0, 2]);
  });

  it('adds the actors that race with what was tried, and only those', () => {
    expect(triedBeside([0, 1, 2], [0, 1, 2], [])).to.deep.equal([]);
    expect(triedBeside([0, 1, 2], [0, 1, 2], [0])).to.deep.equal([]);
    expect(triedBeside([0, 1, 2], [0, 1, 2], [2])).to.deep.equal([2]);
  });

  it('adds an actor that can no longer act', () => {
    expect(triedBeside([0, 1, 2], [0, 2], [])).to.deep.equal([1]);
  });

  it('adds all if one races that cannot act yet, unless the step is what let it act', () => {
    expect(triedBeside([0, 1, 2], [0, 1, 2], [3])).to.deep.equal([1, 2]);
    expect(triedBeside([0, 1, 2], [0, 1, 2, 3], [3])).to.deep.equal([]);
  });

  it('adds no other for an actor that this one keeps off its CPU, or that something sleeps for which races', () => {
    const held = (queue: number | undefined, by: number | undefined) => [[3, { queue, by }]] as const;
    expect(triedBeside([0, 1, 2], [0, 1, 2], [3], held(undefined, 0))).to.deep.equal([]);
    expect(triedBeside([0, 1, 2], [0, 1, 2], [3], held(undefined, 1))).to.deep.equal([1, 2]);
    // The step touches resource 5.
    expect(triedBeside([0, 1, 2], [0, 1, 2], [3], held(5, undefined))).to.deep.equal([]);
    expect(triedBeside([0, 1, 2], [0, 1, 2], [3], held(6, undefined))).to.deep.equal([1, 2]);
    expect(triedBeside([0, 1, 2], [0, 1, 2], [1, 3], held(5, undefined))).to.deep.equal([1]);
  });

  it('tries all where the schedule may end, and takes the end for no event', () => {
    const branch = new Branch(new Races(), point([2, 3, END]), [{ choice: 3, footprint: writes(9) }], []);
    expect(branch.begin([2, END])).to.deep.equal([2, END]);
    expect([branch.waiting, branch.asleepAndNeeded]).to.deep.equal([[], [3]]);
    const everything = writes(1);
    everything.everything = true;
    expect(branch.tried(END, everything, [2, END])).to.deep.equal([]);
  });

  it('begins with an actor that has to come before the end', () => {
    const branch = new Branch(new Races(), point([0, 1, 2], false, [], [0, 1]), [], []);
    expect(branch.begin([0, 1, 2])).to.deep.equal([2]);
    const asleep = [{ choice: 2, footprint: writes(9) }];
    const optional = new Branch(new Races(), point([0, 1, 2], false, [], [0, 1]), asleep, []);
    expect([optional.begin([0, 1]), optional.asleepAndNeeded]).to.deep.equal([[0], [2]]);
  });

  it('adds an actor that can no longer act on one of two CPUs', () => {
    const onOne = 1 + 1024 * 2;
    const branch = new Branch(new Races(), point([0, 1 + 1024, onOne]), [], []);
    const choices = [...branch.begin([0, 1 + 1024, onOne])];
    branch.reached(point([0, onOne]));
    branch.tried(0, writes(1), choices);
    expect(choices).to.deep.equal([0, 1 + 1024, onOne]);
  });

  it('adds all after an end that cut something off', () => {
    const branch = new Branch(new Races(), point([0, 1]), [], []);
    const choices = [...branch.begin([0, 1])];
    branch.reached(point([], true));
    branch.tried(0, writes(1), choices);
    expect(choices).to.deep.equal([0, 1]);
  });

  it('takes over what sleeping steps lead to, and what they race with', () => {
    const races = new Races();
    const future = add([], races.event(2, writes(7)));
    const branch = new Branch(races, point([0, 1, 2]), [{ choice: 1, footprint: writes(7), future }], []);
    const choices = [...branch.begin([0, 2])];
    branch.reached(point([0, 1, 2]));
    branch.leadsTo(add([], races.event(1, writes(5))));
    branch.tried(0, writes(5), choices);
    expect(branch.asleepAndNeeded).to.deep.equal([1]);
    expect(choices).to.deep.equal([0, 2]);
    expect(branch.future[0]).not.to.equal(0);
  });
});

describe('where steps race with interrupts', () => {
  const MOST = 120;

  function reach(
    program: (ends: Set<string>) => Program,
    options: ExhaustiveOptions,
  ): readonly [string[], number] {
    const found = new Set<string>();
    const { kind, counts } = explore(program(found), exhaustive(options), {
      budget: { schedules: MOST },
      shrink: false,
      onSchedule: ({ violation }) => {
        if (violation !== undefined) found.add(`${violation.rule} by ${violation.context?.name ?? '-'}`);
        return true;
      },
    });
    if (kind === 'nondeterministic') throw new Error(kind);
    return [[...found].sort(), counts.schedules < MOST ? counts.steps : Infinity];
  }

  it('reaches the ends and violations that brute force reaches', () => {
    let compared = 0;
    let all = 0;
    let tried = 0;
    fc.assert(
      fc.property(irqShapes, (shape) => {
        const program = (ends: Set<string>): Program => irqProgram(shape, ends) as unknown as Program;
        const [ends, steps] = reach(program, { sleepSets: false, visited: false });
        if (steps === Infinity) return;
        compared += 1;
        const [raced, taken] = reach(program, {});
        expect(raced).to.deep.equal(ends);
        all += reach(program, { races: false })[1];
        tried += taken;
      }),
      { numRuns: Number(process.env['RUNS'] ?? 30), seed: Number(process.env['SEED'] ?? 2) },
    );
    expect(compared).to.be.greaterThan(8);
    expect(tried).to.be.lessThan(0.9 * all);
  });

  interface Flags {
    readonly s: { a: number; b: number; c: number };
  }

  function flags(irq: Partial<InterruptSpec<Flags>>) {
    return (ends: Set<string>): Program => {
      const program: Program<Flags> = {
        machine: { cpus: 2 },
        setup: () => ({ s: { a: 0, b: 0, c: 0 } }),
        tasks: {
          *one({ s }) {
            s.b = 1;
            yield;
          },
          two: {
            cpu: 1,
            *run({ s }) {
              s.a = 1;
              yield;
            },
          },
        },
        interrupts: {
          irq: {
            kind: 'hardirq',
            run: ({ s }) => {
              s.c += 1;
            },
            ...irq,
          },
        },
        check: ({ s }) => {
          ends.add(JSON.stringify(s));
        },
      };
      return program as unknown as Program;
    };
  }

  for (const [name, irq, count] of [
    [
      'may come only between two steps that do not race with each other',
      { when: ({ s }: Flags) => s.a > s.b },
      2,
    ],
    ['may stay away', { times: maybe(2) }, 3],
    ['may stay away, and ends after it', { times: maybe(), cpu: 1 }, 2],
    ['comes where it changes nothing for others', {}, 1],
  ] as const) {
    it(`finds all ends where an interrupt ${name}`, () => {
      const brute = reach(flags(irq), { sleepSets: false, visited: false });
      expect(brute[0]).to.have.length(count);
      const [ends, steps] = reach(flags(irq), {});
      expect(ends).to.deep.equal(brute[0]);
      if (count === 1) expect(steps).to.be.lessThan(12);
    });
  }
});
