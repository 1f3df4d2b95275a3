/**
 * `a ? b : c` in an expression, where it makes two ways of it.
 */
import { calledName, part } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';

/** The first `a ? b : c` in which a call that matters is made in b or c. */
export function choiceIn(node: Syntax, matters: (name: string) => boolean): Syntax | undefined {
  if (node.type === 'conditional_expression') {
    const arms = [part(node, 'consequence'), part(node, 'alternative')];
    if (arms.some((arm) => arm !== undefined && hasCalls(arm, matters))) return node;
  }
  for (const child of node.children) {
    const found = choiceIn(child, matters);
    if (found !== undefined) return found;
  }
  return undefined;
}

function hasCalls(node: Syntax, matters: (name: string) => boolean): boolean {
  if (node.type === 'call_expression' && matters(calledName(node) ?? '')) return true;
  return node.children.some((child) => hasCalls(child, matters));
}
