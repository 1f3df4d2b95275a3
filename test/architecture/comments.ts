import ts from 'typescript';

/** Returns the comments of a TypeScript or JavaScript text, one after the other. */
export function commentsOf(text: string): string {
  const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest);
  const found = new Map<number, string>();
  const keep = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? []) found.set(pos, text.slice(pos, end));
  };
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    for (const child of children) visit(child);
    if (children.length > 0) return;
    // This is a token. Its position is the end of the token before it, so all comments between the two begin behind it:
    // those on the same line count as trailing the former, the others as leading the latter.
    keep(ts.getTrailingCommentRanges(text, node.pos));
    keep(ts.getLeadingCommentRanges(text, node.pos));
  };
  visit(source);
  return [...found.values()].join('\n');
}
