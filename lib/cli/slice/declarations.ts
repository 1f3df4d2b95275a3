/**
 * What a C file declares at its outermost level, as the grammar reads it.
 */
import type { Node, Parser } from 'web-tree-sitter';
import { macroDeclarations } from '../kernel-c/annotations.ts';
import type { MacroDeclaration } from '../kernel-c/annotations.ts';
import { loadParser, parsed } from '../kernel-c/parser.ts';
import { without } from '../kernel-c/text.ts';
import { clean } from './clean.ts';

/** What a declaration is. */
type Kind = 'macro' | 'type' | 'variable' | 'prototype' | 'function';

/** One declaration. */
export interface Declaration {
  readonly kind: Kind;
  /** What it declares; tags with their word: `struct page`. */
  readonly names: readonly string[];
  /** As it stands in the file, without comments. */
  readonly text: string;
  readonly file: string;
  readonly line: number;
  readonly isStatic: boolean;
  readonly isInline: boolean;
  /** Of a function or a prototype: all before its body or its semicolon. */
  readonly head: string;
  /** Of a struct or union: its members, each with the names in it. */
  readonly members: readonly Member[];
}

/** A member of a struct or union. */
interface Member {
  readonly names: readonly string[];
  readonly text: string;
}

/** A file that was read. */
export interface Source {
  readonly file: string;
  readonly declarations: readonly Declaration[];
  readonly includes: readonly string[];
}

/** Reads C files. */
export class Reader {
  private readonly parser: Parser;
  private readonly defined: readonly string[];

  private constructor(parser: Parser, defined: readonly string[]) {
    this.parser = parser;
    this.defined = defined;
  }

  /** Loads the grammar. The names count as defined in conditions. */
  static async load(defined: readonly string[]): Promise<Reader> {
    return new Reader(await loadParser(), defined);
  }

  /** Reads a file. */
  read(file: string, original: string): Source {
    const { plain, text, macros, includes } = clean(original, this.defined);
    const byMacro = macroDeclarations(text);
    const tree = parsed(this.parser, without(text, byMacro));
    const lineOf = lineFinder(original);
    const declarations = tree.rootNode.namedChildren.flatMap(
      (node) => declarationOf(node, file, plain) ?? [],
    );
    tree.delete();
    const defined = macros.map(({ name, start, end }): Placed => ({
      ...EMPTY,
      kind: 'macro',
      names: [name],
      text: plain.slice(start, end).trimEnd(),
      file,
      start,
    }));
    return {
      file,
      includes,
      declarations: [...defined, ...byMacro.flatMap((one) => variableOf(one, file, plain)), ...declarations]
        .sort((a, b) => a.start - b.start)
        .map(({ start, ...one }) => ({ ...one, line: lineOf(start) })),
    };
  }
}

type Placed = Omit<Declaration, 'line'> & { readonly start: number };

const EMPTY = { isStatic: false, isInline: false, head: '', members: [] } as const;

/** `static DEFINE_MUTEX(lock);` and the like declare a variable; others, such as MODULE_LICENSE, declare nothing. */
function variableOf(
  { macro, names, isStatic, start, end }: MacroDeclaration,
  file: string,
  plain: string,
): readonly Placed[] {
  if (!/^(?:(?:DEFINE|DECLARE)_(?!\w*GUARD|FREE|CLASS)|LIST_HEAD)/.test(macro)) return [];
  const text = plain.slice(start, end).trimEnd();
  const variables = /PER_CPU/.test(macro) ? names : names.slice(0, 1);
  return [{ ...EMPTY, kind: 'variable', names: variables, text, isStatic, file, start }];
}

/** The number of the line that an offset lies in. */
function lineFinder(text: string): (offset: number) => number {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  let line = 0;
  // Declarations are asked for in their order.
  return (offset) => {
    while ((ends[line] ?? Infinity) < offset) line += 1;
    return line + 1;
  };
}

function declarationOf(node: Node, file: string, plain: string): Placed | undefined {
  const text = plain.slice(node.startIndex, node.endIndex);
  const words = plain.slice(
    node.startIndex,
    node.childForFieldName('declarator')?.startIndex ?? node.endIndex,
  );
  const common = {
    ...EMPTY,
    file,
    start: node.startIndex,
    text,
    isStatic: /\bstatic\b/.test(words),
    isInline: /\b(?:__)?(?:always_)?inline\b/.test(words),
  };
  const declarators = node.childrenForFieldName('declarator').flatMap((one) => (one === null ? [] : [one]));
  switch (node.type) {
    case 'function_definition': {
      const name = nameOf(declarators[0]);
      const body = node.childForFieldName('body');
      if (name === undefined || body === null) return undefined;
      return {
        ...common,
        kind: 'function',
        names: [name],
        head: plain.slice(node.startIndex, body.startIndex).trim(),
      };
    }
    case 'declaration': {
      const names = declarators.flatMap((one) => nameOf(one) ?? []);
      const isPrototype = declarators.length > 0 && declarators.every(isFunction);
      if (isPrototype) return { ...common, kind: 'prototype', names, head: text.replace(/;\s*$/, '').trim() };
      return { ...common, kind: 'variable', names: [...names, ...typesOf(node)] };
    }
    case 'type_definition':
      return {
        ...common,
        kind: 'type',
        names: [...declarators.flatMap((one) => nameOf(one) ?? []), ...typesOf(node)],
      };
    case 'struct_specifier':
    case 'union_specifier':
    case 'enum_specifier': {
      if (node.childForFieldName('body') === null) return undefined;
      return {
        ...common,
        kind: 'type',
        names: typesOf(node),
        // The attributes behind the body belong to it, and the semicolon.
        text: plain.slice(node.startIndex, plain.indexOf(';', node.endIndex) + 1),
        members: membersOf(node, plain),
      };
    }
    default:
      return undefined;
  }
}

function isFunction(declarator: Node): boolean {
  if (declarator.type === 'function_declarator')
    return declarator.childForFieldName('declarator')?.type === 'identifier';
  const inner = declarator.childForFieldName('declarator');
  return declarator.type === 'pointer_declarator' && inner !== null && isFunction(inner);
}

/** The name in a declarator. */
function nameOf(declarator: Node | null | undefined): string | undefined {
  if (declarator === null || declarator === undefined) return undefined;
  if (/^(?:type_|field_)?identifier$|^primitive_type$/.test(declarator.type)) return declarator.text;
  const inner =
    declarator.childForFieldName('declarator') ?? declarator.namedChildren.find((one) => one !== null);
  return nameOf(inner);
}

/** The tags and enumerators that a declaration defines. */
function typesOf(node: Node): string[] {
  return node
    .descendantsOfType(['struct_specifier', 'union_specifier', 'enum_specifier', 'enumerator'])
    .flatMap((one) => {
      if (one === null) return [];
      const name = one.childForFieldName('name')?.text;
      if (one.type === 'enumerator') return name ?? [];
      const word = one.type.replace('_specifier', '');
      return name === undefined || one.childForFieldName('body') === null ? [] : `${word} ${name}`;
    });
}

function membersOf(node: Node, plain: string): readonly Member[] {
  const body = node.childForFieldName('body');
  if (body === null || node.type === 'enum_specifier') return [];
  return body.namedChildren.flatMap((one) => {
    if (one === null) return [];
    const names = one
      .descendantsOfType('field_identifier')
      .flatMap((field) => (field === null ? [] : [field.text]));
    return [{ names, text: plain.slice(one.startIndex, one.endIndex) }];
  });
}
