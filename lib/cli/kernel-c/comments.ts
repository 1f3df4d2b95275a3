/**
 * Takes comments out of a text of C.
 */
import { blank } from './text.ts';

// Texts and characters are matched as well, because what looks like a comment in them is none.
const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\n|[^\n])*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;

/** The text with its comments as spaces; `tell` is told each of them, with its offset. */
export function withoutComments(text: string, tell?: (comment: string, at: number) => void): string {
  return text.replaceAll(COMMENT_OR_TEXT, (found, at: number) => {
    if (!found.startsWith('/')) return found;
    tell?.(found, at);
    return blank(found);
  });
}
