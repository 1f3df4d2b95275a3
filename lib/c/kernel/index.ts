/**
 * All functions of the kernel that C code can call.
 */
import { ATOMICS } from './atomics.ts';
import { CONTEXTS } from './contexts.ts';
import { CONVERT } from './convert.ts';
import { DMA } from './device/dma.ts';
import { REGISTERS } from './device/registers.ts';
import type { KernelFunctions } from './kernel-function.ts';
import { LISTS } from './lists/index.ts';
import { LOCKS } from './locks.ts';
import { FOLIOS } from './memory/folios.ts';
import { HIGHMEM } from './memory/highmem.ts';
import { PAGES } from './memory/pages.ts';
import { USERS } from './memory/users.ts';
import { TEXT } from './text.ts';
import { TIMEOUTS } from './timeouts.ts';

/** Functions by their Linux names. */
export const KERNEL: KernelFunctions = {
  ...ATOMICS,
  ...CONTEXTS,
  ...CONVERT,
  ...DMA,
  ...FOLIOS,
  ...HIGHMEM,
  ...LISTS,
  ...LOCKS,
  ...PAGES,
  ...REGISTERS,
  ...TEXT,
  ...TIMEOUTS,
  ...USERS,
};
