import { expect } from 'chai';
import fc from 'fast-check';
import { MAPS } from '../../../../lib/cli/check/contracts/contract.ts';
import { arithmetic } from '../../../../lib/cli/check/walk/arithmetic.ts';
import { assume, factOf } from '../../../../lib/cli/check/walk/facts.ts';
import { State, join } from '../../../../lib/cli/check/walk/state.ts';
import type { Mapping } from '../../../../lib/cli/check/walk/state.ts';
import type { Value } from '../../../../lib/cli/check/walk/value.ts';
import { numberIn } from './plain.ts';
import type { World } from './plain.ts';

const SMALL = [-2, -1, 0, 1, 2];
const WORLDS: readonly World[] = SMALL.flatMap((p) =>
  SMALL.map(
    (c) =>
      new Map([
        ['%p', p],
        ['‹c1›', c],
      ]),
  ),
);
const NAMES = ['a', 'b', 'c'];

const value = fc.oneof(
  fc.constantFrom('%p', '‹c1›'),
  fc.constantFrom(...SMALL).map((each) => `#${String(each)}`),
  fc
    .tuple(fc.constantFrom('+', '-'), fc.constantFrom('%p', '‹c1›'), fc.constantFrom('#1', '#2', '‹c1›'))
    .map(([operator, left, right]) => arithmetic(operator, left, right)),
);
const condition = fc
  .tuple(value, fc.constantFrom('<', '=='), value)
  .map(([left, operator, right]): Value => `(${left}${operator}${right})`)
  // Two numbers are compared at once, and a number stands on the right of `==`.
  .filter((each) => !/^\(#[^()]*==|^\(#-?\d+<#/.test(each));

/** A state in which variables hold values, with what is known of them; and the worlds in which it can be. */
interface Possible {
  readonly state: State;
  readonly worlds: readonly World[];
}

/** Values of the variables, and what is assumed of them: data, because a join changes states in place. */
const plan = fc.tuple(
  fc.tuple(value, value, value),
  fc.array(fc.tuple(condition, fc.boolean()), { maxLength: 2 }),
);
type Plan = readonly [readonly Value[], readonly (readonly [Value, boolean])[]];

/** The state of a plan, among those of one walk. */
function possible([values, assumed]: Plan, walk: State): Possible {
  const state = new State(walk);
  for (const [at, name] of NAMES.entries()) state.variables.set(name, values[at] ?? '');
  let worlds = WORLDS;
  for (const [each, truth] of assumed) {
    const left = worlds.filter((world) => (numberIn(world, each) !== 0) === truth);
    // The walk does not go on where nothing is possible.
    if (left.length === 0 || !assume(state.facts, each, truth)) break;
    worlds = left;
  }
  return { state, worlds };
}

/** What a state says in a world: what each variable holds. */
function heldIn({ state }: Possible, world: World): readonly (number | undefined)[] {
  return NAMES.map((name) => numberIn(world, state.variables.get(name) ?? ''));
}

/** A world in which the values that a join has made are what they were before it, and what those of the last join are. */
function afterJoin(world: World, { state }: Possible, place: string): World {
  const all = new Map(world);
  for (const [known, is] of world)
    if (known.startsWith(`‹φ${place}.`)) all.set(`${known.slice(0, -1)}'›`, is);
  for (const [at, name] of NAMES.entries()) {
    const is = heldIn({ state, worlds: [] }, world)[at];
    if (is !== undefined) all.set(`‹φ${place}.${name}›`, is);
  }
  return all;
}

function copied({ state, worlds }: Possible): Possible {
  return { state: new State(state), worlds };
}

function expectToCover(joined: State, part: Possible, place: string): readonly World[] {
  return part.worlds.map((world) => {
    const now = afterJoin(world, part, place);
    const name = JSON.stringify([[...world], [...part.state.variables], [...joined.variables]]);
    expect(heldIn({ state: joined, worlds: [] }, now), name).to.deep.equal(heldIn(part, world));
    for (const [known] of joined.facts) {
      const is = numberIn(now, known);
      const { lowest, highest, isNot0 } = factOf(joined.facts, known);
      expect(is, `${known} in ${name}`).to.be.within(lowest, highest);
      if (isNot0) expect(is, `${known} in ${name}`).not.to.equal(0);
    }
    return now;
  });
}

describe('two states that become one', () => {
  it('can be all that either could be, and nothing is known that only one knows', () => {
    fc.assert(
      fc.property(plan, plan, fc.boolean(), (first, second, isLoop) => {
        const walk = new State();
        const [one, other] = [possible(first, walk), possible(second, walk)];
        const [before, also] = [copied(one), copied(other)];
        join(one.state, other.state, '7', isLoop);
        expectToCover(one.state, before, '7');
        expectToCover(one.state, also, '7');
      }),
      { numRuns: 300 },
    );
  });

  it('can be what the next round of a loop makes of them', () => {
    const step = fc.constantFrom<readonly [string, string]>(['+', '#1'], ['-', '#1'], ['+', '#0']);
    fc.assert(
      fc.property(plan, plan, fc.array(step, { minLength: 3, maxLength: 3 }), (before, after, steps) => {
        const walk = new State();
        const [one, other] = [possible(before, walk), possible(after, walk)];
        const [first, second] = [copied(one), copied(other)];
        join(one.state, other.state, '7', true);
        const worlds = [...expectToCover(one.state, first, '7'), ...expectToCover(one.state, second, '7')];
        // A round: each variable is counted on or back, or stays.
        const round: Possible = { state: new State(one.state), worlds };
        for (const [at, name] of NAMES.entries()) {
          const [operator, by] = steps[at] ?? ['+', '#0'];
          round.state.variables.set(name, arithmetic(operator, round.state.variables.get(name) ?? '', by));
        }
        const [joined, next] = [copied({ state: one.state, worlds }), copied(round)];
        join(one.state, round.state, '7', true);
        expectToCover(one.state, joined, '7');
        expectToCover(one.state, next, '7');
      }),
      { numRuns: 300 },
    );
  });

  it('do not change any more once a loop has been joined a few times', () => {
    fc.assert(
      fc.property(plan, plan, (first, second) => {
        const walk = new State();
        const [{ state }, other] = [possible(first, walk), possible(second, walk)];
        const again = (): boolean => join(state, new State(other.state), '7', true);
        let rounds = 0;
        while (again()) expect(++rounds).to.be.lessThan(8);
      }),
    );
  });

  it('know a flag and what it stands for together no longer, but each for itself', () => {
    const [yes, no] = [new State(), new State()];
    yes.variables.set('err', '#0');
    no.variables.set('err', '-E:ENOMEM');
    assume(yes.facts, '%p', true);
    assume(no.facts, '%p', true);
    assume(no.facts, '%q', true);
    join(yes, no, '7', false);
    expect(yes.variables.get('err')).to.equal('‹φ7.err›');
    expect(factOf(yes.facts, '‹φ7.err›')).to.deep.include({ lowest: -4095, highest: 0 });
    expect(factOf(yes.facts, '%p').isNot0).to.equal(true);
    expect(factOf(yes.facts, '%q').isNot0).to.equal(false);
  });
});

function held(token: string, to: Partial<Mapping> = {}): Mapping {
  const [contract] = MAPS.filter(({ name }) => name === 'kmap_local_page');
  if (contract === undefined) throw new Error('no contract');
  return {
    token,
    contract,
    line: 1,
    page: '%page',
    shown: 'page',
    call: 'kmap_local_page(page)',
    object: undefined,
    isByPage: false,
    hasEntryOffset: false,
    slot: undefined,
    loop: -1,
    status: 'held',
    releasedLine: undefined,
    since: undefined,
    block: undefined,
    isReleasedInCallee: false,
    kept: undefined,
    isVague: false,
    isElement: false,
    elements: [],
    ...to,
  };
}

describe('a state', () => {
  it('is kept apart from one with other mappings, holders, or locks', () => {
    const of = (change: (state: State) => void): string => {
      const state = new State();
      change(state);
      return state.key();
    };
    const keys = [
      of(() => undefined),
      of((state) => (state.atomic = 1)),
      of((state) => (state.interruptsOff = 1)),
      of((state) => (state.mappings = [held('9')])),
      of((state) => (state.mappings = [held('9', { status: 'released' })])),
      of((state) => (state.mappings = [held('9', { kept: 'dev->at' })])),
      of((state) => state.variables.set('at', '@9')),
      of((state) => state.variables.set('at', '@9~')),
    ];
    expect(new Set(keys).size).to.equal(keys.length);
    // All else is joined.
    expect(of((state) => state.variables.set('i', '#1'))).to.equal(keys[0]);
  });

  it('forgets what is not read any more, but no address of a mapping', () => {
    const state = new State();
    state.variables.set('i', '‹c7›').set('at', '@9').set('dev.flags', '#1').set('n', '#2');
    assume(state.facts, '‹c7›', true);
    assume(state.facts, '%p', true);
    state.forgetDead(new Set(['n']));
    expect([...state.variables.keys()]).to.deep.equal(['at', 'n']);
    expect([...state.facts.keys()]).to.deep.equal(['%p']);
  });

  it('forgets a mapping that is released and that no variable remembers', () => {
    const state = new State();
    const released = held('9', { status: 'released' });
    state.mappings = [
      released,
      held('10'),
      { ...released, token: '11' },
      { ...released, token: '12', isByPage: true },
    ];
    state.variables.set('old', '@11');
    state.tidy();
    expect(state.mappings.map(({ token }) => token)).to.deep.equal(['10', '11', '12']);
    expect(state.holds('11')).to.equal(true);
    expect(state.holds('11', 'old')).to.equal(false);
  });

  it('tells what a place makes from what it made in the round before', () => {
    const state = new State();
    state.variables.set('a', state.fresh('c7'));
    state.variables.set('b', '(‹c7›+#1)');
    assume(state.facts, '‹c7›', true);
    state.variables.set('c', state.fresh('c7'));
    expect(Object.fromEntries(state.variables)).to.deep.equal({ a: "‹c7'›", b: "(‹c7'›+#1)", c: '‹c7›' });
    expect(factOf(state.facts, "‹c7'›").isNot0).to.equal(true);
    expect(factOf(state.facts, '‹c7›').isNot0).to.equal(false);
    state.variables.set('d', state.fresh('c7'));
    expect(state.variables.get('a')).to.equal('‹c7*›');
  });

  it('is copied, so that ways that part do not see each other', () => {
    const state = new State();
    state.variables.set('a', '#1');
    state.mappings = [held('9')];
    const copy = new State(state);
    copy.variables.set('a', '#2');
    copy.change(held('9'), { status: 'released' });
    const [mapping] = copy.mappings;
    if (mapping !== undefined) copy.change(mapping, { status: 'released' });
    expect([state.variables.get('a'), state.mappings[0]?.status]).to.deep.equal(['#1', 'held']);
    expect(copy.mappings[0]?.status).to.equal('released');
  });
});
