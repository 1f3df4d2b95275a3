/**
 * `scatterlist/c`: C code, compiled, run over the simulated core, and explored. It needs Node, clang and lld.
 */
export { calledByC } from '../c/called-by.ts';
export { loadC } from '../c/load-c.ts';
export type { LoadOptions, Stub } from '../c/load-c.ts';
export type { KernelResult } from '../c/kernel/kernel-function.ts';
export type { CShared } from '../c/program.ts';
export type { Objects } from '../c/runtime/world.ts';
export type { CompileOptions } from '../c/toolchain/compile.ts';
