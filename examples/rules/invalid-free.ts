/**
 * invalid-free: A driver frees the pages of a list one by one, and some are part of a folio.
 */
import type { Machine, Page } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';

/** The pages of a folio of two. */
function folioOf(machine: Machine): readonly Page[] {
  const pages = machine.allocPages(2, { zone: 'highmem' });
  const [head] = pages;
  if (head !== undefined) machine.folios.compound(head, 2);
  return pages;
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4 },
  setup: (machine) => ({ pages: folioOf(machine) }),
  tasks: {
    *driver({ machine, pages }) {
      const [, second] = pages;
      if (second !== undefined) machine.freePage(second); // a part of a folio
    },
  },
});
