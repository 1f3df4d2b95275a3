/**
 * The functions that the grammar of C finds in a file.
 */
import type { Node, Parser } from 'web-tree-sitter';
import { loadParser, parsed } from '../../kernel-c/parser.ts';
import { piecesOf } from '../../kernel-c/pieces.ts';
import type { FunctionPiece, Pieces } from '../../kernel-c/pieces.ts';
import type { Piece } from '../../kernel-c/text.ts';
import { maskSource } from './mask.ts';
import type { Branch, Masked } from './mask.ts';
import { declaredName, named, part, syntaxOf } from './tree.ts';
import type { Place, Syntax } from './tree.ts';

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
  /** The lines of the definition, from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether the grammar could not read a part of it. */
  readonly hasError: boolean;
  /** The names of what it seems to call, by its text. */
  readonly calls: readonly string[];
  /** Its statements. */
  readonly body: Syntax;
}

/** A file that was read. */
export interface Parsed extends Masked {
  readonly functions: readonly CFunction[];
  /** The pieces of the file that are no functions. */
  readonly others: readonly Piece[];
  /** Whether the grammar cannot read a piece that is no function. */
  readonly isBroken: (piece: Piece) => boolean;
}

/** Reads C. */
export class Grammar {
  private readonly parser: Parser;
  readonly #headers = new Map<string, Parsed>();

  private constructor(parser: Parser) {
    this.parser = parser;
  }

  /** Loads the grammar. */
  static async load(): Promise<Grammar> {
    return new Grammar(await loadParser());
  }

  /** Reads a file, with the first or the last branch of each `#if`. A function is parsed when it is looked at. */
  parse(original: string, branch: Branch = 'first'): Parsed {
    const masked = maskSource(original, branch);
    const { functions, others } = piecesOf(masked.text) ?? this.#whole(masked.text);
    return {
      ...masked,
      functions: [
        ...masked.releases.flatMap((text) => this.#functions(text, this.#whole(text).functions)),
        ...this.#functions(masked.text, functions),
      ],
      others,
      isBroken: ({ start, end }) => {
        const tree = parsed(this.parser, masked.text.slice(start, end));
        const { hasError, children } = tree.rootNode;
        const isBroken = hasError || children.some(({ type }) => /statement$/.test(type));
        tree.delete();
        return isBroken;
      },
    };
  }

  /** Reads a header, of which the first branches are of interest; once for all files that include it. */
  header(text: string): Parsed {
    const parsed = this.#headers.get(text) ?? this.parse(text);
    this.#headers.set(text, parsed);
    return parsed;
  }

  #functions(text: string, pieces: readonly FunctionPiece[]): readonly CFunction[] {
    let lines = 0;
    let counted = 0;
    return pieces.map((piece) => {
      for (; counted < piece.start; counted++) if (text.charCodeAt(counted) === 10) lines++;
      return new LazyFunction(this.parser, text.slice(piece.start, piece.end), piece, lines);
    });
  }

  // By the grammar, where brackets alone do not tell what is a function.
  #whole(text: string): Pieces {
    const tree = parsed(this.parser, text);
    const placed = ({ startIndex: start, endIndex: end }: Node): FunctionPiece => ({
      start,
      end,
      name: undefined,
    });
    const pieces = {
      functions: tree.rootNode.descendantsOfType('function_definition').map(placed),
      others: tree.rootNode.children.filter(({ type }) => type !== 'function_definition').map(placed),
    };
    tree.delete();
    return pieces;
  }
}

/** What the grammar says of a function. */
interface Definition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly hasError: boolean;
  readonly body: Syntax;
}

class LazyFunction implements CFunction {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly firstLine: number;
  private readonly parser: Parser;
  private readonly known: string | undefined;
  #definition: Definition | undefined = undefined;
  #calls: readonly string[] | undefined = undefined;

  constructor(parser: Parser, text: string, { start, end, name }: FunctionPiece, lines: number) {
    this.parser = parser;
    this.text = text;
    this.start = start;
    this.end = end;
    this.known = name;
    this.firstLine = lines + 1;
  }

  get name(): string {
    return this.known ?? this.#read().name;
  }

  get lastLine(): number {
    return this.firstLine + (this.text.match(/\n/g)?.length ?? 0);
  }

  get calls(): readonly string[] {
    this.#calls ??= [...new Set(Array.from(this.text.matchAll(/\b(\w+)\s*\(/g), ([, name = '']) => name))];
    return this.#calls;
  }

  get parameters(): readonly Parameter[] {
    return this.#read().parameters;
  }

  get hasError(): boolean {
    return this.#read().hasError;
  }

  get body(): Syntax {
    return this.#read().body;
  }

  #read(): Definition {
    this.#definition ??= definitionOf(this.parser, this.text, {
      offset: this.start,
      lines: this.firstLine - 1,
    });
    return this.#definition;
  }
}

function definitionOf(parser: Parser, text: string, place: Place): Definition {
  const tree = parsed(parser, text);
  try {
    const [node] = tree.rootNode.descendantsOfType('function_definition');
    const declarator = node?.childForFieldName('declarator') ?? undefined;
    const body = node?.childForFieldName('body') ?? undefined;
    if (declarator === undefined || body === undefined) return unreadable(text, place);
    const head = syntaxOf(declarator, text, place);
    const name = declaredName(head);
    if (name === undefined) return unreadable(text, place);
    return {
      name,
      parameters: parametersOf(head),
      hasError: hasHole(body),
      body: syntaxOf(body, text, place),
    };
  } finally {
    tree.delete();
  }
}

function unreadable(text: string, { offset: start, lines }: Place): Definition {
  const [, name = 'a function'] = /(\w+)\s*\(/.exec(text) ?? [];
  const end = start + text.length;
  const body = {
    type: 'compound_statement',
    field: 'body',
    start,
    end,
    line: lines + 1,
    isNamed: true,
    children: [],
    text: '',
  };
  return { name, parameters: [], hasError: true, body };
}

// Whether something was left out. A semicolon that a macro brings along is no loss.
function hasHole(node: Node): boolean {
  if (!node.hasError) return false;
  if (node.isError) return true;
  if (node.isMissing) return node.type !== ';';
  return node.children.some(hasHole);
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
