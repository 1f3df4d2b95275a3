import { forEachSg, forEachSgtableSg, mappedNents, sgDmaLen, sgMap, sgSetDma, sgUnmap } from 'scatterlist';
import { dmaAddr } from 'scatterlist';
import type { SgTable } from 'scatterlist';
import { kmapAtomic as kmapAtomicBackend } from 'scatterlist/backends';
import { kmapAtomic, kunmapAtomic } from 'scatterlist/machine';
import type { Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { tableOf } from './components/table-of.ts';
import { expectExhausted, expectFound } from './support.ts';

// A controller's driver copies unaligned bytes by hand: it walks the CPU's pages by the count, or the
// lengths, that DMA mapping returned. An IOMMU that merges entries makes both wrong.
// (drivers/mmc/host/sdhci.c, the ADMA table, 7.2; read from the source)
//
// Oracle: the data; by DMA length, an access behind the end of a mapping.

const ENTRY = 64;

interface Shared {
  readonly table: SgTable<'highmem'>;
}
type Fill = (task: Task, table: SgTable<'highmem'>) => void;

const byDmaCount: Fill = (task, table) => {
  for (const sg of forEachSg(table.sgl, table.nents)) {
    const m = kmapAtomic(task, sg.page!);
    m.fill(7, sg.offset, sg.length);
    kunmapAtomic(task, m);
  }
};

const byDmaLength: Fill = (task, table) => {
  for (const sg of forEachSg(table.sgl, table.nents)) {
    const m = kmapAtomic(task, sg.page!);
    m.fill(7, sg.offset, sgDmaLen(sg));
    kunmapAtomic(task, m);
  }
};

const byEntries: Fill = (task, table) => {
  for (const sg of forEachSgtableSg(table)) {
    const m = sgMap(sg, 0, kmapAtomicBackend(task)).value;
    m.fill(7);
    sgUnmap(m);
  }
};

function program(fill: Fill, merges: boolean): Program<Shared> {
  return {
    machine: { cpus: 1, pageSize: 256 },
    setup: (machine) => {
      const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
      const table = tableOf(pages.map((page) => [page, ENTRY, 256 - ENTRY]));
      const segments = merges ? [3 * ENTRY] : [ENTRY, ENTRY, ENTRY];
      const entries = [...table];
      for (const [i, bytes] of segments.entries()) sgSetDma(entries[i]!, dmaAddr(0x1000 * (i + 1)), bytes);
      table.nents = mappedNents(segments.length);
      return { table };
    },
    tasks: {
      *driver({ task, table }) {
        yield;
        fill(task, table);
      },
    },
    check: ({ memory, table }) => [...table].every(({ page }) => memory.load8(page!, 255) === 7),
  };
}

describe('DMA counts used for CPU pages', () => {
  it('go well while the IOMMU merges nothing', () => {
    expectExhausted(program(byDmaCount, false));
    expectExhausted(program(byDmaLength, false));
  });

  it('miss entries that were merged', () => {
    expectFound(program(byDmaCount, true), 'final-check');
  });

  it('run over the page by the length of a merged segment', () => {
    expectFound(program(byDmaLength, true), 'page-overrun');
  });

  it('are not needed: the entries are walked as the CPU has them', () => {
    for (const merges of [false, true]) expectExhausted(program(byEntries, merges));
  });
});
