/**
 * Nodes of syntax that are not in the file.
 */
import { named } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';

/** A node that is not in the file, at the place of one that is. */
export function made(type: string, at: Syntax, children: readonly Syntax[], text = at.text): Syntax {
  const { start, end, line } = at;
  return { type, field: '', start, end, line, isNamed: /^\w+$/.test(type), children, text };
}

/** A node in another role. */
export function withField(node: Syntax, field: string): Syntax {
  return { ...node, field };
}

/** `left = right`. */
export function assignment(left: Syntax, right: Syntax): Syntax {
  return made('assignment_expression', right, [
    withField(left, 'left'),
    withField(made('=', right, [], '='), 'operator'),
    withField(right, 'right'),
  ]);
}

/** `name(given)`. */
export function madeCall(name: string, given: readonly Syntax[], at: Syntax): Syntax {
  return made('call_expression', at, [
    withField(made('identifier', at, [], name), 'function'),
    withField(made('argument_list', at, given), 'arguments'),
  ]);
}

/** A node with another one in place of one that is in it. */
export function replaced(node: Syntax, old: Syntax, by: Syntax): Syntax {
  if (node === old) return withField(by, old.field);
  if (node.start > old.start || node.end < old.end) return node;
  return { ...node, children: node.children.map((child) => replaced(child, old, by)) };
}

/** The parts of `a, b, c`. */
export function flat(node: Syntax): readonly Syntax[] {
  return node.type === 'comma_expression' ? named(node).flatMap(flat) : [node];
}

/** The number of the last line of a node. */
export function lastLine(node: Syntax): number {
  let lines = node.line;
  for (let at = node.text.indexOf('\n'); at >= 0; at = node.text.indexOf('\n', at + 1)) lines++;
  return lines;
}
