/**
 * deadlock: Two tasks each map two pages of a vector with kmap() in a pool of three slots.
 */
import type { DirectMapping, Page, Sleeping, Task } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import { kmap, kunmap } from 'scatterlist/machine';

/** Maps two pages at a time; each task can hold one slot and wait for the other for ever. */
function* moveTwo(task: Task, pages: readonly Page[]): Sleeping<void> {
  const maps: DirectMapping[] = [];
  for (const page of pages) {
    maps.push(yield* kmap(task, page));
    yield;
  }
  for (const m of maps) kunmap(task, m);
}

export default defineProgram({
  machine: { cpus: 1, highmemPages: 4, pkmapSlots: 2 },
  setup: (machine) => ({ pages: machine.allocPages(4, { zone: 'highmem' }) }),
  tasks: {
    reader: ({ task, pages }) => moveTwo(task, pages.slice(0, 2)),
    writer: ({ task, pages }) => moveTwo(task, pages.slice(2)),
  },
});
