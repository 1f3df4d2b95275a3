import { expect } from 'chai';
import type { SystemRam } from 'scatterlist';
import { DataCache, flushDcachePage, kmapLocalPage, kunmapLocal, vmap, vunmap } from 'scatterlist/machine';
import type { MachineParts, Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// The cache operations of the architecture returned early for highmem pages, because they have no address
// to flush through. What the kernel wrote under one cache colour is not what user space reads under
// another.
//
// OpenWrt e756c2bb07, patch 101-MIPS-fix-cache-flushing-for-highmem-pages (MIPS, 4.3/4.4).
// Oracle: a load hits a line that is out of date although a flush was asked for.

const COLOURS = 4;

/** A cache whose page flush needs the permanent address. */
class SkipsHighmem extends DataCache {
  override flushPage(page: Page): void {
    if (!this.hardware.memory.isHighmem(page)) super.flushPage(page);
  }
}

/** One that flushes through an address of its own, whichever colour that has. */
class FlushesOneColour extends DataCache {
  override flushPage(page: Page): void {
    this.flush(page, 0, 0, this.hardware.config.pageSize);
  }
}

interface Options {
  readonly dataCache?: MachineParts['dataCache'];
  readonly zone?: SystemRam;
  readonly dcacheColours?: number;
}

function program({ dataCache, zone = 'highmem', dcacheColours = COLOURS }: Options): Program<{ page: Page }> {
  return {
    machine: { cpus: 1, dcacheColours },
    parts: { dataCache },
    setup: (machine) => ({ page: machine.allocPage({ zone }) }),
    tasks: {
      *task({ task, machine, page }) {
        // In place of the user's mappings: the page at an address of every colour.
        const mapped = vmap(
          task,
          Array.from({ length: COLOURS }, () => page),
        );
        if (!mapped.ok) return [];
        const user = mapped.value;
        const readAll = (): readonly number[] =>
          Array.from({ length: COLOURS }, (_, i) => user.load8(i * machine.pageSize));
        readAll();
        const m = kmapLocalPage(task, page);
        m.store8(0, 7);
        flushDcachePage(task, page);
        kunmapLocal(task, m);
        const seen = readAll();
        vunmap(task, user);
        return seen;
      },
    },
    check: ({ results }) => {
      expect(results['task']).to.deep.equal([7, 7, 7, 7]);
    },
  };
}

describe('mips-highmem-dcache-flush-noop', () => {
  const skips: MachineParts['dataCache'] = (hardware) => new SkipsHighmem(hardware);

  it('leaves user space with the old bytes of a highmem page', () => {
    expectFound(program({ dataCache: skips }), 'stale-cache');
  });

  it('reads them as wrong data where nobody looks at the cache', () => {
    expectFound({ ...program({ dataCache: skips }), allow: ['stale-cache'] }, 'final-check');
  });

  it('flushes nothing through an address of another colour', () => {
    expectFound(program({ dataCache: (hardware) => new FlushesOneColour(hardware) }), 'stale-cache');
  });

  it('does not show with lowmem pages, nor where the cache has no aliases', () => {
    expectExhausted(program({ dataCache: skips, zone: 'lowmem' }));
    expectExhausted(program({ dataCache: skips, dcacheColours: 1 }));
  });

  it('is sound when the colour that was written is flushed', () => {
    expectExhausted(program({}));
  });
});
