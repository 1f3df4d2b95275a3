/**
 * Macros that jump: `GOTO(label, err = x)`, which names a label of the function, and `RETURN(err)`.
 */
import { argumentsOf, calledName, part, within } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';

/** A jump: to a label, after some expressions, or out of the function with a value. */
export interface Jump {
  readonly label: string | undefined;
  readonly before: readonly Syntax[];
  readonly value: Syntax | undefined;
}

/** The labels of a function. */
export function labelsOf(body: Syntax): ReadonlySet<string> {
  return new Set(within(body, 'labeled_statement').map((found) => part(found, 'label')?.text ?? ''));
}

/** The jump that a call of a macro is. */
export function jumpOf(node: Syntax, labels: ReadonlySet<string>): Jump | undefined {
  const name = node.type === 'call_expression' ? calledName(node) : undefined;
  if (name === undefined || !/^[A-Z_]+$/.test(name)) return undefined;
  const [first, ...before] = argumentsOf(node);
  if (first?.type === 'identifier' && labels.has(first.text))
    return { label: first.text, before, value: undefined };
  return /^(?:[A-Z]+_)?RETURN$/.test(name) ? { label: undefined, before: [], value: first } : undefined;
}
