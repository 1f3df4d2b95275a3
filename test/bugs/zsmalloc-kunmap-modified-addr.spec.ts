import { virtAddr } from 'scatterlist';
import type { Program } from 'scatterlist/explore';
import { kmapAtomic, kunmapAtomic } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import { expectExhausted, expectFound } from './support.ts';

// The allocator threads a free list through a page and hands the pointer that it advanced to the unmap,
// not the one that the map returned. (Linux up to 3.18; lkml 1415927461, Minchan Kim, November 2014)
//
// Oracle: an unmap with an address that no map returned; where the pointer has reached the next page,
// the unmap of a neighbour.

const OBJECT = 1024;

interface Variant {
  readonly objects: number;
  readonly fixed: boolean;
  /** Whether another page is mapped already: the neighbour of the slot. */
  readonly neighbour?: boolean;
}

function program({
  objects,
  fixed,
  neighbour = false,
}: Variant): Program<{ readonly pages: readonly Page[] }> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => ({ pages: machine.allocPages(2, { zone: 'highmem' }) }),
    tasks: {
      *zsmalloc({ task, pages: [page, other] }) {
        const older = neighbour ? kmapAtomic(task, other!) : undefined;
        const m = kmapAtomic(task, page!);
        let link = m.vaddr;
        for (let n = 1; n <= objects; n += 1) {
          m.store32(link - m.vaddr, n);
          link = virtAddr(link + OBJECT);
        }
        kunmapAtomic(task, fixed ? m.vaddr : link);
        if (older !== undefined) kunmapAtomic(task, older);
      },
    },
  };
}

describe('zsmalloc-kunmap-modified-addr', () => {
  it('breaks the contract while the pointer is still in the page, though Linux rounds it down', () => {
    expectFound(program({ objects: 3, fixed: false }), 'unmap-address');
  });

  it('names an empty slot once the pointer is at the end of the page', () => {
    expectFound(program({ objects: 4, fixed: false }), 'unmap-address');
  });

  it('tears the neighbour down where there is one', () => {
    expectFound(program({ objects: 4, fixed: false, neighbour: true }), 'unmap-order');
  });

  for (const objects of [3, 4]) {
    it(`is sound with a variable of its own for the address, ${String(objects)} objects`, () => {
      expectExhausted(program({ objects, fixed: true, neighbour: true }));
    });
  }
});
