/**
 * The text of a call site: where it is in its file, its lines, and the functions of the design that it calls.
 */
import type { JobId } from 'scatterlist/lab';
import { UsageError } from '../usage-error.ts';
import { childOf, childrenOf, parseModule, textOf, walk } from './syntax.ts';
import type { SyntaxNode } from './syntax.ts';

/** A call site in the text of its file. */
export interface SiteSource {
  readonly job: JobId;
  readonly node: SyntaxNode;
  readonly text: string;
  /** The number of its first line. */
  readonly line: number;
}

/** A file with call sites. */
export class SiteFile {
  readonly file: string;
  readonly text: string;
  private readonly root: SyntaxNode;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.root = parseModule(text, file);
  }

  /** The call site of a job: the first function that is a property of this name. */
  site(job: JobId): SiteSource {
    let node: SyntaxNode | undefined;
    walk(this.root, (each) => {
      if (node === undefined && isFunctionNamed(each, job)) node = each;
    });
    if (node === undefined)
      throw new UsageError(
        `${this.file}: the call site of ${job} is not found; write it as a method, ${job}({ … }) { … }`,
      );
    return {
      job,
      node,
      text: this.text.slice(node.start, node.end),
      line: lineAt(this.text, node.start),
    };
  }

  /** The whole text, with another text in place of a call site. */
  withSite(site: SiteSource, text: string): string {
    return this.text.slice(0, site.node.start) + text + this.text.slice(site.node.end);
  }
}

function isFunctionNamed(node: SyntaxNode, name: string): boolean {
  const key = childOf(node, 'key');
  if (key?.type !== 'Identifier' || textOf(key, 'name') !== name) return false;
  if (node.type === 'ObjectMethod') return true;
  const value = childOf(node, 'value');
  return value?.type === 'FunctionExpression' || value?.type === 'ArrowFunctionExpression';
}

/** The number of the line at a position. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** The lines that a text has, without those that are empty or hold only a comment. */
export function linesIn(text: string): number {
  return text.split('\n').filter((line) => !/^\s*($|\/\/|\/\*|\*(\s|\/|$))/.test(line)).length;
}

/** How often the text of a call site calls each function of the design: `api.…(…)`. */
export function callsIn({ node }: SiteSource): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  walk(node, (each) => {
    const callee = each.type === 'CallExpression' ? childOf(each, 'callee') : undefined;
    const object = callee === undefined ? undefined : childOf(callee, 'object');
    const property = callee === undefined ? undefined : childOf(callee, 'property');
    if (object?.type !== 'Identifier' || textOf(object, 'name') !== 'api' || property === undefined) return;
    const name = textOf(property, 'name');
    counts[name] = (counts[name] ?? 0) + 1;
  });
  return counts;
}

/** The parts of a call site of which one run may enter one and another run may not. */
export interface Branch {
  readonly start: number;
  readonly end: number;
  /** Whether it is an expression, so that a counter is put before it with a comma. */
  readonly isExpression: boolean;
}

const LOOPS = new Set([
  'ForStatement',
  'ForOfStatement',
  'ForInStatement',
  'WhileStatement',
  'DoWhileStatement',
]);
const FUNCTIONS = new Set(['ArrowFunctionExpression', 'FunctionExpression', 'ObjectMethod']);

/** The branches of a call site, in the order of the text. */
export function branchesOf({ node: site }: SiteSource): readonly Branch[] {
  const branches: Branch[] = [];
  const add = (part: SyntaxNode | undefined, isExpression: boolean): void => {
    if (part !== undefined) branches.push({ start: part.start, end: part.end, isExpression });
  };
  walk(site, (node) => {
    if (node.type === 'IfStatement') {
      const alternate = childOf(node, 'alternate');
      add(childOf(node, 'consequent'), false);
      if (alternate?.type !== 'IfStatement') add(alternate, false);
    } else if (LOOPS.has(node.type) || node.type === 'CatchClause') add(childOf(node, 'body'), false);
    else if (node.type === 'SwitchCase') add(childrenOf(node, 'consequent')[0], false);
    else if (node.type === 'ConditionalExpression') {
      add(childOf(node, 'consequent'), true);
      add(childOf(node, 'alternate'), true);
    } else if (node.type === 'LogicalExpression') add(childOf(node, 'right'), true);
    else if (FUNCTIONS.has(node.type) && node !== site && childOf(site, 'value') !== node) {
      const body = childOf(node, 'body');
      add(body, body?.type !== 'BlockStatement');
    }
  });
  return branches.sort((a, b) => a.start - b.start);
}
