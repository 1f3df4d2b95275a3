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
    inLinux: 'the mapping stays, and what it takes is never given back: a slot, or a range of addresses',
    fix: 'call UNMAP on this way out as well',
  },
  'double-unmap': {
    inLinux:
      'the second unmap releases what another task has mapped there since, or stops the machine with BUG',
    fix: 'leave out one of the two, or end this path after the first',
  },
  'unmap-order': {
    inLinux:
      'the unmap warns that the address is not that of the last map, and releases the last one instead',
    fix: 'undo local maps in the reverse order',
  },
  'unmap-address': {
    inLinux: 'the address is taken for one in another page: the unmap warns, and releases the wrong mapping',
    fix: 'keep what the map returned in a variable of its own, and give that to UNMAP',
  },
  'unmap-mismatch': {
    inLinux:
      'each kind of map has its own bookkeeping: this mapping stays, and the bookkeeping of the other kind is wrong',
    fix: 'call UNMAP, which belongs to the function that maps',
  },
  'kunmap-unmapped': {
    inLinux: 'kunmap takes the address for a struct page, and reads what happens to lie there',
    fix: 'give kunmap the page, or map with kmap_local_page, whose unmap takes the address',
  },
  'use-after-unmap': {
    inLinux: 'the address leads to no page, which is a fault, or to the page that was mapped next',
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
  'slot-taken': {
    inLinux:
      'the slot is given to another page, and what is read or written through the first address is that page',
    fix: 'use a slot that neither this code nor the code that it interrupts uses; Linux 2.6.37 chooses the slots itself',
  },
  'page-overrun': {
    inLinux: 'behind the mapped page lies another page, or none, which is a fault',
    fix: 'map each page of the entry for itself',
  },
  'null-pointer': { inLinux: 'the failed map returned NULL', fix: 'test what the map returned' },
  conversion: {
    inLinux: 'a local mapping ends in the task that made it, in the reverse order, by its address',
    fix: 'rework this function before the conversion',
  },
};

/** What becomes of a mapping that is never undone, by the function that would undo it. */
const LEFT: readonly (readonly [unmap: RegExp, what: string])[] = [
  [
    /kunmap_atomic|bvec_kunmap_irq|io_mapping_unmap_atomic/,
    'preemption and page faults stay disabled: the next function that sleeps is reported as scheduling while atomic',
  ],
  [
    /kunmap_local|unmap_local|scatterwalk_unmap|folio_release_kmap|unmap_and_put|pte_unmap/,
    'one of the 16 slots of the task stays taken, and the next unmap in this task finds another mapping than its own',
  ],
  [
    /^(?:__)?kunmap$/,
    'a slot of the kmap pool, which all tasks share, stays taken; once all are taken, each kmap waits for ever',
  ],
  [
    /sg_miter_stop/,
    'the page of the last round stays mapped; if the iterator is atomic, preemption stays disabled',
  ],
  [
    /vunmap|vm_unmap_ram|io_mapping_unmap$/,
    'the range of kernel addresses stays taken, and its pages stay mapped, until the machine is restarted',
  ],
];

/** What the kernel does with code that has a finding. */
export function inLinux({ rule, unmap }: { readonly rule: CheckedRule; readonly unmap: string }): string {
  const [, left] = LEFT.find(([pattern]) => rule === 'leak' && pattern.test(unmap)) ?? [];
  return left ?? ADVICE[rule].inLinux;
}
