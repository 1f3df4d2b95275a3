import { expect } from 'chai';
import fc from 'fast-check';
import { arithmetic } from '../../../../lib/cli/check/walk/arithmetic.ts';
import {
  assume,
  assumeCondition,
  assumePointer,
  compare,
  comparison,
  factOf,
  joinFacts,
  truthOf,
} from '../../../../lib/cli/check/walk/facts.ts';
import type { Fact, Facts } from '../../../../lib/cli/check/walk/facts.ts';
import type { Value } from '../../../../lib/cli/check/walk/value.ts';
import { numberIn } from './plain.ts';
import type { World } from './plain.ts';

const SMALL = [-3, -2, -1, 0, 1, 2, 3];
const WORLDS: readonly World[] = SMALL.flatMap((a) =>
  SMALL.map(
    (b) =>
      new Map([
        ['%a', a],
        ['%b', b],
      ]),
  ),
);

/** Expressions of two unknown numbers, as the evaluator makes them. */
const number = fc.letrec<{ expression: Value }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('%a', '%b'),
    fc.constantFrom(...SMALL).map((each) => `#${String(each)}`),
    fc
      .tuple(fc.constantFrom('+', '-', '*', '/', '%', '&', '>>', '<<'), tie('expression'), tie('expression'))
      .map(([operator, left, right]) => arithmetic(operator, left, right)),
  ),
})).expression;

/** A comparison in the one form that all have, as the evaluator makes it. */
const compared = fc
  .tuple(fc.constantFrom('<', '>', '<=', '>=', '==', '!='), number, number)
  .map(([operator, left, right]): Value => {
    const found = comparison(operator, left, right);
    if (found === undefined) throw new Error(operator);
    const known = compare(new Map(), found);
    return typeof known === 'string' ? known : `#${String(Number(known))}`;
  });

const condition = fc.oneof(
  compared,
  number,
  fc
    .tuple(fc.constantFrom('&&', '||'), compared, compared)
    .map(([operator, left, right]) => arithmetic(operator, left, right)),
  compared.map((each) => (each.startsWith('!') ? each.slice(1) : `!${each}`)),
);

const isWithin = ({ lowest, highest, isNot0 }: Fact, value: number): boolean =>
  lowest <= value && value <= highest && !(isNot0 && value === 0);

describe('facts about small numbers', () => {
  // What is assumed leaves some of the worlds. Nothing that is thought to be known may exclude one of them.
  it('exclude no world that what was assumed leaves', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(condition, fc.boolean()), { maxLength: 4 }),
        fc.array(fc.oneof(number, condition), { minLength: 1, maxLength: 4 }),
        (assumed, asked) => {
          const facts: Facts = new Map();
          let worlds = WORLDS;
          for (const [value, truth] of assumed) {
            worlds = worlds.filter((world) => {
              const found = numberIn(world, value);
              return found !== undefined && (found !== 0) === truth;
            });
            if (!assumeCondition(facts, value, truth)) {
              expect(worlds, `${value} cannot be ${String(truth)}`).to.deep.equal([]);
              return;
            }
          }
          for (const value of asked) {
            const fact = factOf(facts, value);
            const truth = truthOf(facts, value);
            for (const world of worlds) {
              const found = numberIn(world, value);
              if (found === undefined) continue;
              const where = `${value} with ${JSON.stringify([...world])}`;
              expect(isWithin(fact, found), `${where}: ${String(found)} in ${JSON.stringify(fact)}`).to.equal(
                true,
              );
              if (truth !== undefined) expect(found !== 0, where).to.equal(truth);
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are kept by a join if both have them, and by no more', () => {
    const fact = fc
      .tuple(fc.constantFrom(-Infinity, ...SMALL), fc.constantFrom(...SMALL, Infinity), fc.boolean())
      .filter(([lowest, highest]) => lowest <= highest)
      .map(([lowest, highest, isNot0]): Fact => ({ lowest, highest, isNot0 }));
    fc.assert(
      fc.property(fact, fact, fc.boolean(), (old, also, isLoop) => {
        const joined = joinFacts(old, also, isLoop) ?? {
          lowest: -Infinity,
          highest: Infinity,
          isNot0: false,
        };
        for (const value of [...SMALL, -50, 50]) {
          if (isWithin(old, value) || isWithin(also, value)) expect(isWithin(joined, value)).to.equal(true);
        }
        // In a loop a bound that grows is given up at once, so that there is no endless row of joins.
        if (isLoop) expect([old.lowest, -Infinity]).to.include(joined.lowest);
      }),
    );
  });
});

describe('facts', () => {
  const knowing = (...conditions: readonly Value[]): Facts => {
    const facts: Facts = new Map();
    for (const each of conditions) expect(assume(facts, each, true)).to.equal(true);
    return facts;
  };

  it('decide a comparison by the ranges of its sides', () => {
    const facts = knowing('(%a<#4)', '(#6<%b)');
    expect(truthOf(facts, '(%a<%b)')).to.equal(true);
    expect(truthOf(facts, '(%a==%b)')).to.equal(false);
    expect(truthOf(facts, '(%b<%c)')).to.equal(undefined);
  });

  it('decide a difference by what is known of the order', () => {
    expect(factOf(knowing('(%a<%b)'), '(%b-%a)')).to.deep.include({ lowest: 1, isNot0: true });
    expect(truthOf(knowing('(%a<%b)'), '((%b-%a)==#0)')).to.equal(false);
    expect(factOf(knowing('!(%a<%b)'), '(%a-%b)').lowest).to.equal(0);
  });

  it('decide a condition that comes again, and what it says of its parts', () => {
    const facts = knowing('((%a<%b)&&%c)');
    expect(truthOf(facts, '((%a<%b)&&%c)')).to.equal(true);
    expect(truthOf(facts, '%c')).to.equal(true);
    expect(assume(facts, '(%a<%b)', false)).to.equal(false);
    const either = knowing('!%a', '(%a||%b)');
    expect(truthOf(either, '%b')).to.equal(true);
  });

  it('know of the smaller of two that it is at most each', () => {
    const facts = knowing('(%a<#4)');
    expect(factOf(facts, 'min(%a,%b)').highest).to.equal(3);
    expect(factOf(facts, 'min_t(unsigned int,%a,#9)').highest).to.equal(3);
  });

  it('know error pointers, NULL, and addresses of mappings and variables', () => {
    expect(truthOf(new Map(), '-E:ENOMEM')).to.equal(true);
    expect(truthOf(new Map(), '@9')).to.equal(true);
    expect(truthOf(new Map(), '&(x)')).to.equal(true);
    expect(truthOf(new Map(), 'IS_ERR(@9)')).to.equal(false);
    expect(truthOf(new Map(), '(@9==&(x))')).to.equal(false);
    expect(truthOf(knowing('IS_ERR(%p)'), '%p')).to.equal(true);
    expect(truthOf(knowing('IS_ERR(%p)'), 'IS_ERR_OR_NULL(%p)')).to.equal(true);
    const neither: Facts = new Map();
    assume(neither, 'IS_ERR_OR_NULL(%p)', false);
    expect([truthOf(neither, '%p'), truthOf(neither, 'IS_ERR(%p)')]).to.deep.equal([true, false]);
    const used: Facts = new Map();
    assumePointer(used, '%p');
    expect([truthOf(used, '%p'), truthOf(used, 'IS_ERR(%p)')]).to.deep.equal([true, false]);
  });

  it('bring comparisons into one form', () => {
    expect(comparison('!=', '#0', '%a')).to.deep.equal(comparison('!=', '%a', '#0'));
    expect(comparison('>=', '%a', '%b')).to.deep.equal({
      operator: '<',
      left: '%a',
      right: '%b',
      isNegated: true,
    });
    expect(comparison('<=', '%a', '%b')).to.deep.equal({
      operator: '<',
      left: '%b',
      right: '%a',
      isNegated: true,
    });
    expect(comparison('+', '%a', '%b')).to.equal(undefined);
  });
});
