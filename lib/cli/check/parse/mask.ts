/**
 * Makes kernel C into C that a grammar without a preprocessor can read. Each character keeps its place: what is
 * taken out becomes a space, so that every offset and every line of the result is one of the file.
 */
import { macroDeclarations, withoutAnnotations } from '../../kernel-c/annotations.ts';
import { withoutComments } from '../../kernel-c/comments.ts';
import { withoutDirectives } from '../../kernel-c/directives.ts';
import type { Directive } from '../../kernel-c/directives.ts';
import { blank, calls, closing, without } from '../../kernel-c/text.ts';
import { takeMacro } from './macros.ts';
import type { Macro, Macros } from './macros.ts';

/** A text that was made readable, and what was taken out of it. */
export interface Masked {
  readonly text: string;
  /** The loops whose macro became `while`, by the offset of that word. */
  readonly loops: ReadonlyMap<number, string>;
  /**
   * The offsets of `scoped_guard` and its relatives, which became `if`. Their arguments are its condition. Where the
   * second says what is done if the lock is not taken, the word of that: `return`, `goto`, `continue`, `break`.
   */
  readonly scoped: ReadonlyMap<number, string>;
  /** What `__free(NAME)` names, by its offset. It stands in a declaration. */
  readonly cleanups: ReadonlyMap<number, string>;
  /** The macros that the file defines. */
  readonly macros: Macros;
  /** What `DEFINE_FREE` defines: C for a function of each, with as many lines before it as in the file. */
  readonly releases: readonly string[];
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
  const macros = new Map<string, Macro[]>();
  const { text, conditionals } = withoutDirectives(bare, {
    takes: (each, opening) => takes(each, opening, branch),
    met: (each) => {
      takeMacro(macros, each);
    },
  });
  const conditional = conditionals.flatMap(({ opening, end }): (readonly [number, number])[] =>
    fixed(opening) === undefined ? [[opening.start, end]] : [],
  );
  const cleanups = new Map<number, string>();
  for (const { 1: name = '', index } of text.matchAll(FREE)) cleanups.set(index, name);
  return { ...withoutMacros(text), cleanups, macros, releases: releasesOf(text), silenced, conditional };
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
/** A macro that tests something, with a jump for its statement: `ERR_IF(!page) goto out;`. */
const TEST = /([;{}][ \t]*\n[ \t]*)([A-Z][A-Z0-9_]+\()(?=[^\n]*\)[ \t]*(?:goto|return)\b)/g;
const FREE = /\b__free\s*\(\s*(\w+)\s*\)/g;
const SCOPED = /\bscoped_(\w+)\s*\(/g;
/** A type as an argument of a macro: `list_entry(p, struct page, lru)`, `min_t(unsigned int, a, b)`. */
const TYPE_WORDS = '(?:unsigned|signed|long|int|short|char)';
const TAG = '(?:struct|union|enum)\\s+\\w+';
const TYPE_ARGUMENT = new RegExp(
  `(\\w\\(\\s*)(${TYPE_WORDS}(?:\\s+${TYPE_WORDS})*[\\s*]*|${TAG}[\\s*]*|void\\s*\\*[\\s*]*)(?=,)|` +
    `(,\\s*)((?:const\\s+)?(?:${TAG}|${TYPE_WORDS}(?:\\s+${TYPE_WORDS})*)[\\s*]*)(?=[,)])`,
  'g',
);
/** A type as the only argument, but of what C itself gives a type to. */
const ONLY_TYPE = new RegExp(
  `(\\w\\(\\s*)((?:${TAG}|${TYPE_WORDS}(?:\\s+${TYPE_WORDS})*)[\\s*]*)(?=\\))`,
  'g',
);
/** No name before a type is longer. */
const LONGEST_NAME = 64;
const TAKES_TYPE = /\b(?:sizeof|typeof|__typeof__)\w*$/;
/** An operator as an argument: `ASSERTCMP(a, <=, b)`. */
const OPERATOR_ARGUMENT = /(,\s*)([=!<>]=|[<>|^])(?=\s*,)/g;
/** A member of a member: `offsetof(struct bio, bi_iter.bi_size)`. */
const OFFSET_OF = /\boffsetof(?:end)?\s*\(\s*[\w\s]+,[^()]*\)/g;
/** Functions that a macro defines from pairs of a type and a name. */
const BY_PAIRS = /^(?:(?:COMPAT_|__)?SYSCALL\w*_DEFINE[1-6]|BPF_CALL_[1-5])\(/gm;

function withoutMacros(text: string): Pick<Masked, 'text' | 'loops' | 'scoped'> {
  let out = withoutAnnotations(text);
  out = without(out, macroDeclarations(out));
  out = withHeads(out);
  out = out.replaceAll(OFFSET_OF, (found) => found.replaceAll(/[.[\]]/g, '_'));
  out = out.replaceAll(TYPE_ARGUMENT, (_, call?: string, first?: string, comma?: string, later?: string) =>
    first === undefined ? `${comma ?? ''}${asName(later ?? '')}` : `${call ?? ''}${asName(first)}`,
  );
  out = out.replaceAll(ONLY_TYPE, (found, call: string, type: string, at: number, whole: string) =>
    TAKES_TYPE.test(whole.slice(Math.max(0, at - LONGEST_NAME), at + 1)) ? found : `${call}${asName(type)}`,
  );
  out = out.replaceAll(
    OPERATOR_ARGUMENT,
    (_, comma: string, operator: string) => `${comma}${asName(operator)}`,
  );
  const scoped = new Map<number, string>();
  out = withScopes(out, scoped);
  out = out.replaceAll(TEST, (_, before: string, head: string) => before + asWord('if', head));
  const loops = new Map<number, string>();
  out = out.replaceAll(LOOP, (found, name: string, _space: string, at: number) => {
    const end = closing(out, at + found.length - 1);
    if (end < 0 || !startsStatement(out, end + 1) || found.length < 6) return found;
    loops.set(at, name);
    return asWord('while', found);
  });
  return { text: out, loops, scoped };
}

// `DEFINE_FREE(name, type, code)` as a function of C, which has its variable `_T` as the parameter.
function releasesOf(text: string): readonly string[] {
  return calls(text, /^DEFINE_FREE\(/gm).flatMap(({ start, end, head }) => {
    const inside = text.slice(start + head[0].length, end - 1);
    const [, name, type, code] = /^\s*(\w+)\s*,([^,]*),([\s\S]*)$/.exec(inside) ?? [];
    if (name === undefined || type === undefined || code === undefined) return [];
    const before = text.slice(0, start).replaceAll(/[^\n]/g, '');
    return [`${before}static void ${releaseName(name)}(${type.trim()} _T) {${code};}\n`];
  });
}

/** The name of the function that `DEFINE_FREE` defines for a name. */
export function releaseName(name: string): string {
  return `__free_${name}`;
}

// `SYSCALL_DEFINE2(name, int, a, int, b)` becomes `int name(int a, int b)`.
function withHeads(text: string): string {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, head } of calls(text, BY_PAIRS)) {
    const from = start + head[0].length;
    const inside = text.slice(from, end);
    let commas = 0;
    parts.push(
      text.slice(done, start),
      'int'.padEnd(head[0].length),
      inside.replaceAll(',', () => (commas++ === 0 ? '(' : commas % 2 === 1 ? ',' : ' ')),
    );
    done = end;
  }
  return parts.join('') + text.slice(done);
}

// What a scope does for its block always comes with it; one that has no arguments is left out.
function withScopes(text: string, scoped: Map<number, string>): string {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, head } of calls(text, SCOPED)) {
    const from = start + head[0].length;
    const inside = text.slice(from, end - 1);
    parts.push(text.slice(done, start));
    if (inside.trim() === '') parts.push(blank(text.slice(start, end)));
    else {
      const [, word = ''] = head[1]?.startsWith('cond_') === true ? (REFUSED.exec(inside) ?? []) : [];
      scoped.set(start, word);
      parts.push(asWord('if', head[0]), word === '' ? inside : asValues(inside), ')');
    }
    done = end;
  }
  return parts.join('') + text.slice(done);
}

/** What is done when a lock cannot be taken is a statement: `return -EINTR`, `continue`. */
const REFUSED = /,\s*(return|goto|continue|break)\b(?=\s*([,\w(-]))/;

function asValues(list: string): string {
  return list.replace(REFUSED, (found: string, word: string, next: string) =>
    found.replace(word, next === ',' ? '0'.padEnd(word.length) : blank(word)),
  );
}

// A word of C in place of a macro's name, up to the parenthesis.
function asWord(word: string, head: string): string {
  return `${word}${blank(head.slice(word.length, -1))}(`;
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
