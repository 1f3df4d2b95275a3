/** Pieces of markdown that several kinds of pages need. */

/** A table; the cells are markdown already. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}

/** Text of a comment or of data in a table: no part of it is markup. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

/** A block of code, fenced so that the code may contain fences. */
export function fenced(language: string, code: string): readonly string[] {
  return [`\`\`\`\`${language}`, code.trimEnd(), '````'];
}

/** The paragraphs of the comment at the head of a source file, each in one line. */
export function headComment(source: string): readonly string[] {
  const [, comment = ''] = /^\/\*\*?\n([^]*?)\*\//.exec(source) ?? [];
  return comment
    .replaceAll(/^ \* ?/gm, '')
    .trim()
    .split(/\n\n+/)
    .map((paragraph) => paragraph.replaceAll(/(?<!:)\n(?! )/g, ' '));
}
