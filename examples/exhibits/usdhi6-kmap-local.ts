/**
 * usdhi6rol0 (drivers/mmc/host/usdhi6rol0.c) if its kmap() is replaced by kmap_local_page() without another change.
 *
 * A block that lies in two pages needs both maps. When the driver goes on, it maps the next page first and releases the
 * older map then. kmap() allows any order; local maps must be released newest first.
 *
 * Shown: the simple conversion breaks the order; with kmap() the same order is right. Not shown: a fault of the driver
 * in Linux, which uses kmap().
 *
 * Try it: `scatterlist explore examples/exhibits/usdhi6-kmap-local.ts`
 */
import { defineProgram } from 'scatterlist/explore';
import { kmap, kmapLocalPage, kunmap, kunmapLocal } from 'scatterlist/machine';
import type { Machine } from 'scatterlist/machine';
import type { Page } from 'scatterlist';

interface Shared {
  readonly head: Page;
  readonly next: Page;
}

const machine = { cpus: 1, highmemPages: 2 };
const setup = (from: Machine): Shared => ({
  head: from.allocPage({ zone: 'highmem' }),
  next: from.allocPage({ zone: 'highmem' }),
});

export default defineProgram<Shared>({
  machine,
  setup,
  tasks: {
    *transfer({ task, head, next }) {
      const older = kmapLocalPage(task, head);
      const newer = kmapLocalPage(task, next);
      yield; // the block moves
      kunmapLocal(task, older);
      kunmapLocal(task, newer);
    },
  },
});

export const fixed = defineProgram<Shared>({
  machine,
  setup,
  tasks: {
    *transfer({ task, head, next }) {
      const older = yield* kmap(task, head);
      const newer = yield* kmap(task, next);
      yield; // the block moves
      kunmap(task, older);
      kunmap(task, newer);
    },
  },
});
