import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export function read(file: string): string {
  return readFileSync(join(root, file), 'latin1');
}

export function exists(file: string): boolean {
  return existsSync(join(root, file));
}

/** Every file that is, or could be, committed; paths from the root, with `/`. */
export function repositoryFiles(): string[] {
  const out = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return [...new Set(out.split('\0'))].filter((file) => file !== '' && exists(file)).sort();
}

export interface Import {
  readonly specifier: string;
  /** For a relative specifier the file it names, otherwise the specifier itself. */
  readonly target: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Imports, re-exports, `import()` and `import('x').T` of one file. */
export function importsOf(file: string): Import[] {
  const source = parse(file);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    const { text } = specifier;
    const target = text.startsWith('.') ? posix.join(posix.dirname(file), text) : text;
    const line = source.getLineAndCharacterOfPosition(specifier.getStart(source)).line + 1;
    found.push({ specifier: text, target, typeOnly, line });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Lines of `export * from` and `export * as x from`. */
export function starExports(file: string): number[] {
  const source = parse(file);
  return source.statements
    .filter((s) => ts.isExportDeclaration(s) && (!s.exportClause || ts.isNamespaceExport(s.exportClause)))
    .map((s) => source.getLineAndCharacterOfPosition(s.getStart(source)).line + 1);
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
}
