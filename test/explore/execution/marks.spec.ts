import { expect } from 'chai';
import fc from 'fast-check';
import { Execution, defineProgram, exhaustive, isDefinedProgram, runSchedule } from 'scatterlist/explore';
import type { Choice, Program, Strategy } from 'scatterlist/explore';
import type { Page } from 'scatterlist/machine';
import { Marks } from '../../../lib/explore/execution/marks.ts';
import { Observed } from '../../../lib/explore/execution/observed.ts';
import { Footprint } from '../../../lib/explore/footprint.ts';
import { STOP } from '../../../lib/explore/world.ts';
import type { Point } from '../../../lib/explore/world.ts';
import { programOf, shapes } from '../random-programs.ts';

/** Takes the decisions of a schedule and stops. */
class Only implements Strategy {
  readonly name = 'only';
  readonly states = 0;
  readonly progress = undefined;
  private readonly schedule: readonly Choice[];
  #at = 0;

  constructor(schedule: readonly Choice[]) {
    this.schedule = schedule;
  }

  begin(): boolean {
    return true;
  }

  choose(): Choice {
    this.#at += 1;
    return this.schedule[this.#at - 1] ?? STOP;
  }

  end(): void {
    this.#at = 0;
  }
}

/** What can be told of a moment: its state, what the last step touched, and what can happen. */
function told(world: Execution): unknown {
  const footprint = world.footprint?.pack((id) => world.resources.name(id));
  return { key: world.stateKey(), footprint, choices: world.choices, last: world.last };
}

/**
 * Explores a program; compares each moment that is new with the same moment of an execution that observes every step.
 * Returns how many moments were repeated, and how many compared.
 */
function compare<S extends object>(
  program: Program<S>,
  most: number,
): { readonly repeated: number; readonly compared: number } {
  const defined = defineProgram(program);
  if (!isDefinedProgram(defined)) throw new Error('no program');
  const fast = new Execution(defined);
  const slow = new Execution(defined);
  const search = exhaustive();
  const counts = { repeated: 0, compared: 0 };
  let same = 0;
  const comparing: Strategy = {
    name: 'comparing',
    states: 0,
    progress: undefined,
    begin: () => {
      const goesOn = search.begin();
      same = search.sameDecisions ?? 0;
      return goesOn;
    },
    get sameDecisions() {
      return search.sameDecisions ?? 0;
    },
    choose: (point: Point) => {
      if (fast.schedule.length < same) counts.repeated += 1;
      else if (!point.inner && fast.schedule.length > same) {
        runSchedule(slow, new Only(fast.schedule));
        expect(told(fast), fast.schedule.join('.')).to.deep.equal(told(slow));
        counts.compared += 1;
      }
      return search.choose(point);
    },
    end: (point) => {
      search.end(point);
    },
  };
  for (let i = 0; i < most && comparing.begin(); i += 1) runSchedule(fast, comparing);
  return counts;
}

describe('Marks', () => {
  it('finds the steps that decisions complete', () => {
    const marks = new Marks();
    const seen = new Observed(true);
    expect(marks.stepsIn(5)).to.equal(0);
    for (const decisions of [0, 1, 4]) marks.add(decisions, seen, [], new Footprint());
    // The second step takes three decisions; what follows the third is not known.
    expect([0, 1, 2, 3, 4, 9].map((decisions) => marks.stepsIn(decisions))).to.deep.equal([0, 1, 1, 1, 2, 2]);
    expect(marks.begin(3, 10, seen)).to.equal(seen);
    expect([marks.repeated, marks.stepsIn(9)]).to.deep.equal([1, 1]);
  });

  it('repeat no more steps than they may, and are forgotten where all steps are observed', () => {
    for (const [sameDecisions, most, goesBack] of [
      [undefined, 10, false],
      [4, 0, true],
      [0, 10, true],
    ] as const) {
      const marks = new Marks();
      const seen = new Observed(true);
      for (const decisions of [0, 1, 4]) marks.add(decisions, seen, [], new Footprint());
      expect([marks.begin(4, 1, seen), marks.repeated]).to.deep.equal([seen, 1]);
      const anew = marks.begin(sameDecisions, most, seen);
      expect(anew).to.not.equal(seen);
      expect([anew.goesBack, marks.repeated, marks.stepsIn(9)]).to.deep.equal([goesBack, 0, 0]);
    }
  });

  it('lead to what a run has that observes every step', () => {
    let repeated = 0;
    let compared = 0;
    fc.assert(
      fc.property(shapes, (shape) => {
        const counts = compare(programOf(shape, new Set()), 12);
        repeated += counts.repeated;
        compared += counts.compared;
      }),
      { numRuns: 25 },
    );
    expect(repeated).to.be.greaterThan(100);
    expect(compared).to.be.greaterThan(100);
  });

  it('do so where decisions lie inside a step', () => {
    const program: Program<{ readonly seen: number[] }> = {
      setup: () => ({ seen: [] }),
      tasks: {
        *first({ choose, seen }) {
          seen.push(choose(2));
          yield;
          seen.push(10 * choose(2) + choose(2));
        },
        *second({ seen, raise }) {
          yield;
          raise('irq');
          seen.push(7);
        },
      },
      interrupts: { irq: { kind: 'hardirq', onlyRaised: true, run: ({ seen }) => void seen.push(9) } },
    };
    const { repeated, compared } = compare(program, 200);
    expect(repeated).to.be.greaterThan(20);
    expect(compared).to.be.greaterThan(20);
  });

  it('do so where actors hold the bytes of pages', () => {
    const program: Program<{ readonly page: Page }> = {
      setup: (machine) => ({ page: machine.allocPage({ zone: 'lowmem' }) }),
      tasks: Object.fromEntries(
        ['first', 'second'].map((name) => [
          name,
          function* ({ machine, page }) {
            const bytes = machine.physical(page);
            yield;
            bytes[0] = (bytes[0] ?? 0) + 1;
            yield;
            bytes[0] = 2 * (bytes[0] ?? 0);
          },
        ]),
      ),
    };
    expect(compare(program, 50).compared).to.be.greaterThan(20);
  });
});
