/**
 * What each rule means, what Linux does where it is broken, and what to do about it.
 */
import type { Finding } from './judge.ts';
import type { CheckedRule, Variant } from './walk/sighting.ts';

/** What a rule of the check means. `UNMAP` is the function that unmaps what is in question. */
interface Advice {
  /** What the kernel does with code that breaks the rule. */
  readonly inLinux: string;
  readonly fix: string;
}

/** For each rule; the title says what is wrong where it is broken. */
export const ADVICE: Readonly<Record<CheckedRule, Advice & { readonly title: string }>> = {
  leak: {
    title: 'a way out of a function on which a mapping is not unmapped',
    inLinux: 'the mapping stays, and what it takes is never given back: a slot, or a range of addresses',
    fix: 'call UNMAP on this way out as well',
  },
  'double-unmap': {
    title: 'a mapping that is unmapped twice',
    inLinux: 'the second unmap releases a mapping of other code, or warns',
    fix: 'leave out one of the two, or end this path after the first',
  },
  'unmap-order': {
    title: 'local mappings that are not unmapped in the reverse order',
    inLinux:
      'the unmap clears the entry of the mapping that was made last, and warns that the address is that of another one',
    fix: 'unmap what was mapped last first',
  },
  'unmap-address': {
    title: 'an unmap that is not given the address that the map returned',
    inLinux:
      'the address is that of the next page: the unmap warns and leaves the right address in the TLB, or it does nothing, and the slot stays taken',
    fix: 'keep what the map returned in a variable of its own, and give that to UNMAP',
  },
  'unmap-mismatch': {
    title: 'a mapping that is unmapped by a function of another kind',
    inLinux:
      'each kind of map has its own bookkeeping: this mapping stays, and the bookkeeping of the other kind is wrong',
    fix: 'call UNMAP, which belongs to the function that maps',
  },
  'kunmap-unmapped': {
    title: 'a kunmap that is not given the page that was mapped',
    inLinux: 'kunmap takes what it is given for a struct page, and reads what happens to lie there',
    fix: 'give kunmap the page, or map with kmap_local_page, whose unmap takes the address',
  },
  'use-after-unmap': {
    title: 'an address that is used after its mapping was unmapped',
    inLinux: 'the address leads to no page, which is a fault, or to the page that was mapped next',
    fix: 'use the address before UNMAP',
  },
  'freed-while-mapped': {
    title: 'a page that is freed while it is mapped',
    inLinux: 'the page can be given to another user, who then shares it with this mapping',
    fix: 'call UNMAP before the page is freed',
  },
  'sleep-in-atomic': {
    title: 'a call that may sleep while something is mapped atomically',
    inLinux: 'scheduling while atomic, with preemption and page faults disabled',
    fix: 'call UNMAP before, or map with kmap_local_page, which permits sleeping',
  },
  'kmap-in-atomic': {
    title: 'a kmap where nothing may sleep',
    inLinux: 'kmap sleeps until a slot of its pool is free: scheduling while atomic',
    fix: 'map with kmap_local_page, which never sleeps',
  },
  'slot-overflow': {
    title: 'more local mappings than a task has slots',
    inLinux: 'a task has 16 slots; the machine stops with BUG when they are used up',
    fix: 'call UNMAP in each round',
  },
  'slot-taken': {
    title: 'a slot of an old kmap_atomic that is taken already',
    inLinux:
      'the slot is given to another page, and what is read or written through the first address is that page',
    fix: 'use a slot that neither this code nor the code that it interrupts uses; since 2.6.37 Linux chooses the slots itself',
  },
  'page-overrun': {
    title: 'an access behind the page that is mapped',
    inLinux: 'behind the mapped page lies another page, or none, which is a fault',
    fix: 'map each page of the entry by itself',
  },
  'null-pointer': {
    title: 'a map that can fail, whose result is used without a test',
    inLinux: 'where the map fails, the kernel accesses memory through NULL, which is a fault',
    fix: 'test what the map returned before it is used',
  },
  'no-linear-address': {
    title: 'the address of a page that may be in high memory and have none',
    inLinux: 'an oops, unless the address lies in another area; then other memory is read or overwritten',
    fix: 'map the page first, with kmap_local_page, or let sg_miter_next or memcpy_from_page do it',
  },
  conversion: {
    title: 'what does not allow a local mapping in place of this one',
    inLinux: 'kunmap_local ends the last mapping of the task that calls it, and takes its address',
    fix: 'change this function before the conversion',
  },
};

const VARIANTS: Readonly<Record<Variant, Advice>> = {
  'page given': {
    inLinux:
      'UNMAP takes the pointer to the page for an address in it: it unmaps nothing, and the slot of the task stays taken',
    fix: 'give UNMAP the address that the map returned',
  },
  'another page': {
    inLinux:
      'the page that was mapped stays mapped; kunmap of the other one stops the machine with BUG if it is not mapped, or takes the mapping from another user',
    fix: 'keep the page in a variable of its own, for both calls',
  },
  'not mapped': {
    inLinux:
      'kunmap of a page that is not mapped stops the machine with BUG; if other code has mapped it, it takes that mapping away',
    fix: 'unmap only on the ways on which it is mapped',
  },
  'mapped elsewhere': {
    inLinux: 'if no other function has mapped it, the unmap releases a mapping of other code, or warns',
    fix: 'see who maps it; where another function does on purpose, nothing is wrong',
  },
  overwritten: {
    inLinux: 'the mapping stays, and nothing in the function has its address any more to unmap it',
    fix: 'call UNMAP before the variable is given another address',
  },
  'unmapped as atomic': {
    inLinux:
      'the unmap enables preemption and page faults, which this map has not disabled, so that their counts are wrong from here on',
    fix: 'call UNMAP, which belongs to the function that maps',
  },
  'another slot': {
    inLinux: 'the slot that was mapped stays so, and another one is cleared, which other code may use',
    fix: 'name the same slot in both calls',
  },
  'relied on': {
    inLinux:
      'the call may sleep or be preempted, or a page fault is handled, where the code does not expect it',
    fix: 'call pagefault_disable or preempt_disable around it',
  },
  'user memory': {
    inLinux:
      'where the page of the user is not present, the access fails although it need not; old kernels report it as sleeping in atomic context',
    fix: 'map with kmap_local_page, which permits page faults, or use the form that ends in _inatomic and call it again without the mapping if it fails',
  },
  context: {
    inLinux: 'scheduling while atomic: what was interrupted, or waits for the lock, cannot go on',
    fix: 'map before, where sleeping is allowed, or leave this to a work queue',
  },
  folio: {
    inLinux: 'behind the mapped page of a highmem folio lies another mapping, or none, which is a fault',
    fix: 'map each page of the folio by itself, or use a helper that does, such as memcpy_to_folio',
  },
};

type ByUnmap = readonly (readonly [unmap: RegExp, what: string])[];

/** What becomes of a mapping that is never unmapped, by the function that would unmap it. */
const LEFT: ByUnmap = [
  [
    /kunmap_atomic|bvec_kunmap_irq|io_mapping_unmap_atomic/,
    'preemption and page faults stay disabled: the next function that sleeps is reported as scheduling while atomic',
  ],
  [
    /^pte_unmap_unlock$/,
    'the lock of the page table stays held: the next task that takes it waits for ever, and nothing may sleep',
  ],
  [
    /^pte_unmap/,
    'the read side of RCU stays locked (since Linux 6.5), and with HIGHPTE a slot of the task stays taken',
  ],
  [
    /kunmap_local|unmap_local|scatterwalk_unmap|folio_release_kmap|unmap_and_put/,
    'one of the 16 slots of the task stays taken, and the next unmap in this task finds another mapping than its own',
  ],
  [
    /^(?:__|bh_)?kunmap$/,
    'a slot of the kmap pool, which all tasks share, stays taken; once all are taken, each kmap waits for ever',
  ],
  [
    /sg_miter_stop/,
    'the page of the last round stays mapped; if the iterator is atomic, preemption and page faults stay disabled as well',
  ],
  [
    /(?:dma_buf|drm_gem|ttm_bo|qxl_bo)_vunmap|_bo_k?unmap$/,
    'the buffer stays mapped: its count of mappings never comes back to 0, or its range of kernel addresses stays taken',
  ],
  [
    /vunmap|vm_unmap_ram|io_mapping_unmap$/,
    'the range of kernel addresses stays taken, and its pages stay mapped, until the machine is restarted',
  ],
];

/** What a second unmap of one mapping does. */
const TWICE: ByUnmap = [
  [
    /kunmap_atomic|bvec_kunmap_irq|io_mapping_unmap_atomic/,
    'preemption and page faults are enabled once too often, so that the count is wrong for code around this that disabled them; with HIGHMEM, another mapping of the task is released',
  ],
  [
    /kunmap_local|unmap_local|scatterwalk_unmap|unmap_and_put|folio_release_kmap/,
    'the second unmap releases another mapping of the task, and warns',
  ],
  [
    /^(?:__|bh_)?kunmap$/,
    'the second kunmap takes the mapping from another user of the page, or stops the machine with BUG',
  ],
  [/vunmap|vm_unmap_ram/, 'the second unmap warns that there is no such area, or frees one of other code'],
];

/** What an unmap of another kind does to a mapping. */
const OTHER: ByUnmap = [
  [
    /kunmap_atomic|bvec_kunmap_irq|io_mapping_unmap_atomic/,
    'preemption and page faults stay disabled, which only UNMAP would enable again',
  ],
];

type Told = Pick<Finding, 'rule' | 'variant' | 'unmap'>;

/** What the kernel does with code that has a finding. */
export function inLinux({ rule, variant, unmap }: Told): string {
  if (variant !== undefined) return VARIANTS[variant].inLinux.replaceAll('UNMAP', unmap);
  const known =
    rule === 'leak' ? LEFT : rule === 'double-unmap' ? TWICE : rule === 'unmap-mismatch' ? OTHER : [];
  const [, what = ADVICE[rule].inLinux] = known.find(([pattern]) => pattern.test(unmap)) ?? [];
  return what.replaceAll('UNMAP', unmap);
}

/** What to do about a finding. */
export function fixFor({ rule, variant, unmap }: Told): string {
  return (variant === undefined ? ADVICE[rule] : VARIANTS[variant]).fix.replaceAll('UNMAP', unmap);
}
