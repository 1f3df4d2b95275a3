/**
 * The syntax tree of one function as plain objects. The grammar's own nodes live in WebAssembly, and each look at one
 * of them is a call; a walk looks at each many times.
 */
import type { Node, TreeCursor } from 'web-tree-sitter';

/** A node of the syntax tree. */
export interface Syntax {
  readonly type: string;
  /** The role in its parent: `function`, `arguments`, `left`. Empty if it has none. */
  readonly field: string;
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** Whether it is more than a word or a sign of the language. */
  readonly isNamed: boolean;
  /** Operators, which have no name of their own in the grammar, are among them. */
  readonly children: readonly Syntax[];
  readonly text: string;
}

/** Where a text that was parsed begins in its file. */
export interface Place {
  readonly offset: number;
  /** The lines before it. */
  readonly lines: number;
}

/** Copies a node of a parsed text with all that is below it. */
export function syntaxOf(node: Node, text: string, place: Place): Syntax {
  const cursor = node.walk();
  try {
    return copy(cursor, text, place);
  } finally {
    cursor.delete();
  }
}

function copy(cursor: TreeCursor, source: string, place: Place): Syntax {
  const children: Syntax[] = [];
  const { nodeType: type, startIndex, endIndex, nodeIsNamed: isNamed } = cursor;
  const field = cursor.currentFieldName ?? '';
  const line = cursor.startPosition.row + 1 + place.lines;
  const [start, end] = [startIndex + place.offset, endIndex + place.offset];
  if (cursor.gotoFirstChild()) {
    do children.push(copy(cursor, source, place));
    while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return { type, field, start, end, line, isNamed, children, text: source.slice(startIndex, endIndex) };
}

/** The child with a role. */
export function part(node: Syntax | undefined, field: string): Syntax | undefined {
  return node?.children.find((child) => child.field === field);
}

/** The children that are more than words and signs of the language. */
export function named(node: Syntax | undefined): readonly Syntax[] {
  return node?.children.filter(({ isNamed }) => isNamed) ?? [];
}

/** All nodes of a type within a node, in the order of the text. */
export function* within(node: Syntax, type: string): Generator<Syntax> {
  if (node.type === type) yield node;
  for (const child of node.children) yield* within(child, type);
}

/** The name that a declarator declares: `*name[4]`, `(*name)(int)`. */
export function declaredName(declarator: Syntax | undefined): string | undefined {
  if (declarator === undefined) return undefined;
  if (declarator.type === 'identifier' || declarator.type === 'field_identifier') return declarator.text;
  const inner =
    part(declarator, 'declarator') ??
    declarator.children.find(({ type }) => /declarator|identifier/.test(type));
  return declaredName(inner);
}

/** The name of the function that a call calls, if it is a plain name. */
export function calledName(call: Syntax): string | undefined {
  const callee = part(call, 'function');
  return callee?.type === 'identifier' ? callee.text : undefined;
}

/** The arguments of a call. */
export function argumentsOf(call: Syntax): readonly Syntax[] {
  return named(part(call, 'arguments')).filter(({ type }) => type !== 'comment');
}
