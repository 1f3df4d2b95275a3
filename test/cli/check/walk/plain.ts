/**
 * What values mean, by plain numbers: the oracle for what the walk knows of them.
 */
import { operandsOf } from '../../../../lib/cli/check/walk/operands.ts';
import { numberOf } from '../../../../lib/cli/check/walk/value.ts';
import type { Value } from '../../../../lib/cli/check/walk/value.ts';

/** What unknown values are, by their texts: `%a` is 3. */
export type World = ReadonlyMap<Value, number>;

/** The number that a value is in a world; conditions are 0 or 1. `undefined` where C gives none, as for `1 / 0`. */
export function numberIn(world: World, value: Value): number | undefined {
  const known = numberOf(value) ?? world.get(value);
  if (known !== undefined) return known;
  if (value.startsWith('!')) {
    const inner = numberIn(world, value.slice(1));
    return inner === undefined ? undefined : Number(inner === 0);
  }
  const [, orNull, pointer] = /^IS_ERR(_OR_NULL)?\((.*)\)$/.exec(value) ?? [];
  if (pointer !== undefined) {
    const inner = numberIn(world, pointer);
    return inner === undefined
      ? undefined
      : Number((inner < 0 && inner >= -4095) || (inner === 0 && orNull !== undefined));
  }
  const operands = operandsOf(value);
  if (operands === undefined) throw new Error(`no number for ${value}`);
  const [a, b] = [numberIn(world, operands.left), numberIn(world, operands.right)];
  return a === undefined || b === undefined ? undefined : computed(operands.operator, a, b);
}

/** What an operator of C makes of two numbers. */
export function computed(operator: string, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? undefined : Math.trunc(a / b);
    case '%':
      return b === 0 ? undefined : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '<<':
      return a < 0 || b < 0 ? undefined : a * 2 ** b;
    case '>>':
      return a < 0 || b < 0 ? undefined : Math.floor(a / 2 ** b);
    case '<':
      return Number(a < b);
    case '==':
      return Number(a === b);
    case '&&':
      return Number(a !== 0 && b !== 0);
    case '||':
      return Number(a !== 0 || b !== 0);
    default:
      throw new Error(`no operator ${operator}`);
  }
}
