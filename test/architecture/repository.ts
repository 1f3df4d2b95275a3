import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { parse } from '../../tools/public-api.ts';

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

/** Lines of `export * from` and `export * as x from`. */
export function starExports(file: string): number[] {
  const source = parse(file);
  return source.statements
    .filter((s) => ts.isExportDeclaration(s) && (!s.exportClause || ts.isNamespaceExport(s.exportClause)))
    .map((s) => source.getLineAndCharacterOfPosition(s.getStart(source)).line + 1);
}
