/**
 * Makes kernel C into C that a grammar without a preprocessor can read. Each character keeps its place: what is
 * taken out becomes a space, so that every offset and every line of the result is one of the file.
 */
import { macroDeclarations, withoutAnnotations } from '../../kernel-c/annotations.ts';
import { withoutComments } from '../../kernel-c/comments.ts';
import { withoutDirectives } from '../../kernel-c/directives.ts';
import type { Directive } from '../../kernel-c/directives.ts';
import { blank, closing, without } from '../../kernel-c/text.ts';

/** A text that was made readable, and what was taken out of it. */
export interface Masked {
  readonly text: string;
  /** The loops whose macro became `while`, by the offset of that word. */
  readonly loops: ReadonlyMap<number, string>;
  /** The lines that a comment `scatterlist: ok REASON` silences, each with the reason. */
  readonly silenced: ReadonlyMap<number, string>;
  /** The ranges of lines that only one of the branches of a conditional directive has, as pairs of offsets. */
  readonly conditional: readonly (readonly [number, number])[];
}

/** Which branch of `#if` is read: the first, or the last (none, if there is no `#else`). */
export type Branch = 'first' | 'last';

/** Makes a file of the kernel readable for the grammar. */
export function maskSource(original: string, branch: Branch): Masked {
  const silenced = new Map<number, string>();
  const bare = withoutComments(original, silencer(original, silenced));
  const { text, conditionals } = withoutDirectives(bare, {
    takes: (each, opening) => takes(each, opening, branch),
  });
  const conditional = conditionals.flatMap(({ opening, end }): (readonly [number, number])[] =>
    fixed(opening) === undefined ? [[opening.start, end]] : [],
  );
  const loops = new Map<number, string>();
  return { text: withoutMacros(text, loops), loops, silenced, conditional };
}

const OK = /scatterlist:\s*ok\b[ \t]*([^\n*]*)/;

/** The lines that comments silence, added to a map as they are met in the order of the text. */
function silencer(text: string, silenced: Map<number, string>): (comment: string, at: number) => void {
  let line = 1;
  let counted = 0;
  return (comment, at) => {
    const [, reason] = OK.exec(comment) ?? [];
    if (reason === undefined) return;
    for (; counted < at; counted++) if (text.charCodeAt(counted) === 10) line++;
    const alone = /^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', at - 1) + 1, at));
    const lines = comment.split('\n').length;
    silenced.set(alone ? line + lines : line, reason.trim());
  };
}

/** Whether the condition of an `#if` holds, where that is no matter of configuration. */
function fixed({ word, rest }: Directive): boolean | undefined {
  const plain = word === 'if' ? /^([01])$/.exec(rest)?.[1] : undefined;
  if (plain !== undefined) return plain === '1';
  // C++ is not read.
  return /__cplusplus|__CHECKER__/.test(rest) ? word === 'ifndef' : undefined;
}

/** The last branch is `#else`; where the first is wanted and was taken, no other is. */
function takes(branch: Directive, opening: Directive, wanted: Branch): boolean {
  const known = fixed(opening);
  if (branch === opening) return known ?? wanted === 'first';
  return known !== undefined || (wanted === 'last' && branch.word === 'else');
}

const LOOP = /\b(\w*(?:for_each|foreach|FOR_EACH|FOREACH)\w*|ITERATE_\w+|skb_walk_frags)(\s*)\(/g;
/** A type as an argument of a macro: `list_entry(p, struct page, lru)`, `min_t(unsigned int, a, b)`. */
const TYPE_WORDS = '(?:unsigned|signed|long|int|short|char)';
const TYPE_ARGUMENT = new RegExp(
  `(\\w\\(\\s*)(${TYPE_WORDS}(?:\\s+${TYPE_WORDS})*[\\s*]*|(?:struct|union|enum)\\s+\\w+[\\s*]*)(?=,)|` +
    `(,\\s*)((?:const\\s+)?(?:(?:struct|union|enum)\\s+\\w+|${TYPE_WORDS}(?:\\s+${TYPE_WORDS})*)[\\s*]*)(?=[,)])`,
  'g',
);
const SCOPED = /\bscoped_(?:cond_)?guard\s*\(|\bscoped_class\s*\(/g;

function withoutMacros(text: string, loops: Map<number, string>): string {
  let out = withoutAnnotations(text);
  out = without(out, macroDeclarations(out));
  out = out.replace(TYPE_ARGUMENT, (_, call?: string, first?: string, comma?: string, later?: string) =>
    first === undefined ? `${comma ?? ''}${asName(later ?? '')}` : `${call ?? ''}${asName(first)}`,
  );
  out = out.replace(SCOPED, (found) => `${'if'.padEnd(found.length - 1)}(`);
  out = out.replace(LOOP, (found, name: string, _space: string, at: number) => {
    const end = closing(out, at + found.length - 1);
    if (end < 0 || !startsStatement(out, end + 1) || found.length < 6) return found;
    loops.set(at, name);
    return `${'while'.padEnd(found.length - 1)}(`;
  });
  return out;
}

// One name in place of a type, with the breaks of lines kept.
function asName(type: string): string {
  return `T${blank(type.slice(1))}`;
}

// A loop's macro is followed by a statement; a function with such a name by `;` or an operator, and by `{` at the margin.
function startsStatement(text: string, from: number): boolean {
  const found = /[^\s]/g;
  found.lastIndex = from;
  const [next = ''] = found.exec(text) ?? [];
  if (next === '{') return text[found.lastIndex - 2] !== '\n';
  return /[\w*]/.test(next);
}
