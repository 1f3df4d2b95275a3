/**
 * Loads a C file.
 */
import { checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import type { Program } from '../explore/program.ts';
import type { Context } from '../kernel/core/machine.ts';
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import { KERNEL } from './kernel/index.ts';
import type { KernelFunction, KernelResult } from './kernel/kernel-function.ts';
import { link } from './link.ts';
import { programOf } from './program.ts';
import type { CShared } from './program.ts';
import { COMPILE_OPTIONS, compile } from './toolchain/compile.ts';
import type { CompileOptions } from './toolchain/compile.ts';

/**
 * A function for C code that the library does not have. It is given the context that calls, and the arguments as numbers
 * without a sign; pointers are addresses. A generator may sleep.
 */
export type Stub = (context: Context, ...values: number[]) => KernelResult | Sleeping<KernelResult>;

/** How to load a C file. */
export interface LoadOptions extends CompileOptions {
  /** Functions that the library does not know, by their names in C. They come before the library's own. */
  readonly stubs?: Readonly<Record<string, Stub>>;
  /** The names of the sections that run, besides SETUP and CHECK. Default: all. */
  readonly only?: readonly string[];
}

const OPTIONS: Readonly<Record<keyof LoadOptions, Accepts>> = {
  ...COMPILE_OPTIONS,
  stubs: 'object',
  only: 'object',
};

/**
 * Compiles a C file, and makes a program of the sections that it declares.
 *
 * @linux none
 * @errors ConfigError, in one line, if the compiler is missing, the file does not compile, or it calls what is not known
 */
export function loadC(file: string, options: LoadOptions = {}): Program<CShared> {
  checkOptions('loadC', options, OPTIONS);
  const { stubs = {}, only, ...how } = options;
  const given = Object.entries(stubs).map(([name, stub]): [string, KernelFunction] => [
    name,
    ({ context }, ...values) => stub(context, ...values),
  ]);
  const module = link(file, compile(file, how), { ...KERNEL, ...Object.fromEntries(given) });
  return programOf(module, only);
}
