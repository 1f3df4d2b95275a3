/**
 * Blocks of C that do something when they are left: `guard(spinlock)(&lock)`, `__free(name)`.
 */
import { argumentsOf, calledName, part, within } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';

interface Scope {
  readonly node: Syntax;
  readonly undo: Undo[];
}

interface Undo {
  readonly call: Syntax;
  /** The variable of `__free`. */
  readonly variable: string | undefined;
}

/** The scopes around a statement. */
export class Scopes {
  readonly #open: Scope[] = [];
  /** What is around each label. */
  readonly #labels = new Map<string, readonly Syntax[]>();

  constructor(body: Syntax) {
    this.#find(body, []);
  }

  /** How many scopes are open. */
  get depth(): number {
    return this.#open.length;
  }

  enter(node: Syntax): void {
    this.#open.push({ node, undo: [] });
  }

  leave(): void {
    this.#open.pop();
  }

  /** Adds a call that is made when the innermost scope is left. */
  atEnd(call: Syntax, variable?: string): void {
    this.#open.at(-1)?.undo.push({ call, variable });
  }

  /** The calls that are made when all scopes but some outer ones are left. */
  undo(outer: number, keptVariable?: string): readonly Syntax[] {
    return callsOf(this.#open.slice(outer), keptVariable);
  }

  /** The calls that are made by a jump to a label. */
  undoBefore(label: string): readonly Syntax[] {
    const around = this.#labels.get(label) ?? [];
    return callsOf(this.#open.filter(({ node }) => !around.includes(node)));
  }

  #find(node: Syntax, around: readonly Syntax[]): void {
    if (node.type === 'labeled_statement') this.#labels.set(part(node, 'label')?.text ?? '', around);
    for (const child of node.children)
      if (/statement$|^else_clause$/.test(child.type)) this.#find(child, [...around, node]);
  }
}

// The last one first.
function callsOf(scopes: readonly Scope[], keptVariable?: string): readonly Syntax[] {
  return scopes
    .flatMap(({ undo }) => undo)
    .reverse()
    .flatMap(({ call, variable }) => (variable !== undefined && variable === keptVariable ? [] : [call]));
}

/** `no_free_ptr(p)` in an expression: p is given away, and what ends its scope finds NULL. */
export function givenAway(node: Syntax): { readonly call: Syntax; readonly variable: Syntax } | undefined {
  for (const call of within(node, 'call_expression')) {
    const [variable] = argumentsOf(call);
    if (variable?.type === 'identifier' && /^(?:no_free_ptr|return_ptr)$/.test(calledName(call) ?? ''))
      return { call, variable };
  }
  return undefined;
}
