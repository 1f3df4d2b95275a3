/**
 * Makes a C file readable without a preprocessor. Each character keeps its place: what is taken out becomes a space.
 */
import { holds } from './condition.ts';

/** A `#define`. */
interface Macro {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A file without comments and directives. */
export interface Clean {
  /** Without comments only: what is written into a slice. */
  readonly plain: string;
  /** Without comments, directives, branches that are not taken, and bodies of functions. */
  readonly text: string;
  readonly macros: readonly Macro[];
  /** What is included: `<linux/mm.h>`, `"host.h"`. */
  readonly includes: readonly string[];
}

/** A text as spaces; its lines stay. */
export function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}

const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\n|[^\n])*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;

/** Reads a file. */
export function clean(original: string, given: readonly string[]): Clean {
  const plain = original.replaceAll(COMMENT_OR_TEXT, (found) =>
    found.startsWith('/') ? blank(found) : found,
  );
  const { text, macros, includes } = withoutDirectives(plain, given);
  return { plain, text: withoutBodies(withoutAttributes(text)), macros, includes };
}

interface Branch {
  /** Whether what is around is read. */
  readonly around: boolean;
  taken: boolean;
  here: boolean;
}

function withoutDirectives(plain: string, given: readonly string[]): Omit<Clean, 'plain'> {
  const defined = new Map(given.map((name) => [name, 1]));
  const macros: Macro[] = [];
  const includes: string[] = [];
  const branches: Branch[] = [];
  const out: string[] = [];
  for (const { 0: line, index } of plain.matchAll(/(?:[^\n\\]|\\[\s\S])*\n?/g)) {
    const isRead = branches.at(-1)?.here ?? true;
    const [, word = '', rest = ''] = /^[ \t]*#[ \t]*(\w+)([\s\S]*)$/.exec(line) ?? [];
    if (word === '') {
      out.push(isRead ? line : blank(line));
      continue;
    }
    out.push(blank(line));
    const condition = rest.replaceAll('\\\n', ' ').trim();
    if (/^if(n?def)?$/.test(word)) {
      const is = word === 'if' ? holds(condition, defined) : defined.has(condition) === (word === 'ifdef');
      branches.push({ around: isRead, taken: is, here: isRead && is });
    } else if (word === 'elif' || word === 'else') {
      const branch = branches.at(-1);
      if (branch === undefined) continue;
      branch.here = branch.around && !branch.taken && (word === 'else' || holds(condition, defined));
      branch.taken ||= branch.here;
    } else if (word === 'endif') branches.pop();
    else if (isRead && word === 'define') {
      const [, name = '', value = ''] = /^(\w+)[ \t]*(.*)$/.exec(condition) ?? [];
      const number = Number(value.replace(/[uUlL]+$/, ''));
      defined.set(name, Number.isFinite(number) ? number : 1);
      macros.push({ name, start: index, end: index + line.length });
    } else if (isRead && word === 'undef') defined.delete(condition);
    else if (isRead && word === 'include') includes.push(condition);
  }
  return { text: out.join(''), macros, includes };
}

/** Annotations that the grammar does not know. */
const WORDS =
  /\b(?:__init|__exit|__initdata|__initconst|__ref|__user|__kernel|__iomem|__force|__nocast|__percpu|__rcu|__private|__bitwise|__must_check|__maybe_unused|__always_unused|__attribute_const__|__deprecated|__weak|__cold|__hot|__pure|__used|__packed|__sched|__malloc|__randomize_layout|__read_mostly|__ro_after_init|__cacheline_aligned(?:_in_smp)?|____cacheline_aligned(?:_in_smp)?|noinline|notrace|asmlinkage|noinline_for_stack|randomized_struct_fields_(?:start|end)|__net_init|__net_exit|__bpf_kfunc|__always_inline|__inline__|__inline|__extension__)\b/g;
const WITH_ARGUMENTS =
  /\b(?:__attribute__|__acquires|__releases|__must_hold|__cond_acquires|__printf|__scanf|__aligned|__alloc_size|__section|__counted_by|__acquire|__release)\s*\(/g;

function withoutAttributes(text: string): string {
  return blankCalls(text.replaceAll(WORDS, blank), WITH_ARGUMENTS);
}

function blankCalls(text: string, pattern: RegExp): string {
  const parts: string[] = [];
  let done = 0;
  for (const found of text.matchAll(pattern)) {
    if (found.index < done) continue;
    const end = closing(text, found.index + found[0].length - 1) + 1;
    if (end === 0) continue;
    parts.push(text.slice(done, found.index), blank(text.slice(found.index, end)));
    done = end;
  }
  return parts.join('') + text.slice(done);
}

/** The offset of the bracket that closes the one at an offset; -1 if there is none. */
export function closing(text: string, from: number): number {
  const open = text.charAt(from);
  const close = open === '(' ? ')' : '}';
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const c = text.charAt(at);
    if (c === open) depth += 1;
    else if (c === close && (depth -= 1) === 0) return at;
    else if (c === '"' || c === "'")
      for (at += 1; at < text.length && text.charAt(at) !== c; at += 1) if (text.charAt(at) === '\\') at += 1;
  }
  return -1;
}

/** Bodies of functions: a block at the outermost level, behind a closing parenthesis. */
function withoutBodies(text: string): string {
  const parts: string[] = [];
  let done = 0;
  for (let at = text.indexOf('{'); at >= 0;) {
    const end = closing(text, at);
    if (end < 0) break;
    if (text.slice(done, at).trimEnd().endsWith(')')) {
      parts.push(text.slice(done, at + 1), blank(text.slice(at + 1, end)));
      done = end;
    }
    at = text.indexOf('{', end);
  }
  return parts.join('') + text.slice(done);
}
