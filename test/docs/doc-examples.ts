/**
 * The `@example` blocks of doc comments, each made a module that type-checks and runs.
 *
 * An example may use without saying so:
 * - whatever the package exports. A name that several entry points export is taken from the one that
 *   exports the example's own file, else from the first of `scatterlist`, `/backends`, `/backend`, `/machine`,
 *   `/explore`, `/conformance`;
 * - what `fixtures` of doc-fixtures.ts answers: a machine, a task, pages, a table and more, new for each example.
 */
import ts from 'typescript';
import { entryPoints, parse, sourceFiles } from '../../tools/public-api.ts';
import type { EntryPoint } from '../../tools/public-api.ts';
import { fixtures } from './doc-fixtures.ts';

export interface Example {
  /** `lib/kernel/highmem/kmap.ts:12`: where the comment begins. */
  readonly at: string;
  readonly file: string;
  readonly code: string;
}

const ORDER = ['scatterlist', 'backends', 'backend', 'machine', 'explore', 'conformance'];

export function docExamples(): readonly Example[] {
  return sourceFiles().flatMap((file) => examplesIn(file, parse(file)));
}

/** Every `ts` block behind an `@example` of any doc comment. */
export function examplesIn(file: string, source: ts.SourceFile): readonly Example[] {
  const text = source.getFullText();
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const line = source.getLineAndCharacterOfPosition(comment.index).line + 1;
    const plain = comment[0].replace(/^ *\* ?/gm, '');
    return [...plain.matchAll(/^@example\n```ts\n([\s\S]*?)\n```$/gm)].map((block) => ({
      at: `${file}:${String(line)}`,
      file,
      code: block[1] ?? '',
    }));
  });
}

/** How many comments say `@example`, in whatever form: none may be overlooked. */
export function exampleTags(): number {
  return sourceFiles()
    .map(
      (file) =>
        parse(file)
          .getFullText()
          .match(/^ *\* @example\b/gm)?.length ?? 0,
    )
    .reduce((sum, n) => sum + n, 0);
}

/** The example as a module, its fixtures taken from `folder`/../doc-fixtures.ts. */
export function asModule(
  { file, code, at }: Example,
  entries: readonly EntryPoint[] = entryPoints(),
): string {
  const used = identifiersOf(code);
  const imports = new Map<string, string[]>();
  for (const name of used) {
    const specifier = entryOf(name, file, entries);
    if (specifier !== undefined) imports.set(specifier, [...(imports.get(specifier) ?? []), name]);
  }
  const given = Object.keys(fixtures()).filter((name) => used.has(name));
  return [
    `// ${at}`,
    "import { fixtures } from '../doc-fixtures.ts';",
    ...[...imports].map(([specifier, names]) => `import { ${names.join(', ')} } from '${specifier}';`),
    given.length === 0 ? 'void fixtures;' : `const { ${given.join(', ')} } = fixtures();`,
    '{',
    code,
    '}',
    '',
  ].join('\n');
}

function identifiersOf(code: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    // `x.default` is no name that an entry point exports under `default`.
    if (ts.isIdentifier(node) && node.text !== 'default') found.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true));
  return found;
}

function entryOf(name: string, file: string, entries: readonly EntryPoint[]): string | undefined {
  const exporting = entries
    .filter((entry) => entry.names.has(name))
    .sort((a, b) => rank(a.specifier) - rank(b.specifier));
  const own = exporting.find((entry) => [...entry.names.values()].some((other) => other.file === file));
  return (own ?? exporting[0])?.specifier;
}

function rank(specifier: string): number {
  return ORDER.indexOf(specifier.replace('scatterlist/', ''));
}
