/**
 * All functions of the kernel that C code can call.
 */
import { CONTEXTS } from './contexts.ts';
import { CONVERT } from './convert.ts';
import { HIGHMEM } from './highmem.ts';
import type { KernelFunctions } from './kernel-function.ts';
import { LISTS } from './lists/index.ts';
import { LOCKS } from './locks.ts';
import { PAGES } from './pages.ts';
import { TEXT } from './text.ts';

/** Functions by their Linux names. */
export const KERNEL: KernelFunctions = {
  ...CONTEXTS,
  ...CONVERT,
  ...HIGHMEM,
  ...LISTS,
  ...LOCKS,
  ...PAGES,
  ...TEXT,
};
