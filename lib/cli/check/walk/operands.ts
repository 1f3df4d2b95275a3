/**
 * The operands of a value that was computed.
 */
import type { Value } from './value.ts';

/** A value that was computed of two others. */
export interface Operands {
  readonly operator: string;
  readonly left: Value;
  readonly right: Value;
}

const OPERATORS = ['&&', '||', '==', '<<', '>>', '<', '+', '-', '*', '/', '%', '&', '|', '^'] as const;
const OPENING = '([‹';
const CLOSING = ')]›';
const MOST_KNOWN = 20_000;
const known = new Map<Value, Operands | undefined>();

/** The operands of `(a+b)`; `undefined` for any other value. */
export function operandsOf(value: Value): Operands | undefined {
  if (!value.startsWith('(')) return undefined;
  if (known.has(value)) return known.get(value);
  const found = split(value);
  if (known.size > MOST_KNOWN) known.clear();
  known.set(value, found);
  return found;
}

function split(value: Value): Operands | undefined {
  let depth = 0;
  // Signs in front belong to the left operand: `*p`, `&(x)`, `#-4`.
  let hasBegun = false;
  for (let at = 1; at < value.length - 1; at++) {
    const c = value.charAt(at);
    if (OPENING.includes(c)) {
      depth++;
      hasBegun = true;
    } else if (CLOSING.includes(c)) depth--;
    else if (depth > 0) continue;
    else if (value.startsWith('->', at)) at++;
    else if (!hasBegun) {
      if (c === '#') at++;
      hasBegun = !/[*!&~-]/.test(c);
    } else {
      const operator = OPERATORS.find((each) => value.startsWith(each, at));
      if (operator !== undefined)
        return { operator, left: value.slice(1, at), right: value.slice(at + operator.length, -1) };
    }
  }
  return undefined;
}

/** The arguments of a call as a value: `min(a,b)`. */
export function argumentsIn(value: Value): readonly Value[] {
  const found: Value[] = [];
  let depth = 0;
  let start = value.indexOf('(') + 1;
  for (let at = start; at < value.length; at++) {
    const c = value.charAt(at);
    if (depth === 0 && (c === ',' || at === value.length - 1)) {
      found.push(value.slice(start, at));
      start = at + 1;
    } else if (OPENING.includes(c)) depth++;
    else if (CLOSING.includes(c)) depth--;
  }
  return found;
}
