import { virtAddr } from 'scatterlist';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// Modules that are compressed with gzip are inflated page by page; the unmap gets the decompressor's
// output pointer, which stands behind the last byte. In a page that was filled it names another slot.
// (kernel/module/decompress.c, 6.1 to 7.2; read from the source)
//
// Oracle: an unmap with an address of no map, or of another one.

interface Shared {
  readonly pages: readonly Page[];
}

function program(fixed: boolean, lengths: readonly number[], inputMapped = false): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => ({ pages: machine.allocPages(lengths.length + 1, { zone: 'highmem' }) }),
    tasks: {
      *decompress({ task, pages: [input, ...output] }) {
        const source = inputMapped ? kmapLocalPage(task, input!) : undefined;
        for (const [i, page] of output.entries()) {
          const m = kmapLocalPage(task, page);
          const produced = lengths[i]!;
          m.fill(7, 0, produced);
          const nextOut = virtAddr(m.vaddr + produced);
          yield;
          kunmapLocal(task, fixed ? m.vaddr : nextOut);
        }
        if (source !== undefined) kunmapLocal(task, source);
      },
    },
  };
}

describe('gzip decompression that unmaps the end pointer', () => {
  it('goes well while no page is filled: any address in the page will do', () => {
    expectExhausted(program(false, [100, 4095]));
  });

  it('names no map once a page is full', () => {
    expectFound(program(false, [4096, 100]), 'unmap-address');
  });

  it('names the older map where there is one', () => {
    expectFound(program(false, [4096], true), 'unmap-order');
  });

  it('is sound with the address that the map returned', () => {
    expectExhausted(program(true, [4096, 100], true));
  });
});
