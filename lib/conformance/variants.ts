/**
 * The machines on which the clauses run: checked and direct, and the kernels that Linux can be built as.
 */
import type { MachineOptions } from '../machine/config.ts';

/** A machine with a name for the titles. */
export interface Variant {
  readonly title: string;
  readonly options: MachineOptions;
}

/** Every variant. */
export const VARIANTS: readonly Variant[] = [
  { title: 'checked', options: { mode: 'checked' } },
  { title: 'direct', options: { mode: 'direct' } },
  { title: 'PREEMPT_RT', options: { mode: 'checked', preemptRt: true } },
  { title: 'without HIGHMEM', options: { mode: 'checked', highmem: false } },
  { title: 'direct without HIGHMEM', options: { mode: 'direct', highmem: false } },
  { title: 'forced maps', options: { mode: 'checked', forceMap: true } },
  { title: 'kmap_high_get', options: { mode: 'checked', kmapHighGet: true } },
];
