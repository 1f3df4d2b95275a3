/**
 * The functions of the kernel that a C file calls.
 */
import { checkOptions } from '../base/options.ts';
import { COMPILE_OPTIONS, compile } from './toolchain/compile.ts';
import type { CompileOptions } from './toolchain/compile.ts';
import { readModule } from './wasm/module.ts';
import { MARK } from './wasm/translate.ts';

/**
 * Compiles a C file, and lists the functions that it calls and does not define, by their Linux names.
 *
 * @linux none
 * @errors ConfigError, in one line, if the compiler is missing or the file does not compile
 */
export function calledByC(file: string, options: CompileOptions = {}): readonly string[] {
  checkOptions('calledByC', options, COMPILE_OPTIONS);
  return readModule(compile(file, options).wasm)
    .imports.map(({ name }) => name)
    .filter((name) => name !== MARK);
}
