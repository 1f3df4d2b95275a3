/**
 * `kmap_thread`: a `kmap` whose address only the thread that mapped may use, beside the old one, which is for all. Both
 * take a slot of the pool; they differ in who gets the key of a protected page.
 */
import { virtAddr } from '../../base/units.ts';
import type { Task } from '../../kernel/core/machine.ts';
import { kmapAtomic, kunmapAtomic } from '../../kernel/highmem/kmap-atomic.ts';
import { kmap, kunmap } from '../../kernel/highmem/kmap.ts';
import { pgmapSetNoaccess, pgmapSetReadwrite } from '../../kernel/highmem/protection.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Page } from '../../machine/memory.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';

/** The functions. An address is a number, and never an error. */
export interface KmapThread {
  /** `kmap_thread`: sleeps until there is a slot; the address is for this thread only. */
  kmapThread(page: Page): Sleeping<number>;
  /** `kunmap_thread`: takes the page. */
  kunmapThread(page: Page): void;
  /** `kmap`, or `kmap_global` in the variant: sleeps until there is a slot; the address is valid everywhere. */
  kmap(page: Page): Sleeping<number>;
  /** `kunmap`: takes the page. */
  kunmap(page: Page): void;
  /** `kmap_atomic`, which stays as it is: does not sleep, and the caller must not until the release. */
  kmapAtomic(page: Page): number;
  /** `kunmap_atomic`: takes an address in the page. */
  kunmapAtomic(address: number): void;
}

/** `kmap_thread` beside `kmap`. */
export const kmapThread: Facade<KmapThread> = defineFacade({
  name: 'kmap-thread',
  title: 'kmap_thread beside kmap',
  source:
    'Ira Weiny, "kmap: Introduce k[un]map_thread" and "debugging" in the RFC "PMEM: Introduce stray write protection for PMEM", 9 October 2020; kmap_local was merged in its place',
  simplifies:
    'The variant with kmap_global, which the RFC rejects, is the same pair of functions: its kmap is kmap_thread here, and its kmap_global is kmap. A kmap of a protected page gives the key to the tasks that exist, at no cost; the RFC gives it to each task that faults and takes it back on all CPUs at once.',
  // What DEBUG_KMAP_THREAD counts: the maps of each task that are not released.
  shared: () => new Map<Task, number>(),
  open: ({ context, machine, shared: counts }) => {
    const { addresses } = machine.hardware;
    const count = (by: number): void => {
      const now = (counts.get(context.task) ?? 0) + by;
      if (now === 0) counts.delete(context.task);
      else counts.set(context.task, now);
    };
    const grantAll = (page: Page, by: number): void => {
      if (page.kind === 'protected') for (const task of machine.tasks) task.keyGrants += by;
    };
    return {
      *kmapThread(page) {
        const { vaddr } = yield* kmap(context, page);
        pgmapSetReadwrite(context, page);
        count(1);
        return vaddr;
      },
      kunmapThread: (page) => {
        pgmapSetNoaccess(context, page);
        kunmap(context, page);
        count(-1);
      },
      *kmap(page) {
        const { vaddr } = yield* kmap(context, page);
        grantAll(page, 1);
        return vaddr;
      },
      kunmap: (page) => {
        kunmap(context, page);
        grantAll(page, -1);
      },
      kmapAtomic: (page) => kmapAtomic(context, page).vaddr,
      kunmapAtomic: (address) => {
        kunmapAtomic(context, virtAddr(addresses.pageBase(address)));
      },
    };
  },
  close: (_, counts) => {
    for (const [task, count] of counts)
      return `WARNING: task "${task.name}": failed to kunmap_thread() [cnt ${String(count)}]`;
    return undefined;
  },
});
