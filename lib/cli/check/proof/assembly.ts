/**
 * Inline assembly, which no run can execute: its results become choices, and what else it does is left out.
 */
import { closing } from '../../kernel-c/text.ts';

const ASSEMBLY =
  /\b(?:__asm__|__asm|asm)\s*(?:(?:__volatile__|__volatile|volatile|inline|asm_inline|goto)\s*)*\(/g;

/** The text of a function, or of a macro, without it; lines stay. */
export function withoutAssembly(text: string): string {
  const parts: string[] = [];
  let done = 0;
  for (const { 0: head, index } of text.matchAll(ASSEMBLY)) {
    const open = index + head.length - 1;
    const end = closing(text, open);
    if (end < 0 || index < done) continue;
    const results = resultsIn(text.slice(open + 1, end)).map((one) => `${one} = __scatterlist_choose(2)`);
    // In a macro the line ends are escaped.
    const lineEnds = (text.slice(index, end).match(/\\?\n/g) ?? []).join('');
    parts.push(
      text.slice(done, index),
      `(void)(${results.length === 0 ? '0' : results.join(', ')})`,
      lineEnds,
    );
    done = end + 1;
  }
  return parts.join('') + text.slice(done);
}

/** What the first list of operands writes: `"=r" (value), [old] "+m" (*at)`. */
function resultsIn(operands: string): readonly string[] {
  const lists: string[] = [''];
  let depth = 0;
  for (const [token] of operands.matchAll(/"(?:\\[\s\S]|[^"\\])*"|[\s\S]/g)) {
    if (token === '(' || token === '[') depth += 1;
    else if (token === ')' || token === ']') depth -= 1;
    if (token === ':' && depth === 0) lists.push('');
    else lists[lists.length - 1] += token;
  }
  const written = lists[1] ?? '';
  return [...written.matchAll(/"[=+][^"]*"\s*\(/g)].flatMap(({ 0: head, index }) => {
    const open = index + head.length - 1;
    const end = closing(written, open);
    // What is written to memory stays what it was.
    return end < 0 || /"[=+][^"]*m/.test(head) ? [] : [`(${written.slice(open + 1, end).trim()})`];
  });
}
