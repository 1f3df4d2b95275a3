/**
 * All functions of linux/scatterlist.h.
 */
import type { KernelFunctions } from '../kernel-function.ts';
import { COPIES } from './copies.ts';
import { ENTRIES } from './entries.ts';
import { EXTRACT } from './extract.ts';
import { ITERATORS } from './iterators.ts';
import { TABLES } from './tables.ts';

/** Functions on lists by their Linux names. */
export const LISTS: KernelFunctions = { ...COPIES, ...ENTRIES, ...EXTRACT, ...ITERATORS, ...TABLES };
