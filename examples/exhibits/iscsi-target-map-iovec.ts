/**
 * The error path of `iscsit_map_iovec` in drivers/target/iscsi/iscsi_target.c (5.10 to 7.2).
 *
 * The function maps one entry after the other with kmap() and records at the end how many it mapped. If the list is
 * shorter than the data, it returns before that, and `iscsit_unmap_iovec` releases as many as were recorded: none.
 *
 * Shown: after the error the maps are never released. The same path is the variant `error path` of the port in
 * examples/drivers/target/iscsi-target.ts, with PDUs. Not shown: a request of an initiator that reaches this path.
 *
 * Try it: `scatterlist explore examples/exhibits/iscsi-target-map-iovec.ts`
 */
import { defineProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmap, kunmap } from 'scatterlist/machine';
import type { DirectMapping } from 'scatterlist/machine';
import type { Page } from 'scatterlist';

interface Shared {
  readonly pages: readonly Page[];
  readonly command: { kmappedNents: number };
}

const maps = (recordsEach: boolean): Program<Shared> =>
  defineProgram<Shared>({
    machine: { cpus: 1, highmemPages: 4 },
    setup: (machine) => ({
      pages: machine.allocPages(2, { zone: 'highmem' }),
      command: { kmappedNents: 0 },
    }),
    tasks: {
      *receive({ task, pages, command, choose, note }) {
        const wanted = 2 + choose(2);
        note(`data of ${String(wanted)} pages, a list of ${String(pages.length)}`);
        const iovec: DirectMapping[] = [];
        let isMapped = true;
        for (let i = 0; isMapped && i < wanted; i += 1) {
          const page = pages[i];
          isMapped = page !== undefined;
          if (page !== undefined) {
            iovec.push(yield* kmap(task, page));
            if (recordsEach) command.kmappedNents = iovec.length;
          }
        }
        if (isMapped) command.kmappedNents = iovec.length;
        yield;
        for (const mapped of iovec.slice(0, command.kmappedNents)) kunmap(task, mapped);
      },
    },
  });

export default maps(false);
export const fixed = maps(true);
