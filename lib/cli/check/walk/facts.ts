/**
 * What is known of values: a range, and whether it can be 0. Of a comparison that is not decided, its text is a value
 * with a range of 0 to 1, so that the same comparison is decided alike when it comes again.
 */
import { numberOf, isMapped } from './value.ts';
import type { Value } from './value.ts';

/** What is known of one value. */
export interface Fact {
  readonly lowest: number;
  readonly highest: number;
  readonly isNot0: boolean;
}

const ANYTHING: Fact = { lowest: -Infinity, highest: Infinity, isNot0: false };

/** What is known of values, by value. */
export type Facts = Map<Value, Fact>;

/** What is known of a value. */
export function factOf(facts: Facts, value: Value): Fact {
  const number = numberOf(value);
  if (number !== undefined) return { lowest: number, highest: number, isNot0: number !== 0 };
  if (value.startsWith('-E:')) return { lowest: -4095, highest: -1, isNot0: true };
  if (isMapped(value) || value.startsWith('&(') || value.startsWith('"'))
    return { lowest: 1, highest: Infinity, isNot0: true };
  return facts.get(value) ?? ANYTHING;
}

/** Whether a value is true, if that is known. */
export function truthOf(facts: Facts, value: Value): boolean | undefined {
  const { lowest, highest, isNot0 } = factOf(facts, value);
  if (isNot0 || lowest > 0 || highest < 0) return true;
  if (lowest === 0 && highest === 0) return false;
  return undefined;
}

/** A comparison of two values; `!` and `>` are written with `==` and `<`. */
export interface Comparison {
  readonly operator: '==' | '<';
  readonly left: Value;
  readonly right: Value;
  readonly isNegated: boolean;
}

/** Brings a comparison into one form. */
export function comparison(operator: string, left: Value, right: Value): Comparison | undefined {
  switch (operator) {
    case '==':
    case '!=': {
      const isNegated = operator === '!=';
      // A number stands on the right.
      return numberOf(left) !== undefined || (numberOf(right) === undefined && left > right)
        ? { operator: '==', left: right, right: left, isNegated }
        : { operator: '==', left, right, isNegated };
    }
    case '<':
      return { operator: '<', left, right, isNegated: false };
    case '>':
      return { operator: '<', left: right, right: left, isNegated: false };
    case '>=':
      return { operator: '<', left, right, isNegated: true };
    case '<=':
      return { operator: '<', left: right, right: left, isNegated: true };
    default:
      return undefined;
  }
}

function keyOf({ operator, left, right }: Comparison): Value {
  return `(${left}${operator}${right})`;
}

/** Whether a comparison is true, if that is known; else the value that stands for it. */
export function compare(facts: Facts, compared: Comparison): boolean | Value {
  const { operator, left, right, isNegated } = compared;
  const known = decide(facts, operator, left, right) ?? truthOf(facts, keyOf(compared));
  if (known !== undefined) return known !== isNegated;
  return isNegated ? `!${keyOf(compared)}` : keyOf(compared);
}

function decide(facts: Facts, operator: '==' | '<', left: Value, right: Value): boolean | undefined {
  if (left === right) return operator === '==';
  const a = factOf(facts, left);
  const b = factOf(facts, right);
  if (operator === '<') {
    if (a.highest < b.lowest) return true;
    if (a.lowest >= b.highest) return false;
    return undefined;
  }
  if (a.highest < b.lowest || b.highest < a.lowest) return false;
  if (a.isNot0 && right === '#0') return false;
  if (left.startsWith('-E:') && right.startsWith('-E:')) return false;
  if (a.lowest === a.highest && b.lowest === b.highest) return a.lowest === b.lowest;
  return undefined;
}

/** Takes a condition for true or for false; returns whether that is possible. */
export function assume(facts: Facts, value: Value, truth: boolean): boolean {
  if (value.startsWith('!')) return assume(facts, value.slice(1), !truth);
  const known = truthOf(facts, value);
  if (known !== undefined) return known === truth;
  const [, left, operator, right] = splitComparison(value) ?? [];
  if (left !== undefined && right !== undefined) {
    facts.set(value, { lowest: truth ? 1 : 0, highest: truth ? 1 : 0, isNot0: truth });
    return operator === '<' ? assumeLess(facts, left, right, truth) : assumeEqual(facts, left, right, truth);
  }
  if (truth) {
    facts.set(value, { ...factOf(facts, value), isNot0: true });
    // An error pointer is not NULL.
    const [, inner] = /^IS_ERR\((.*)\)$/.exec(value) ?? [];
    if (inner !== undefined) facts.set(inner, { ...factOf(facts, inner), isNot0: true });
  } else facts.set(value, { lowest: 0, highest: 0, isNot0: false });
  return true;
}

/** The parts of `(a<b)`, by the operator that is not inside of parentheses. */
function splitComparison(value: Value): readonly [string, Value, string, Value] | undefined {
  if (!value.startsWith('(')) return undefined;
  let depth = 0;
  for (let at = 1; at < value.length - 1; at++) {
    const c = value.charCodeAt(at);
    if (c === 40 || c === 91) depth++;
    else if (c === 41 || c === 93) depth--;
    else if (depth === 0 && c === 60) return [value, value.slice(1, at), '<', value.slice(at + 1, -1)];
    else if (depth === 0 && c === 61 && value.charCodeAt(at + 1) === 61)
      return [value, value.slice(1, at), '==', value.slice(at + 2, -1)];
  }
  return undefined;
}

function assumeLess(facts: Facts, left: Value, right: Value, truth: boolean): boolean {
  const a = factOf(facts, left);
  const b = factOf(facts, right);
  if (truth)
    return narrow(facts, left, -Infinity, b.highest - 1) && narrow(facts, right, a.lowest + 1, Infinity);
  return narrow(facts, left, b.lowest, Infinity) && narrow(facts, right, -Infinity, a.highest);
}

function assumeEqual(facts: Facts, left: Value, right: Value, truth: boolean): boolean {
  const b = factOf(facts, right);
  if (truth) {
    if (b.isNot0 && b.lowest <= 0 && b.highest >= 0)
      facts.set(left, { ...factOf(facts, left), isNot0: true });
    return narrow(facts, left, b.lowest, b.highest);
  }
  if (right === '#0') {
    facts.set(left, { ...factOf(facts, left), isNot0: true });
    return true;
  }
  const a = factOf(facts, left);
  if (b.lowest === b.highest) {
    if (a.lowest === b.lowest) return narrow(facts, left, a.lowest + 1, Infinity);
    if (a.highest === b.lowest) return narrow(facts, left, -Infinity, a.highest - 1);
  }
  return true;
}

function narrow(facts: Facts, value: Value, lowest: number, highest: number): boolean {
  const now = factOf(facts, value);
  const narrowed = {
    lowest: Math.max(now.lowest, lowest),
    highest: Math.min(now.highest, highest),
    isNot0: now.isNot0 || lowest > 0 || highest < 0,
  };
  if (narrowed.lowest > narrowed.highest) return false;
  if (narrowed.isNot0 && narrowed.lowest === 0 && narrowed.highest === 0) return false;
  if (numberOf(value) === undefined && !isMapped(value) && !/^(?:&\(|-E:|")/.test(value))
    facts.set(value, narrowed);
  return true;
}

/** What is known of a value that is one of two. A bound that grows is dropped, so that a loop comes to an end. */
export function joinFacts(old: Fact, also: Fact, isLoop: boolean): Fact | undefined {
  const grows = (a: number, b: number, without: number): number => (a === b ? a : isLoop ? without : NaN);
  const lowest = also.lowest >= old.lowest ? old.lowest : grows(old.lowest, also.lowest, -Infinity);
  const highest = also.highest <= old.highest ? old.highest : grows(old.highest, also.highest, Infinity);
  const joined: Fact = {
    lowest: Number.isNaN(lowest) ? Math.min(old.lowest, also.lowest) : lowest,
    highest: Number.isNaN(highest) ? Math.max(old.highest, also.highest) : highest,
    isNot0: not0(old) && not0(also),
  };
  if (joined.lowest === -Infinity && joined.highest === Infinity && !joined.isNot0) return undefined;
  return joined;
}

function not0({ lowest, highest, isNot0 }: Fact): boolean {
  return isNot0 || lowest > 0 || highest < 0;
}
