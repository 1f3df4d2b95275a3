/**
 * Reads from the sources what the package exports: for each entry point the names, and where each is declared.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

export const ROOT: string = join(import.meta.dirname, '..');

export type Declaration =
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.VariableStatement;

/** A name that a file declares and exports; overloads are several declarations. */
export interface Exported {
  readonly name: string;
  readonly file: string;
  readonly declarations: readonly Declaration[];
  /** Whether an entry point exports it as a type, so that a caller cannot construct it. */
  readonly isType?: boolean;
}

export interface EntryPoint {
  /** The specifier in an import, such as `scatterlist/machine`. */
  readonly specifier: string;
  /** Its source file. */
  readonly file: string;
  readonly names: ReadonlyMap<string, Exported>;
}

const parsed = new Map<string, ts.SourceFile>();

/** A source file, with its path from the root. */
export function parse(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = parseText(file, readFileSync(join(ROOT, file), 'utf8'));
  parsed.set(file, source);
  return source;
}

export function parseText(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
}

/** Every source of lib/ and backends/. */
export function sourceFiles(): readonly string[] {
  return ['lib', 'backends'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
      .sort(),
  );
}

/** The entry points of package.json, in its order. */
export function entryPoints(): readonly EntryPoint[] {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string | null | { readonly source: string }>>;
  };
  return Object.entries(exports).flatMap(([path, target]) =>
    target === null || typeof target === 'string' || path.includes('*')
      ? []
      : [{ specifier: posix.join(name, path), ...readEntry(posix.normalize(target.source)) }],
  );
}

function readEntry(file: string): Pick<EntryPoint, 'file' | 'names'> {
  return { file, names: exportsOf(file) };
}

/** The names that a file exports, its own and those of other files. */
function exportsOf(file: string): ReadonlyMap<string, Exported> {
  const found = new Map<string, Exported>(ownExports(file).map((own) => [own.name, own]));
  for (const statement of parse(file).statements) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) continue;
    const { exportClause, moduleSpecifier } = statement;
    if (!ts.isNamedExports(exportClause) || moduleSpecifier === undefined)
      throw new Error(`${file}: export names, from a file`);
    if (!ts.isStringLiteral(moduleSpecifier)) continue;
    const from = exportsOf(posix.join(posix.dirname(file), moduleSpecifier.text));
    for (const element of exportClause.elements) {
      const target = from.get((element.propertyName ?? element.name).text);
      if (target === undefined) throw new Error(`${file}: no ${element.name.text} there`);
      found.set(element.name.text, { ...target, isType: statement.isTypeOnly || target.isType === true });
    }
  }
  return found;
}

/** The names that a file itself declares and exports. */
export function ownExports(file: string): readonly Exported[] {
  const byName = new Map<string, Declaration[]>();
  for (const statement of parse(file).statements) {
    if (!isDeclaration(statement) || !isExported(statement)) continue;
    for (const name of namesOf(statement)) byName.set(name, [...(byName.get(name) ?? []), statement]);
  }
  return [...byName].map(([name, declarations]) => ({ name, file, declarations }));
}

export function isDeclaration(node: ts.Node): node is Declaration {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isVariableStatement(node)
  );
}

export function namesOf(node: Declaration): readonly string[] {
  if (!ts.isVariableStatement(node)) return node.name === undefined ? [] : [node.name.text];
  return node.declarationList.declarations.flatMap((d) => (ts.isIdentifier(d.name) ? [d.name.text] : []));
}

function isExported(node: Declaration): boolean {
  return node.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) ?? false;
}
