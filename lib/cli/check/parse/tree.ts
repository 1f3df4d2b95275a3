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
    const { startIndex, startPosition } = cursor;
    return new Copier(cursor, text, place, { at: startIndex, line: startPosition.row + 1 }).copy();
  } finally {
    cursor.delete();
  }
}

/** A kind of node, by its number in the grammar. */
const KINDS = new Map<number, { readonly type: string; readonly isNamed: boolean }>();

/** Copies nodes in the order of the text. Each property of a cursor is a call: few are asked for. */
class Copier {
  private readonly cursor: TreeCursor;
  private readonly source: string;
  private readonly place: Place;
  /** How far the lines were counted. */
  private readonly counted: { at: number; line: number };

  constructor(cursor: TreeCursor, source: string, place: Place, counted: { at: number; line: number }) {
    this.cursor = cursor;
    this.source = source;
    this.place = place;
    this.counted = counted;
  }

  copy(): Syntax {
    const { cursor, source, place } = this;
    const children: Syntax[] = [];
    const { type, isNamed } = this.#kind(cursor.nodeTypeId);
    const { startIndex, endIndex } = cursor;
    const field = cursor.currentFieldName ?? '';
    const line = this.#lineAt(startIndex) + place.lines;
    const [start, end] = [startIndex + place.offset, endIndex + place.offset];
    if (cursor.gotoFirstChild()) {
      do children.push(this.copy());
      while (cursor.gotoNextSibling());
      cursor.gotoParent();
    }
    return { type, field, start, end, line, isNamed, children, text: source.slice(startIndex, endIndex) };
  }

  #kind(id: number): { readonly type: string; readonly isNamed: boolean } {
    const known = KINDS.get(id) ?? { type: this.cursor.nodeType, isNamed: this.cursor.nodeIsNamed };
    KINDS.set(id, known);
    return known;
  }

  #lineAt(offset: number): number {
    const { counted, source } = this;
    for (; counted.at < offset; counted.at++) if (source.charCodeAt(counted.at) === 10) counted.line++;
    return counted.line;
  }
}

/** The child with a role. */
export function part(node: Syntax | undefined, field: string): Syntax | undefined {
  return node?.children.find((child) => child.field === field);
}

/** The children that are more than words and signs of the language. */
export function named(node: Syntax | undefined): readonly Syntax[] {
  return node?.children.filter(({ isNamed }) => isNamed) ?? [];
}

/** All nodes of some types within a node, in the order of the text. */
export function within(node: Syntax, ...types: readonly string[]): readonly Syntax[] {
  const found: Syntax[] = [];
  const look = (at: Syntax): void => {
    if (types.includes(at.type)) found.push(at);
    for (const child of at.children) look(child);
  };
  look(node);
  return found;
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
