/**
 * Zeroing an entry of a list through a map of its first page, as the target core does for commands without data.
 *
 * The function maps the page of the entry and clears as many bytes as the entry has. An entry may continue in the next
 * page. Without highmem this is not seen, because lowmem pages lie side by side in memory.
 *
 * Shown: with an entry of more than a page of highmem the function writes behind its map. Not shown: that the target
 * core is given such an entry.
 *
 * Try it: `scatterlist explore examples/exhibits/target-zeroing.ts`
 */
import { sgInitTable, sgSetPage, sgZeroBuffer } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { defineProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist';

interface Shared {
  readonly pages: readonly Page[];
}

const LENGTHS = [512, 4096, 4608];

const zeroes = (pageByPage: boolean): Program<Shared> =>
  defineProgram<Shared>({
    machine: { cpus: 1, highmemPages: 4 },
    setup: (machine) => ({ pages: machine.allocPages(2, { zone: 'highmem' }) }),
    tasks: {
      *execute({ task, pages: [page], choose, note }) {
        if (page === undefined) return;
        const lengthBytes = LENGTHS[choose(LENGTHS.length)] ?? 0;
        note(`an entry of ${String(lengthBytes)} bytes`);
        yield;
        if (pageByPage) {
          const sgl = sgInitTable(1).entry(0);
          sgSetPage(sgl, page, lengthBytes, 0);
          void sgZeroBuffer({ sgl, origNents: 1 }, lengthBytes, kmapLocal(task));
        } else {
          const mapped = kmapLocalPage(task, page);
          mapped.fill(0, 0, lengthBytes);
          kunmapLocal(task, mapped);
        }
      },
    },
  });

export default zeroes(false);
export const fixed = zeroes(true);
