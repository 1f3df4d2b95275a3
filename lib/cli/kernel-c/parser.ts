/**
 * The grammar of C, in WebAssembly.
 */
import { createRequire } from 'node:module';
import { Language, Parser } from 'web-tree-sitter';
import type { Tree } from 'web-tree-sitter';

/** Loads a parser of C. */
export async function loadParser(): Promise<Parser> {
  const { resolve } = createRequire(import.meta.url);
  await Parser.init();
  return new Parser().setLanguage(await Language.load(resolve('tree-sitter-c/tree-sitter-c.wasm')));
}

/** Parses a text. The tree has to be deleted after use. */
export function parsed(parser: Parser, text: string): Tree {
  const tree = parser.parse(text);
  if (tree === null) throw new Error('the parser was stopped');
  return tree;
}
