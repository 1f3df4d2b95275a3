/**
 * What a text of C defines at its outermost level, told by brackets alone: a function is parsed only when it is looked at.
 */
import { closing } from './text.ts';
import type { Piece } from './text.ts';

/** A text of C in pieces. */
export interface Pieces {
  /** Head and body of each function. */
  readonly functions: readonly FunctionPiece[];
  /** All else: declarations, and what cannot be told. */
  readonly others: readonly Piece[];
}

/** A function. */
export interface FunctionPiece extends Piece {
  /** The name, if it is the one word before the only list in parentheses. */
  readonly name: string | undefined;
}

const MARK = /"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|[{};]/g;
const PLAIN_HEAD = /^[\w\s*]*?\b(\w+)\s*\([^()]*\)\s*$/;

/** The pieces of a text without comments and directives; `undefined` if brackets alone do not tell them. */
export function piecesOf(text: string): Pieces | undefined {
  const functions: FunctionPiece[] = [];
  const others: Piece[] = [];
  const marks = new RegExp(MARK);
  let start = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    const at = mark.index;
    if (mark[0] === ';') {
      others.push({ start, end: at + 1 });
      start = at + 1;
    } else if (mark[0] === '}') return undefined;
    else if (mark[0] === '{') {
      const end = closing(text, at) + 1;
      const head = text.slice(start, at);
      // A function of the old style has declarations before its body.
      if (end === 0 || head.trim() === '' || count(head, '(') !== count(head, ')')) return undefined;
      marks.lastIndex = end;
      if (!head.includes('(') || /[^=!<>]=[^=]/.test(head)) continue;
      functions.push({
        start: start + head.search(/\S/),
        end,
        name: PLAIN_HEAD.exec(head)?.[1],
      });
      start = end;
    }
  }
  others.push({ start, end: text.length });
  return { functions, others };
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
