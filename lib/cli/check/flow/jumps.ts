/**
 * Macros that jump: `GOTO(label, err = x)`, which names a label of the function, `RETURN(err)`, and those of the file.
 */
import { macroAt } from '../parse/macros.ts';
import type { Macros } from '../parse/macros.ts';
import { argumentsOf, calledName, part, within } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import { made, withField } from './made.ts';

/** A jump: to a label, after some expressions, or out of the function with a value. */
export interface Jump {
  readonly label: string | undefined;
  readonly before: readonly Syntax[];
  readonly value: Syntax | undefined;
  /** Whether it is made on a condition only. */
  readonly isSometimes: boolean;
}

/** The labels of a function. */
export function labelsOf(body: Syntax): ReadonlySet<string> {
  return new Set(within(body, 'labeled_statement').map((found) => part(found, 'label')?.text ?? ''));
}

/** The jump that a call of a macro is. */
export function jumpOf(node: Syntax, labels: ReadonlySet<string>, macros: Macros): Jump | undefined {
  const name = node.type === 'call_expression' ? calledName(node) : undefined;
  if (name === undefined) return undefined;
  const jump = macroAt(macros, name, node.start)?.jump;
  if (jump !== undefined && (jump.label === undefined || labels.has(jump.label)))
    return { ...jump, before: [], value: jump.value === undefined ? undefined : valueOf(jump.value, node) };
  if (!/^[A-Z_]+$/.test(name)) return undefined;
  const [first, ...before] = argumentsOf(node);
  if (first?.type === 'identifier' && labels.has(first.text))
    return { label: first.text, before, value: undefined, isSometimes: false };
  return /^(?:[A-Z]+_)?RETURN$/.test(name)
    ? { label: undefined, before: [], value: first, isSometimes: false }
    : undefined;
}

// A number, or an error number; else a value of which nothing is known.
function valueOf(text: string, at: Syntax): Syntax | undefined {
  const [, sign, word] = /^\(?\s*(-?)\s*(\w+)\s*\)?$/.exec(text) ?? [];
  if (word === undefined) return text === '' ? undefined : made('unknown', at, []);
  const value = made(/^\d/.test(word) ? 'number_literal' : 'identifier', at, [], word);
  if (sign === '') return value;
  return made('unary_expression', at, [
    withField(made('-', at, [], '-'), 'operator'),
    withField(value, 'argument'),
  ]);
}
