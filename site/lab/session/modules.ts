/**
 * Runs the text of a program and what it imports, and returns its default export.
 */
import { LIBRARY_NAMES, libraryEntry } from './library.ts';
import type { ProgramText } from './program.ts';
import { ProgramError } from './program-error.ts';
import { transpile } from './transpile.ts';

/** The functions of `console` that a program can call. */
export type ProgramConsole = Readonly<
  Record<'debug' | 'error' | 'info' | 'log' | 'warn', (...values: readonly unknown[]) => void>
>;

type Body = (exports: object, require: (specifier: string) => unknown, console: ProgramConsole) => unknown;

/** Where a script leaves the function that it is. */
const BODY: unique symbol = Symbol.for('scatterlist.lab.module');

// Indirect, so that the script sees no variable of this module.
const indirect: (script: string) => unknown = eval;

/** Runs a program; throws a `ProgramError` for what cannot be run, and what the program itself throws. */
export async function defaultExportOf(program: ProgramText, console: ProgramConsole): Promise<unknown> {
  const exports = await new Modules(program, console).main();
  if (!('default' in exports))
    throw new ProgramError(
      'the program has no default export; export default what defineProgram or definePort returns',
    );
  return exports.default;
}

class Modules {
  private readonly program: ProgramText;
  private readonly console: ProgramConsole;
  readonly #loaded = new Map<string, object>();

  constructor(program: ProgramText, console: ProgramConsole) {
    this.program = program;
    this.console = console;
  }

  /** Loads the program itself, which may wait for something at its top level. */
  async main(): Promise<object> {
    const { file, text } = this.program;
    const exports = {};
    this.#loaded.set(file, exports);
    await this.#run(file, text, exports, 'async function');
    return exports;
  }

  #load(file: string, text: string): object {
    const before = this.#loaded.get(file);
    if (before !== undefined) return before;
    const exports = {};
    this.#loaded.set(file, exports);
    this.#run(file, text, exports, 'function');
    return exports;
  }

  #run(file: string, text: string, exports: object, kind: 'function' | 'async function'): unknown {
    // On the first line, so that no line moves.
    const code = transpile(text, file);
    this.#checkNames(code);
    const head = `globalThis[Symbol.for('scatterlist.lab.module')] = ${kind} (exports, require, console) {`;
    this.#evaluate(`${head}${code}\n};\n//# sourceURL=${scriptName(file)}`);
    const body: unknown = Reflect.get(globalThis, BODY);
    Reflect.deleteProperty(globalThis, BODY);
    return isBody(body)
      ? body(exports, (specifier) => this.#import(specifier, file), this.console)
      : undefined;
  }

  // What TypeScript would say of a name that an entry does not have: types are not checked here.
  #checkNames(code: string): void {
    for (const [, variable = '', specifier = ''] of code.matchAll(/\bvar (\w+) = require\('([^']+)'\)/g)) {
      const entry = libraryEntry(specifier);
      if (entry === undefined) continue;
      for (const [, name = ''] of code.matchAll(new RegExp(`\\b${variable}\\.(\\w+)`, 'g')))
        if (!(name in entry)) {
          const line = lineOfImport(this.program.text, specifier);
          throw new ProgramError(`${specifier} has no export "${name}"`, line);
        }
    }
  }

  #evaluate(script: string): void {
    try {
      indirect(script);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw syntaxError(script, error);
    }
  }

  #import(specifier: string, from: string): unknown {
    const entry = libraryEntry(specifier);
    if (entry !== undefined) return entry;
    const { files = {}, file } = this.program;
    const path = besideOf(from, specifier);
    const text = path === undefined || !Object.hasOwn(files, path) ? undefined : files[path];
    if (path !== undefined && text !== undefined) return this.#load(path, text);
    const line = from === file ? lineOfImport(this.program.text, specifier) : undefined;
    throw new ProgramError(refusal(specifier), line);
  }
}

// Types are out by now, so what is left is JavaScript that this browser does not know.
function syntaxError(script: string, { message }: Error): ProgramError {
  const at = script.split('\n').findIndex((line) => /^\s*(await )?using \w+ =/.test(line));
  if (at < 0) return new ProgramError(`this browser cannot read the program: ${message}`);
  return new ProgramError(
    'this browser has no using declarations; write const, and unmap at the end',
    at + 1,
  );
}

function isBody(value: unknown): value is Body {
  return typeof value === 'function';
}

function refusal(specifier: string): string {
  if (specifier === 'scatterlist/c')
    return 'scatterlist/c needs Node and clang, so a page cannot run it; use the command scatterlist explore';
  const can = `can import ${LIBRARY_NAMES.join(', ')}`;
  return specifier.startsWith('.')
    ? `there is no file "${specifier}" beside the program; a program here is one file, and ${can}`
    : `"${specifier}" cannot be imported here; a program ${can}`;
}

/** The name of a script in a stack: without what would end a frame's place there. */
export function scriptName(file: string): string {
  return file.replaceAll(/[^\w./-]/g, '-');
}

/** The path of a relative import. */
function besideOf(from: string, specifier: string): string | undefined {
  if (!/^\.\.?\//.test(specifier)) return undefined;
  const path = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') path.pop();
    else if (part !== '.') path.push(part);
  }
  return path.join('/');
}

function lineOfImport(text: string, specifier: string): number | undefined {
  const at = text
    .split('\n')
    .findIndex((line) => line.includes(`'${specifier}'`) || line.includes(`"${specifier}"`));
  return at < 0 ? undefined : at + 1;
}
