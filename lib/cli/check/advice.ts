/**
 * What to do about each rule, and what Linux does where it is broken.
 */
import type { CheckedRule } from './walk/sighting.ts';

/** What a rule of the check means. */
export interface Advice {
  /** What the kernel does with code that breaks the rule. */
  readonly inLinux: string;
  readonly fix: string;
}

/** For each rule; `UNMAP` is the function that undoes the map in question. */
export const ADVICE: Readonly<Record<CheckedRule, Advice>> = {
  leak: {
    inLinux:
      'a slot of the kmap pool or of the task stays taken; a local map is also seen as one that all later unmaps disagree with',
    fix: 'call UNMAP on this way out as well',
  },
  'double-unmap': {
    inLinux: 'the second unmap takes the slot of another mapping, or stops the machine with BUG',
    fix: 'leave out one of the two, or end this path after the first',
  },
  'unmap-order': {
    inLinux: 'kunmap_local warns that the address is not that of the last map, and undoes the wrong one',
    fix: 'undo local maps in the reverse order',
  },
  'unmap-address': {
    inLinux: 'the unmap looks for the slot of another page: it warns, and undoes the wrong mapping',
    fix: 'keep what the map returned in a variable of its own, and give that to UNMAP',
  },
  'unmap-mismatch': {
    inLinux: 'each kind has its own bookkeeping: one mapping stays, and another is undone',
    fix: 'call UNMAP',
  },
  'kunmap-unmapped': {
    inLinux: 'kunmap takes the address for a struct page, and reads what happens to lie there',
    fix: 'give kunmap the page, or map with kmap_local_page, whose unmap takes the address',
  },
  'use-after-unmap': {
    inLinux: 'with HIGHMEM the address belongs to no page, or to the next one that is mapped',
    fix: 'use the address before UNMAP',
  },
  'freed-while-mapped': {
    inLinux: 'the page can be given to another user while it is written through this mapping',
    fix: 'call UNMAP before the page is freed',
  },
  'sleep-in-atomic': {
    inLinux: 'scheduling while atomic, with preemption and page faults disabled',
    fix: 'call UNMAP before, or map with kmap_local_page, which permits sleeping',
  },
  'kmap-in-atomic': {
    inLinux: 'kmap sleeps until a slot of its pool is free: scheduling while atomic',
    fix: 'map with kmap_local_page, which never sleeps',
  },
  'slot-overflow': {
    inLinux: 'a task has 16 slots; the machine stops with BUG when they are used up',
    fix: 'call UNMAP in each round',
  },
  'page-overrun': {
    inLinux: 'the next slot is another page, or none',
    fix: 'map each page of the entry for itself',
  },
  'null-pointer': { inLinux: 'the failed map returned NULL', fix: 'test what the map returned' },
  conversion: {
    inLinux: 'a local mapping ends in the task that made it, in the reverse order, by its address',
    fix: 'give the code another shape first',
  },
};
