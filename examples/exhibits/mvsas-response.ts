/**
 * A response that crosses the end of its page, as `mvs_slot_complete` of drivers/scsi/mvsas/mv_sas.c would copy it.
 *
 * The function maps the first page of the entry and copies the whole response to the entry's offset in it.
 *
 * Shown: with an entry that crosses the end of its page the function writes behind its map; the copy helper does not.
 * Not shown: that libsas passes such an entry.
 *
 * Try it: `scatterlist explore examples/exhibits/mvsas-response.ts`
 */
import { sgCopyFromBuffer, sgInitTable, sgSetPage } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { defineProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmapAtomic, kunmapAtomic } from 'scatterlist/machine';
import type { Page } from 'scatterlist';

interface Shared {
  readonly pages: readonly Page[];
}

const OFFSETS = [0, 4080];
const RESPONSE = new Uint8Array(32).fill(0x5a);

const completes = (byHelper: boolean): Program<Shared> =>
  defineProgram<Shared>({
    machine: { cpus: 1, highmemPages: 4 },
    setup: (machine) => ({ pages: machine.allocPages(2, { zone: 'highmem' }) }),
    tasks: {},
    interrupts: {
      completion: {
        kind: 'softirq',
        run({ irq, pages: [page], choose, note }) {
          if (page === undefined) return;
          const offset = OFFSETS[choose(OFFSETS.length)] ?? 0;
          note(`an entry at ${String(offset)}`);
          if (byHelper) {
            const sgl = sgInitTable(1).entry(0);
            sgSetPage(sgl, page, RESPONSE.length, offset);
            void sgCopyFromBuffer({ sgl, origNents: 1 }, RESPONSE, kmapLocal(irq));
          } else {
            const mapped = kmapAtomic(irq, page);
            mapped.copyFrom(RESPONSE, offset);
            kunmapAtomic(irq, mapped);
          }
        },
      },
    },
  });

export default completes(false);
export const fixed = completes(true);
