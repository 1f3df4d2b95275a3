/**
 * Arithmetic with values.
 */
import { expression, mappedOf, mappedValue, numberOf, numberValue } from './value.ts';
import type { Offset, Value } from './value.ts';

/** What an operator makes of two values. */
export function arithmetic(operator: string, left: Value, right: Value): Value {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) {
    const folded = fold(operator, a, b);
    if (folded !== undefined) return numberValue(folded);
  }
  if (operator === '+' || operator === '-') {
    if (b === 0) return left;
    if (a === 0 && operator === '+') return right;
    const mapped = mappedOf(left) ?? (operator === '+' ? mappedOf(right) : undefined);
    if (mapped !== undefined && !(mappedOf(left) !== undefined && mappedOf(right) !== undefined))
      return mappedValue(mapped.token, operator === '-' ? back(mapped.offset) : further(mapped.offset));
    // i + 1 + 1 is i + 2.
    const [, base, sign, step] = /^\((.*)([+-])#(\d+)\)$/.exec(left) ?? [];
    if (base !== undefined && b !== undefined) {
      const sum = (sign === '-' ? -1 : 1) * Number(step) + (operator === '-' ? -b : b);
      return sum === 0 ? base : `(${base}${sum < 0 ? '-' : '+'}#${String(Math.abs(sum))})`;
    }
  }
  // Flags in the low bits of an address.
  const flagged = operator === '|' || operator === '&' ? (mappedOf(left) ?? mappedOf(right)) : undefined;
  if (flagged !== undefined) return mappedValue(flagged.token, 'derived');
  return expression(`(${left}${operator}${right})`);
}

function fold(operator: string, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    // Of 32 bits with a sign, which is what this language has: what does not fit stays an expression.
    case '|':
      return isInt(a) && isInt(b) ? a | b : undefined;
    case '&':
      return isInt(a) && isInt(b) ? a & b : undefined;
    case '<<':
      return b < 0 ? undefined : a * 2 ** b;
    case '>>':
      return b < 0 ? undefined : Math.floor(a / 2 ** b);
    default:
      return undefined;
  }
}

function isInt(value: number): boolean {
  return (value | 0) === value;
}

/** Where an address lies that was computed from another one. */
export function further(offset: Offset): Offset {
  return offset === 'start' ? 'inside' : offset;
}

// Before an address that was moved on lies what was passed.
function back(offset: Offset): Offset {
  return offset === 'derived' ? offset : 'inside';
}
