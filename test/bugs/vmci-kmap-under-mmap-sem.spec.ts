import { expect } from 'chai';
import { RwSemaphore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmap, kunmap } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import { expectExhausted, expectFound } from './support.ts';

// The driver maps while it holds the address space; another task holds a slot and faults, which needs
// the address space.

interface Shared {
  readonly pages: readonly Page[];
  readonly mmapSem: RwSemaphore;
}

function program(fixed: boolean): Program<Shared> {
  return {
    machine: { cpus: 1, pkmapSlots: 1 },
    setup: (machine) => ({
      pages: machine.allocPages(2, { zone: 'highmem' }),
      mmapSem: new RwSemaphore(machine, 'mmap_sem'),
    }),
    tasks: {
      *vmci({ task, pages, mmapSem }) {
        yield* mmapSem.downWrite(task);
        yield; // pins the pages
        if (fixed) mmapSem.upWrite(task);
        const m = yield* kmap(task, pages[0]!);
        yield;
        kunmap(task, m);
        if (!fixed) mmapSem.upWrite(task);
      },
      *copier({ task, pages, mmapSem }) {
        const m = yield* kmap(task, pages[1]!);
        yield; // the user page is not there
        yield* mmapSem.downRead(task);
        m.store8(0, 1);
        mmapSem.upRead(task);
        kunmap(task, m);
      },
    },
  };
}

describe('vmci-kmap-under-mmap-sem', () => {
  it('closes a circle of the semaphore and the pool', () => {
    const violation = expectFound(program(false), 'deadlock');
    const told = violation.details.map(({ label, text }) => `${label} ${text}`).join('\n');
    expect(told).to.match(/vmci waits for kmap pool, held by "copier"/);
    expect(told).to.match(/copier waits for mmap_sem, held by "vmci"/);
  });

  it('does not when the section ends before the map', () => {
    expectExhausted(program(true));
  });
});
