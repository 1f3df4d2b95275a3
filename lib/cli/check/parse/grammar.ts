/**
 * The functions that the grammar of C finds in a file.
 */
import type { Node, Parser } from 'web-tree-sitter';
import { loadParser, parsed } from '../../kernel-c/parser.ts';
import { maskSource } from './mask.ts';
import type { Branch, Masked } from './mask.ts';
import { declaredName, named, part, syntaxOf } from './tree.ts';
import type { Syntax } from './tree.ts';

/** A parameter of a function. */
interface Parameter {
  readonly name: string;
  /** The text of its type with the stars of its declarator: `struct page *`. */
  readonly type: string;
}

/** A function of a file. */
export interface CFunction {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly isStatic: boolean;
  /** The lines of the definition, from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether the grammar could not read a part of it. */
  readonly hasError: boolean;
  /** Its statements. Made at the first use. */
  readonly body: () => Syntax | undefined;
}

/** A file that was read. */
export interface Parsed extends Masked {
  readonly functions: readonly CFunction[];
  /** The code that the grammar could not make a function of, as pairs of offsets. */
  readonly broken: readonly (readonly [number, number])[];
  /** Frees the tree. No body can be made after that. */
  readonly free: () => void;
}

/** Reads C. */
export class Grammar {
  private readonly parser: Parser;

  private constructor(parser: Parser) {
    this.parser = parser;
  }

  /** Loads the grammar. */
  static async load(): Promise<Grammar> {
    return new Grammar(await loadParser());
  }

  /** Reads a file, with the first or the last branch of each `#if`. */
  parse(original: string, branch: Branch = 'first'): Parsed {
    const masked = maskSource(original, branch);
    const tree = parsed(this.parser, masked.text);
    const releases = masked.releases.map((text) => ({ tree: parsed(this.parser, text), text }));
    return {
      ...masked,
      functions: [...releases, { tree, text: masked.text }].flatMap((each) =>
        each.tree.rootNode
          .descendantsOfType('function_definition')
          .flatMap((node) => functionOf(node, each.text) ?? []),
      ),
      broken: tree.rootNode.children.flatMap((node): (readonly [number, number])[] =>
        node.type !== 'function_definition' && (node.hasError || /statement$/.test(node.type))
          ? [[node.startIndex, node.endIndex]]
          : [],
      ),
      free: () => {
        for (const each of [...releases, { tree }]) each.tree.delete();
      },
    };
  }
}

// Whether something was left out. A semicolon that a macro brings along is no loss.
function hasHole(node: Node): boolean {
  if (!node.hasError) return false;
  if (node.isError) return true;
  if (node.isMissing) return node.type !== ';';
  return node.children.some(hasHole);
}

function functionOf(node: Node, source: string): CFunction | undefined {
  const declarator = node.childForFieldName('declarator');
  const body = node.childForFieldName('body');
  if (declarator === null || body === null) return undefined;
  const head = syntaxOf(declarator, source);
  const name = declaredName(head);
  if (name === undefined) return undefined;
  let made: Syntax | undefined;
  return {
    name,
    parameters: parametersOf(head),
    isStatic: /\bstatic\b/.test(source.slice(node.startIndex, declarator.startIndex)),
    firstLine: node.startPosition.row + 1,
    lastLine: node.endPosition.row + 1,
    start: node.startIndex,
    end: node.endIndex,
    text: source.slice(node.startIndex, node.endIndex),
    hasError: hasHole(body),
    body: () => (made ??= syntaxOf(body, source)),
  };
}

function parametersOf(head: Syntax): readonly Parameter[] {
  let at: Syntax | undefined = head;
  while (at !== undefined && at.type !== 'function_declarator') at = part(at, 'declarator');
  return named(part(at, 'parameters')).flatMap((parameter): Parameter[] => {
    const declarator = part(parameter, 'declarator');
    const name = declaredName(declarator);
    if (name === undefined || declarator === undefined) return [];
    const stars = declarator.text.slice(0, declarator.text.indexOf(name)).replaceAll(/[^*]/g, '');
    return [{ name, type: `${part(parameter, 'type')?.text ?? ''} ${stars}`.trim() }];
  });
}
