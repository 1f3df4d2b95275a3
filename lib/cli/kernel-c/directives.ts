/**
 * Takes the directives of the preprocessor out of a text of C, and with them the branches that are not read.
 */
import { blank } from './text.ts';
import type { Piece } from './text.ts';

/** A directive: `#define`, `#if`. */
export interface Directive extends Piece {
  readonly word: string;
  /** What follows the word, in one line. */
  readonly rest: string;
}

/** What a reader of directives decides, and what it is told. */
export interface DirectiveReader {
  /**
   * Whether a branch is read: that of `#if` and its relatives, or a later one if none before it was.
   *
   * @param opening the `#if` that it belongs to
   */
  takes(branch: Directive, opening: Directive): boolean;
  /** A directive of another kind in a branch that is read. */
  met?(directive: Directive): void;
}

/** A text without directives. */
export interface Undirected {
  readonly text: string;
  /** From each `#if` to its `#endif`. */
  readonly conditionals: readonly { readonly opening: Directive; readonly end: number }[];
}

interface Open {
  readonly opening: Directive;
  /** Whether what is around is read. */
  readonly around: boolean;
  /** Whether a branch has been taken. */
  taken: boolean;
  /** Whether this branch is read. */
  here: boolean;
}

const DIRECTIVE = /^[ \t]*#[ \t]*(\w+)((?:[^\n\\]|\\[\s\S])*)\n?/gm;

/** The text with its directives, and what they leave out, as spaces. The text has no comments. */
export function withoutDirectives(text: string, reader: DirectiveReader): Undirected {
  const open: Open[] = [];
  const conditionals: { readonly opening: Directive; readonly end: number }[] = [];
  const parts: string[] = [];
  let done = 0;
  const isRead = (): boolean => open.at(-1)?.here ?? true;
  const put = (to: number): void => {
    const between = text.slice(done, to);
    parts.push(isRead() ? between : blank(between));
    done = to;
  };
  for (const { 0: line, 1: word = '', 2: rest = '', index: start } of text.matchAll(DIRECTIVE)) {
    put(start);
    parts.push(blank(line));
    done = start + line.length;
    const directive = { word, rest: rest.replaceAll('\\\n', ' ').trim(), start, end: done };
    if (/^if(n?def)?$/.test(word)) {
      const taken = reader.takes(directive, directive);
      open.push({ opening: directive, around: isRead(), taken, here: isRead() && taken });
    } else if (word === 'elif' || word === 'else') {
      const branch = open.at(-1);
      if (branch === undefined) continue;
      const takes = !branch.taken && reader.takes(directive, branch.opening);
      branch.here = branch.around && takes;
      branch.taken ||= takes;
    } else if (word === 'endif') {
      const closed = open.pop();
      if (closed !== undefined) conditionals.push({ opening: closed.opening, end: done });
    } else if (isRead()) reader.met?.(directive);
  }
  put(text.length);
  return { text: parts.join(''), conditionals };
}
