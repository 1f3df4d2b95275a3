/**
 * Makes a C file readable without a preprocessor. Each character keeps its place: what is taken out becomes a space.
 */
import { withoutAnnotations } from '../kernel-c/annotations.ts';
import { withoutComments } from '../kernel-c/comments.ts';
import { holds } from '../kernel-c/condition.ts';
import { withoutDirectives } from '../kernel-c/directives.ts';
import type { Directive } from '../kernel-c/directives.ts';
import { closing, without } from '../kernel-c/text.ts';
import type { Piece } from '../kernel-c/text.ts';

/** A `#define`. */
interface Macro extends Piece {
  readonly name: string;
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

/** Reads a file. The names count as defined in conditions. */
export function clean(original: string, given: readonly string[]): Clean {
  const plain = withoutComments(original);
  const defined = new Map(given.map((name) => [name, 1]));
  const macros: Macro[] = [];
  const includes: string[] = [];
  const { text } = withoutDirectives(plain, {
    takes: ({ word, rest }) =>
      word === 'else' ||
      (/^ifn?def$/.test(word) ? defined.has(rest) === (word === 'ifdef') : holds(rest, defined)),
    met({ word, rest, start, end }: Directive) {
      if (word === 'define') {
        const [, name = '', value = ''] = /^(\w+)[ \t]*(.*)$/.exec(rest) ?? [];
        const number = Number(value.replace(/[uUlL]+$/, ''));
        defined.set(name, Number.isFinite(number) ? number : 1);
        macros.push({ name, start, end });
      } else if (word === 'undef') defined.delete(rest);
      else if (word === 'include') includes.push(rest);
    },
  });
  return { plain, text: withoutBodies(withoutAnnotations(withoutGroups(text))), macros, includes };
}

/** `struct_group(name, members)` as the structure that it is. */
function withoutGroups(text: string): string {
  let result = text;
  for (const { 0: head, index } of text.matchAll(
    /\bstruct_group(?:_attr|_tagged)?\s*\(([^;,]*,){1,2}?(?=\s)/g,
  )) {
    const end = closing(text, index + head.indexOf('('));
    if (end < 0) continue;
    const { length } = head;
    result = `${result.slice(0, index)}${'struct {'.padEnd(length)}${result.slice(index + length, end)}}${result.slice(end + 1)}`;
  }
  return result;
}

/** Bodies of functions: a block at the outermost level, behind a closing parenthesis. */
function withoutBodies(text: string): string {
  const bodies: Piece[] = [];
  let done = 0;
  for (let at = text.indexOf('{'); at >= 0;) {
    const end = closing(text, at);
    if (end < 0) break;
    if (text.slice(done, at).trimEnd().endsWith(')')) {
      bodies.push({ start: at + 1, end });
      done = end;
    }
    at = text.indexOf('{', end);
  }
  return without(text, bodies);
}
