/**
 * The condition of an `#if`, with each name that is not defined being 0.
 */

/** What is defined: a name, with its value where that is a number. */
export type Defined = ReadonlyMap<string, number>;

const TOKEN =
  /\s*(defined\s*\(\s*\w+\s*\)|defined\s+\w+|\w+\s*\(\s*\w+\s*\)|(?:0[xX][\da-fA-F]+|\d+)[uUlL]*|\w+|&&|\|\||[=!<>]=|[<>!()+*/%-])/gy;

/** The operators by how tightly they bind, the loosest first. */
const BINARY: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { '||': (a, b) => Number(a !== 0 || b !== 0) },
  { '&&': (a, b) => Number(a !== 0 && b !== 0) },
  { '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b) },
  {
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  {
    '*': (a, b) => a * b,
    '/': (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
    '%': (a, b) => (b === 0 ? 0 : a % b),
  },
];

/** Whether a condition holds. What cannot be read does not. */
export function holds(condition: string, defined: Defined): boolean {
  const tokens = [...condition.matchAll(TOKEN)].map(([, token = '']) => token);
  let at = 0;
  const unary = (): number => {
    const token = tokens[at++] ?? '0';
    if (token === '!') return Number(unary() === 0);
    if (token === '-') return -unary();
    if (token === '(') {
      const inside = binary(0);
      at += 1;
      return inside;
    }
    const [, name = ''] =
      /^(?:defined|IS_ENABLED|IS_REACHABLE|IS_BUILTIN|IS_MODULE)\W+(\w+)/.exec(token) ?? [];
    if (name !== '') return Number(defined.has(name));
    return /^\d/.test(token) ? Number(token.replace(/[uUlL]+$/, '')) : (defined.get(token) ?? 0);
  };
  const binary = (level: number): number => {
    const operators = BINARY[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (;;) {
      const operate = operators[tokens[at] ?? ''];
      if (operate === undefined) return left;
      at += 1;
      left = operate(left, binary(level + 1));
    }
  };
  return binary(0) !== 0;
}
