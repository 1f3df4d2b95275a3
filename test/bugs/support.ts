import { expect } from 'chai';
import { exhaustive, explain, explore, formatSchedule, parseSchedule } from 'scatterlist/explore';
import type { ExploreOptions, Program } from 'scatterlist/explore';
import type { Violation } from 'scatterlist';

/** What a bug may cost. */
const budget = { milliseconds: 10_000 };

/** Explores a program until the rule is broken, and replays what was found. */
export function expectFound<S extends object>(
  program: Program<S>,
  rule: Violation['rule'],
  options: ExploreOptions = {},
): Violation {
  const outcome = explore(program, exhaustive(), { budget, ...options });
  expect(outcome.kind, JSON.stringify(outcome.counts)).to.equal('violation');
  if (outcome.kind !== 'violation') throw new Error('unreachable');
  expect(outcome.violation.rule, outcome.violation.what).to.equal(rule);
  const told = explain(program, parseSchedule(outcome.schedule));
  expect(told.exact).to.equal(true);
  expect(formatSchedule(told.schedule)).to.equal(outcome.schedule);
  expect(told.violation?.rule).to.equal(rule);
  expect(told.violation?.what).to.equal(outcome.violation.what);
  const again = explain(program, parseSchedule(formatSchedule(told.schedule)));
  expect(again.events).to.deep.equal(told.events);
  return outcome.violation;
}

/** Explores a program to its end and finds nothing. */
export function expectExhausted<S extends object>(program: Program<S>): void {
  const outcome = explore(program, exhaustive(), { budget });
  const why = outcome.kind === 'violation' ? outcome.violation.what : JSON.stringify(outcome.counts);
  expect(outcome.kind, why).to.equal('exhausted');
}
