/**
 * The alignment bytes of ADMA if the IOMMU merged entries, as in `sdhci_adma_table_post` of
 * drivers/mmc/host/sdhci.c (5.10 to 7.2).
 *
 * The device writes the first bytes of an unaligned segment to a buffer, and the driver copies them from there. It
 * walks the list as far as there are DMA segments, and takes the address of a segment and the page of an entry from
 * the same place. After a merge segment 1 is entry 2.
 *
 * Shown: with two entries merged, the bytes of the third go to the page of the second. Not shown: a machine that has
 * this controller behind an IOMMU that merges, with such a request.
 *
 * Try it: `scatterlist explore examples/exhibits/sdhci-merged-entries.ts`
 */
import {
  DmaDevice,
  dmaMapSgtable,
  dmaUnmapSgtable,
  forEachSgtableDmaSg,
  forEachSgtableSg,
  sgAllocTable,
  sgDmaAddress,
  sgPage,
  sgSetPage,
} from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist';

interface Shared {
  readonly pages: readonly Page[];
  readonly device: DmaDevice;
}

const ALIGN = 4;
const HEAD = 0x5a;

const reads = (byEntry: boolean): Program<Shared> =>
  defineProgram<Shared>({
    machine: { cpus: 1, highmemPages: 4 },
    setup: (machine) => ({
      pages: machine.allocPages(3, { zone: 'highmem' }),
      device: new DmaDevice(machine, { iommu: {} }),
    }),
    tasks: {
      *request({ task, machine, pages, device }) {
        const table = sgAllocTable(pages.length);
        if (!table.ok) return;
        let i = 0;
        for (const sg of forEachSgtableSg(table.value)) {
          const page = pages[i];
          // The last entry begins two bytes before the next address that is aligned.
          if (page !== undefined) sgSetPage(sg, page, i < 2 ? machine.pageSize : 512, i < 2 ? 0 : 2);
          i += 1;
        }
        if (!dmaMapSgtable(task, device, table.value, 'fromDevice').ok) return;
        const unaligned = byEntry
          ? [...forEachSgtableSg(table.value)].map((sg) => ({ sg, head: sg.offset % ALIGN }))
          : [...forEachSgtableDmaSg(table.value)].map((sg) => ({ sg, head: sgDmaAddress(sg) % ALIGN }));
        yield; // the device writes the heads into the buffer of the driver
        dmaUnmapSgtable(task, device, table.value, 'fromDevice');
        for (const { sg, head } of unaligned) {
          const page = sgPage(sg);
          if (head === 0 || page === null) continue;
          const mapped = kmapLocalPage(task, page);
          mapped.fill(HEAD, sg.offset, ALIGN - head);
          kunmapLocal(task, mapped);
        }
      },
    },
    check: ({ pages: [, , last], memory }) => last === undefined || memory.sameBytes(last, [HEAD, HEAD], 2),
  });

export default reads(false);
export const fixed = reads(true);
