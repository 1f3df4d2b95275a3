/**
 * Makes docs/api/*.api.md. For each entry point it lists every exported name with its signature, as the compiler
 * writes it into a declaration file. A change to the public surface then shows up in review.
 *
 *   node --import tsx tools/api-report.ts
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, entryPoints, isDeclaration, namesOf, parseText } from './public-api.ts';
import type { EntryPoint, Exported } from './public-api.ts';

export const REPORTS: string = join(ROOT, 'docs/api');

/** The reports by file name. */
export function apiReports(): ReadonlyMap<string, string> {
  const entries = entryPoints();
  const firstIn = new Map<string, string>();
  for (const { specifier, names } of entries) {
    for (const { file, name } of names.values()) {
      const key = `${file}:${name}`;
      if (!firstIn.has(key)) firstIn.set(key, specifier);
    }
  }
  return new Map(entries.map((entry) => [reportName(entry), report(entry, firstIn)]));
}

function reportName({ specifier }: EntryPoint): string {
  return `${specifier.replace('/', '-')}.api.md`;
}

function report({ specifier, names }: EntryPoint, firstIn: ReadonlyMap<string, string>): string {
  const own: string[] = [];
  const shared: string[] = [];
  const unexported = new Set<string>();
  for (const [name, exported] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const home = firstIn.get(`${exported.file}:${exported.name}`);
    if (home !== undefined && home !== specifier) {
      shared.push(`- \`${name}\`: as in \`${home}\``);
      continue;
    }
    const { text, mentions } = signature(exported);
    own.push(`${text}${name === exported.name ? '' : ` // exported as ${name}`}`);
    for (const mention of mentions) if (!firstIn.has(mention)) unexported.add(mention.replace(/.*:/, ''));
  }
  return [
    `# Public names of \`${specifier}\``,
    '',
    'Made by `npm run docs`; a test fails where it is out of date.',
    '',
    ...(own.length === 0 ? [] : ['```ts', own.join('\n\n'), '```', '']),
    ...(shared.length === 0 ? [] : ['## Shared with other entry points', '', ...shared, '']),
    ...(unexported.size === 0
      ? []
      : [
          '## Named by these, but not exported',
          '',
          ...[...unexported].sort().map((name) => `- \`${name}\``),
          '',
        ]),
  ].join('\n');
}

const declarationFiles = new Map<string, ts.SourceFile>();

/** The declaration file of a source, without comments. */
function declarationFile(file: string): ts.SourceFile {
  const known = declarationFiles.get(file);
  if (known !== undefined) return known;
  const { outputText } = ts.transpileDeclaration(readFileSync(join(ROOT, file), 'utf8'), {
    fileName: file,
    compilerOptions: { removeComments: true, stripInternal: true, target: ts.ScriptTarget.ES2022 },
  });
  const made = parseText(file.replace(/\.ts$/, '.d.ts'), outputText);
  declarationFiles.set(file, made);
  return made;
}

/** The declaration of a name, and the types of this package that it mentions, as `file:name`. */
function signature({ name, file }: Exported): {
  readonly text: string;
  readonly mentions: readonly string[];
} {
  const source = declarationFile(file);
  const found = source.statements.filter((s) => isDeclaration(s) && namesOf(s).includes(name));
  if (found.length === 0) throw new Error(`${file}: no declaration of ${name}`);
  const mentioned = new Set(found.flatMap((node) => [...typeNames(node)]));
  return {
    text: found.map((node) => publicText(node.getText(source))).join('\n'),
    mentions: [...declarationsSeenBy(source)].filter(([local]) => mentioned.has(local)).map(([, key]) => key),
  };
}

function publicText(declaration: string): string {
  return declaration.replace(/^export (declare )?/, '').replace(/^ *(private [^\n]*|#private);\n/gm, '');
}

function* typeNames(node: ts.Node): Generator<string> {
  if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) yield node.typeName.text;
  if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) yield node.expression.text;
  const inner: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    inner.push(child);
  });
  for (const child of inner) yield* typeNames(child);
}

/** The names by which a file knows types of this package, with the `file:name` that each stands for. */
function declarationsSeenBy(source: ts.SourceFile): ReadonlyMap<string, string> {
  const seen = new Map<string, string>();
  const here = source.fileName.replace(/\.d\.ts$/, '.ts');
  for (const statement of source.statements) {
    if (isDeclaration(statement)) for (const name of namesOf(statement)) seen.set(name, `${here}:${name}`);
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
    const from = new URL(statement.moduleSpecifier.text, `file:///${here}`).pathname.slice(1);
    for (const { name, propertyName } of bindings.elements)
      seen.set(name.text, `${from}:${(propertyName ?? name).text}`);
  }
  return seen;
}

export function writeReports(reports: ReadonlyMap<string, string>): void {
  mkdirSync(REPORTS, { recursive: true });
  for (const file of readdirSync(REPORTS)) if (!reports.has(file)) rmSync(join(REPORTS, file));
  for (const [file, text] of reports) writeFileSync(join(REPORTS, file), text);
}

if (process.argv[1] === import.meta.filename) writeReports(apiReports());
