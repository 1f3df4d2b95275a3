/**
 * The syntax tree of a TypeScript module, as far as call sites are looked at.
 */
import { parse } from '@babel/parser';
import { UsageError } from '../usage-error.ts';

/** A node of the tree; what it has besides depends on its type. */
export interface SyntaxNode {
  readonly type: string;
  /** Where its text begins and ends. */
  readonly start: number;
  readonly end: number;
}

function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'start' in value &&
    typeof value.start === 'number'
  );
}

/** Parses a module; `file` is named if it cannot be parsed. */
export function parseModule(text: string, file: string): SyntaxNode {
  try {
    return whole(
      parse(text, { sourceType: 'module', plugins: ['typescript', 'explicitResourceManagement'] }).program,
    );
  } catch (error) {
    throw new UsageError(
      `${file} is not TypeScript: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function whole(node: unknown): SyntaxNode {
  if (!isNode(node)) throw new TypeError('a parsed module without a tree');
  return node;
}

/** The node in a property of another, if there is one. */
export function childOf(node: SyntaxNode, property: string): SyntaxNode | undefined {
  const value: unknown = Reflect.get(node, property);
  return isNode(value) ? value : undefined;
}

/** The nodes in a property that is a list. */
export function childrenOf(node: SyntaxNode, property: string): readonly SyntaxNode[] {
  const value: unknown = Reflect.get(node, property);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A text in a property: the name of an identifier, an operator. */
export function textOf(node: SyntaxNode, property: string): string {
  const value: unknown = Reflect.get(node, property);
  return typeof value === 'string' ? value : '';
}

/** Visits a node and all below it, from the outside in and in the order of the text. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  visit(node);
  for (const [key, value] of Object.entries<unknown>({ ...node })) {
    if (key === 'loc' || key.endsWith('Comments')) continue;
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) walk(each, visit);
  }
}
