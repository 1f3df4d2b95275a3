/**
 * What is known of values: a range, and whether it can be 0. Of a comparison that is not decided, its text is a value
 * with a range of 0 to 1, so that the same comparison is decided alike when it comes again.
 */
import { argumentsIn, operandsOf } from './operands.ts';
import type { Operands } from './operands.ts';
import { numberOf, isMapped } from './value.ts';
import type { Value } from './value.ts';

/** What is known of one value. */
export interface Fact {
  readonly lowest: number;
  readonly highest: number;
  readonly isNot0: boolean;
  /** The line of the access that shows that it is not 0, where no condition has asked. */
  readonly shownIn?: number;
}

const ANYTHING: Fact = { lowest: -Infinity, highest: Infinity, isNot0: false };
const ERROR_OR_NULL = 'IS_ERR_OR_NULL(';
const MOST_LEVELS = 6;

/** What is known of values, by value. */
export type Facts = Map<Value, Fact>;

/** What is known of a value. */
export function factOf(facts: Facts, value: Value, levels = MOST_LEVELS): Fact {
  // Most values are unknown ones and parameters, which nothing below says more of.
  if (value.startsWith('‹') || value.startsWith('%')) return facts.get(value) ?? ANYTHING;
  const number = numberOf(value);
  if (number !== undefined) return range(number, number);
  if (value.startsWith('-E:')) return range(-4095, -1);
  if (isMapped(value) || value.startsWith('&(') || value.startsWith('"')) return range(1, Infinity);
  const noted = facts.get(value);
  if (value.startsWith('sizeof')) return range(1, Infinity);
  if (value.startsWith('!')) {
    const truth = truthOf(facts, value.slice(1), levels - 1);
    return truth === undefined ? (noted ?? range(0, 1)) : truth ? range(0, 0) : range(1, 1);
  }
  if (value.startsWith(ERROR_OR_NULL)) {
    const pointer = value.slice(ERROR_OR_NULL.length, -1);
    const [isError, isThere] = [truthOf(facts, `IS_ERR(${pointer})`, 0), truthOf(facts, pointer, 0)];
    if (isError === true || isThere === false) return range(1, 1);
    if (isError === false && isThere === true) return range(0, 0);
    return noted ?? range(0, 1);
  }
  if (value === 'IS_ERR(#0)' || value.startsWith('IS_ERR(@')) return range(0, 0);
  if (value === 'PAGE_SIZE') return range(1, Infinity);
  const least = /^min(?:_t)?\(/.test(value) ? argumentsIn(value) : [];
  if (least.length > 1) {
    const parts = least.slice(-2).map((each) => factOf(facts, each, levels - 1));
    const both = range(
      Math.min(...parts.map(({ lowest }) => lowest)),
      Math.min(...parts.map(({ highest }) => highest)),
    );
    return noted === undefined ? both : meet(noted, both);
  }
  const operands = levels > 0 ? operandsOf(value) : undefined;
  if (operands === undefined) return noted ?? ANYTHING;
  const computed = computedFact(facts, operands, levels - 1);
  return noted === undefined ? computed : meet(noted, computed);
}

function meet(a: Fact, b: Fact): Fact {
  return {
    lowest: Math.max(a.lowest, b.lowest),
    highest: Math.min(a.highest, b.highest),
    isNot0: a.isNot0 || b.isNot0,
  };
}

function range(lowest: number, highest: number): Fact {
  return { lowest, highest, isNot0: lowest > 0 || highest < 0 };
}

// What is known of a value because of its operands. Counters are thought not to overflow.
function computedFact(facts: Facts, { operator, left, right }: Operands, levels: number): Fact {
  const a = factOf(facts, left, levels);
  const b = factOf(facts, right, levels);
  switch (operator) {
    case '+':
      return range(a.lowest + b.lowest, a.highest + b.highest);
    case '-':
      return difference(facts, left, right, range(a.lowest - b.highest, a.highest - b.lowest));
    case '*':
      return a.lowest >= 0 && b.lowest >= 0 ? range(a.lowest * b.lowest, Infinity) : ANYTHING;
    case '&':
      return b.lowest >= 0 && b.highest < Infinity ? range(0, b.highest) : ANYTHING;
    case '%':
      return b.lowest > 0 ? range(a.lowest >= 0 ? 0 : 1 - b.highest, b.highest - 1) : ANYTHING;
    case '/':
      return a.lowest >= 0 && b.lowest >= 0 ? range(0, Infinity) : ANYTHING;
    case '>>':
    case '<<':
      return a.lowest >= 0 ? range(0, Infinity) : ANYTHING;
    case '&&':
    case '||': {
      const [p, q] = [isTrue(a), isTrue(b)];
      const decides = operator === '||';
      if (p === decides || q === decides) return decides ? range(1, 1) : range(0, 0);
      return p === undefined || q === undefined ? range(0, 1) : decides ? range(0, 0) : range(1, 1);
    }
    case '<':
    case '==': {
      const known = decide(operator, left, right, a, b);
      return known === undefined ? range(0, 1) : known ? range(1, 1) : range(0, 0);
    }
    default:
      return ANYTHING;
  }
}

// `a < b` says that b - a is more than 0.
function difference(facts: Facts, left: Value, right: Value, from: Fact): Fact {
  const isLess = facts.get(`(${right}<${left})`);
  if (isLess?.isNot0 === true) return range(Math.max(1, from.lowest), from.highest);
  const isMore = facts.get(`(${left}<${right})`);
  if (isMore?.highest === 0) return range(Math.max(0, from.lowest), from.highest);
  return from;
}

/** Whether a value is true, if that is known. */
export function truthOf(facts: Facts, value: Value, levels = MOST_LEVELS): boolean | undefined {
  return isTrue(factOf(facts, value, levels));
}

function isTrue({ lowest, highest, isNot0 }: Fact): boolean | undefined {
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
  const known =
    decide(operator, left, right, factOf(facts, left), factOf(facts, right)) ??
    truthOf(facts, keyOf(compared));
  if (known !== undefined) return known !== isNegated;
  return isNegated ? `!${keyOf(compared)}` : keyOf(compared);
}

function decide(operator: '==' | '<', left: Value, right: Value, a: Fact, b: Fact): boolean | undefined {
  if (left === right) return operator === '==';
  if (operator === '<') {
    if (a.highest < b.lowest) return true;
    if (a.lowest >= b.highest) return false;
    return undefined;
  }
  if (a.highest < b.lowest || b.highest < a.lowest) return false;
  if (a.isNot0 && right === '#0') return false;
  if (left.startsWith('-E:') && right.startsWith('-E:')) return false;
  if ((isMapped(left) && isNoMapping(right)) || (isMapped(right) && isNoMapping(left))) return false;
  if (a.lowest === a.highest && b.lowest === b.highest) return a.lowest === b.lowest;
  return undefined;
}

// The address of a variable, or an array by its name.
function isNoMapping(value: Value): boolean {
  return value.startsWith('&(') || /^[a-z_]\w*$/i.test(value);
}

/** Takes a condition for true or for false; returns whether that is possible. */
export function assume(facts: Facts, value: Value, truth: boolean): boolean {
  if (value.startsWith('!')) return assume(facts, value.slice(1), !truth);
  const known = truthOf(facts, value);
  if (known !== undefined) return known === truth;
  const operands = operandsOf(value);
  if (operands !== undefined && /^(?:<|==|&&|\|\|)$/.test(operands.operator)) {
    const { operator, left, right } = operands;
    facts.set(value, range(truth ? 1 : 0, truth ? 1 : 0));
    if (operator === '<') return assumeLess(facts, left, right, truth);
    if (operator === '==') return assumeEqual(facts, left, right, truth);
    return assumeBoth(facts, left, right, operator === '&&', truth);
  }
  if (truth) {
    facts.set(value, { ...factOf(facts, value), isNot0: true });
    // An error pointer is not NULL.
    const [, inner] = /^IS_ERR\((.*)\)$/.exec(value) ?? [];
    if (inner !== undefined) facts.set(inner, { ...factOf(facts, inner), isNot0: true });
  } else {
    facts.set(value, range(0, 0));
    if (value.startsWith(ERROR_OR_NULL)) assumePointer(facts, value.slice(ERROR_OR_NULL.length, -1));
  }
  return true;
}

/** The same for a condition whose operands may be others than when it was made: they are brought in order again. */
export function assumeCondition(facts: Facts, value: Value, truth: boolean): boolean {
  const operands = operandsOf(value);
  const compared =
    operands === undefined ? undefined : comparison(operands.operator, operands.left, operands.right);
  if (compared === undefined) return assume(facts, value, truth);
  const known = compare(facts, compared);
  return typeof known === 'boolean' ? known === truth : assume(facts, known, truth);
}

/**
 * Takes a value for a pointer that leads somewhere: neither NULL nor an error.
 *
 * @param line that of the access that shows it
 */
export function assumePointer(facts: Facts, value: Value, line?: number): void {
  if (/^(?:#|@|"|&\(|-E:)/.test(value)) return;
  const isNew = truthOf(facts, value) === undefined;
  assume(facts, value, true);
  if (isNew && line !== undefined) facts.set(value, { ...factOf(facts, value), shownIn: line });
  facts.set(`IS_ERR(${value})`, range(0, 0));
}

/** Takes a pointer for NULL although an access has shown that it is not. */
export function assumeNull(facts: Facts, value: Value): void {
  facts.set(value, range(0, 0));
}

// `a && b` that is true says both; one that is false, of the other one if one is known. `a || b` is the same, negated.
function assumeBoth(facts: Facts, left: Value, right: Value, isAnd: boolean, truth: boolean): boolean {
  if (isAnd === truth) return assume(facts, left, truth) && assume(facts, right, truth);
  if (truthOf(facts, left) === isAnd) return assume(facts, right, truth);
  if (truthOf(facts, right) === isAnd) return assume(facts, left, truth);
  return true;
}

function assumeLess(facts: Facts, left: Value, right: Value, truth: boolean): boolean {
  const a = factOf(facts, left);
  const b = factOf(facts, right);
  if (truth)
    return narrow(facts, left, -Infinity, b.highest - 1) && narrow(facts, right, a.lowest + 1, Infinity);
  return narrow(facts, left, b.lowest, Infinity) && narrow(facts, right, -Infinity, a.highest);
}

function assumeEqual(facts: Facts, left: Value, right: Value, truth: boolean): boolean {
  if (right === '#0') return assume(facts, left, !truth);
  const b = factOf(facts, right);
  if (truth) {
    if (b.isNot0 && b.lowest <= 0 && b.highest >= 0)
      facts.set(left, { ...factOf(facts, left), isNot0: true });
    return narrow(facts, left, b.lowest, b.highest);
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
