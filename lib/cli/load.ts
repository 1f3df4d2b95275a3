/**
 * Loads a user's program, and tells its mistakes as mistakes of its file.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { isDefinedProgram } from 'scatterlist/explore';
import type * as C from 'scatterlist/c';
import type { DefinedProgram } from 'scatterlist/explore';
import { failed } from './failed.ts';
import { checkReadable } from './files.ts';
import { UsageError } from './usage-error.ts';

/** Loads a program; TypeScript through a loader. */
export async function load(file: string | undefined): Promise<DefinedProgram> {
  if (file === undefined) throw new UsageError('which program? name its file');
  const program = file.endsWith('.c') ? await loadOfC(file) : await loadDefault(file);
  if (!isDefinedProgram(program))
    throw new UsageError(
      `the default export of ${file} is not a program: export default defineProgram({ … })`,
    );
  return program;
}

/** The program that the sections of a C file make, compiled with macros. */
export async function loadOfC(
  file: string,
  define: Readonly<Record<string, string>> = {},
): Promise<DefinedProgram> {
  const program: unknown = await withC(file, ({ loadC }) => loadC(file, { define }));
  if (isDefinedProgram(program)) return program;
  throw new Error('loadC makes programs with defineProgram');
}

/** The functions of the kernel that a C file calls. */
export async function calledIn(file: string): Promise<readonly string[]> {
  return withC(file, ({ calledByC }) => calledByC(file));
}

async function withC<T>(file: string, use: (c: typeof C) => T): Promise<T> {
  checkReadable(file);
  const c = await import('scatterlist/c');
  try {
    return use(c);
  } catch (error) {
    throw error instanceof Error && error.name === 'ConfigError'
      ? new UsageError(error.message, { cause: error.cause })
      : error;
  }
}

/** The default export of a user's module, or undefined if it has none. */
export async function loadDefault(file: string): Promise<unknown> {
  checkReadable(file);
  const path = resolve(file);
  if (/\.[cm]?ts$/.test(path)) await acceptTypeScript();
  const module = await importModule(pathToFileURL(path).href).catch((error: unknown) => {
    throw failed(file, 'cannot be loaded', error);
  });
  const exported = defaultOf(module);
  // Of a file that was made CommonJS, the default export is a property of what it exports.
  const isCommonJs = typeof exported === 'object' && exported !== null && '__esModule' in exported;
  return isCommonJs ? defaultOf(exported) : exported;
}

function defaultOf(module: object): unknown {
  return 'default' in module ? module.default : undefined;
}

async function importModule(url: string): Promise<object> {
  const module: unknown = await import(url);
  if (typeof module !== 'object' || module === null) throw new UsageError(`${url} is not a module`);
  return module;
}

/** Runs a function on a loaded program; an error of the program's set-up is reported as an error of the file. */
export function running<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failed(file, 'cannot be run', error);
  }
}

/** Node 20 knows no types, and later versions only erase them: no enum, and no import without an ending. */
async function acceptTypeScript(): Promise<void> {
  // A loader of the command line is there already, but only in the first thread.
  if (isMainThread && process.execArgv.some((arg) => arg.includes('tsx'))) return;
  // Each loads the files of one kind of package: without a type, or with "commonjs", they are CommonJS.
  const [commonJs, modules] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')]);
  commonJs.register();
  modules.register();
}
