/**
 * Takes pieces out of a text of C. A piece becomes spaces, so that every offset and every line stays what it was.
 */

/** A text as spaces; its lines stay. */
export function blank(text: string): string {
  if (!text.includes('\n')) return ' '.repeat(text.length);
  return Array.from(text.split('\n'), (line) => ' '.repeat(line.length)).join('\n');
}

const CLOSE = 41;
const OPEN_BODY = 123;
const CLOSE_BODY = 125;
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;

/** The offset of the bracket, `)` or `}`, that closes the one at an offset; -1 if there is none. */
export function closing(text: string, from: number): number {
  const open = text.charCodeAt(from);
  const close = open === OPEN_BODY ? CLOSE_BODY : CLOSE;
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === open) depth++;
    else if (c === close && --depth === 0) return at;
    else if (c === QUOTE || c === APOSTROPHE)
      for (at++; at < text.length && text.charCodeAt(at) !== c; at++)
        if (text.charCodeAt(at) === BACKSLASH) at++;
  }
  return -1;
}

/** A piece of a text, from one offset to another. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** The text with some pieces as spaces; they are in the order of the text. */
export function without(text: string, pieces: readonly Piece[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end } of pieces) {
    parts.push(text.slice(done, start), blank(text.slice(start, end)));
    done = end;
  }
  return parts.join('') + text.slice(done);
}

/** The calls whose beginning, up to the parenthesis, a pattern matches; of calls within each other the outer. */
export function calls(
  text: string,
  pattern: RegExp,
): readonly (Piece & { readonly head: RegExpExecArray })[] {
  const found: (Piece & { readonly head: RegExpExecArray })[] = [];
  for (const head of text.matchAll(pattern)) {
    const start = head.index;
    const end = closing(text, start + head[0].length - 1) + 1;
    if (end > 0 && start >= (found.at(-1)?.end ?? 0)) found.push({ start, end, head });
  }
  return found;
}
