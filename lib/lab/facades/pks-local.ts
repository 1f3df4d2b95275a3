/**
 * `kmap_local_page` that also grants the key of a protected page to the running thread, and `kunmap_local` that takes it
 * back: the series of 2022 on Protection Keys Supervisor (PKS).
 */
import { virtAddr } from '../../base/units.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import { kmap, kunmap } from '../../kernel/highmem/kmap.ts';
import { pgmapSetNoaccess, pgmapSetReadwrite } from '../../kernel/highmem/protection.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Page } from '../../machine/memory.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';

/** The functions. An address is a number; without highmem it is the permanent one of the page. */
export interface PksLocal {
  /** `kmap_local_page`: grants access to a protected page, and does not sleep or fail. */
  kmapLocalPage(page: Page): number;
  /** `kunmap_local`: takes any address in the page, and takes the grant back. */
  kunmapLocal(address: number): void;
  /** `kmap`, which the series leaves as it is: an address without a grant. */
  kmap(page: Page): Sleeping<number>;
  /** `kunmap`: takes the page. */
  kunmap(page: Page): void;
  /** `pgmap_set_readwrite`: grants access without a map. Grants of one thread nest, these and those of maps. */
  pgmapSetReadwrite(page: Page): void;
  /** `pgmap_set_noaccess`: takes one grant back; access ends with the last. */
  pgmapSetNoaccess(page: Page): void;
}

/** `kmap_local_page` with PKS. */
export const pksLocal: Facade<PksLocal> = defineFacade({
  name: 'pks-local',
  title: 'kmap_local with PKS brackets',
  source:
    'Ira Weiny, "PKS/PMEM: Add Stray Write Protection", V10, patches 31 and 33 of 44, 19 April 2022; not merged',
  simplifies:
    'An interrupt handler runs without any grant, but the count of grants is that of the thread it interrupted; so a handler that maps while that count is not 0 gets no access. The series faults at the access, and this facade refuses the map. V10 asserts that it is in a hard interrupt where its comment says that it never is; this is left out. The lists of the jobs lie in protected memory, because the series excludes highmem.',
  machine: { highmem: false, highmemPages: 0, protectedPages: 128 },
  open: ({ context, refuse }) => {
    const { task } = context;
    let hasWrittenKey = false;
    const checkHandler = (page: Page): void => {
      if (page.kind !== 'protected' || context === task || hasWrittenKey) return;
      if (task.keyGrants > 0)
        refuse(
          `BUG: page fault of ${context.kind} "${context.name}": the count of "${task.name}" was ${String(task.keyGrants)}, so the key register was not written`,
        );
      hasWrittenKey = true;
    };
    return {
      kmapLocalPage: (page) => {
        checkHandler(page);
        return kmapLocalPage(context, page).vaddr;
      },
      kunmapLocal: (address) => {
        kunmapLocal(context, virtAddr(address));
      },
      *kmap(page) {
        return (yield* kmap(context, page)).vaddr;
      },
      kunmap: (page) => {
        kunmap(context, page);
      },
      pgmapSetReadwrite: (page) => {
        checkHandler(page);
        pgmapSetReadwrite(context, page);
      },
      pgmapSetNoaccess: (page) => {
        pgmapSetNoaccess(context, page);
      },
    };
  },
});
