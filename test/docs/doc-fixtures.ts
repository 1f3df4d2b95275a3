/** What an `@example` may use without making it: new for each example. */
import { DmaDevice, createMachine, sgAllocTableFromPages } from 'scatterlist';
import type { DmaAddr, MemoryKind, Page, SgEntry, SgTable } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import type { Program } from 'scatterlist/explore';
import candidate from '../../examples/lab/copy-only.ts';

export function fixtures() {
  const machine = createMachine({ cpus: 2, highmemPages: 64, lowmemPages: 64 });
  const task = machine.task('example');
  const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
  const [page, copy] = machine.allocPages(2, { zone: 'highmem' });
  const original = machine.allocPage({ zone: 'lowmem' });
  const table = tableOf(pages);
  const lowTable = tableOf(machine.allocPages(2, { zone: 'lowmem' }));
  return {
    machine,
    task,
    /** Three pages of highmem, scattered, and a table over all their bytes. */
    pages,
    table,
    /** The first entry of `table`. */
    sg: firstOf(table),
    /** The first entry of a table over lowmem, and that table. */
    lowmemEntry: firstOf(lowTable),
    lowTable,
    /** Single pages. */
    page: defined(page),
    copy: defined(copy),
    original,
    local: kmapLocal(task),
    /** A device without an IOMMU, and what starts its transfer of one segment. */
    device: new DmaDevice(machine),
    start: (_address: DmaAddr, _lengthBytes: number) => {},
    /** Whole buffers of the table's length. */
    buffer: new Uint8Array(3 * machine.pageSize),
    /** A runner for tests that runs at once. */
    describe: (_title: string, body: () => void) => {
      body();
    },
    it: (_title: string, body: () => void) => {
      body();
    },
    /** A program for the explorer: nothing is wrong with it. */
    program,
    /** A design of a mapping API with its call sites. */
    candidate,
  };
}

const program: Program<{ readonly page: Page }> = {
  name: 'example',
  machine: {},
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    a: function* () {
      yield;
    },
  },
};

function tableOf<K extends MemoryKind>(pages: readonly Page<K>[]): SgTable<K> {
  const made = sgAllocTableFromPages(pages, { size: pages.length * 4096 });
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

function firstOf<K extends MemoryKind>(table: SgTable<K>): SgEntry<K> {
  return defined([...table][0]);
}

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there');
  return value;
}
