/** What the specs of the page and folio helpers share: machines, known contents, the reachability modes. */
import { createMachine } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import type { Folio, MachineOptions } from 'scatterlist/machine';

export const PAGE = 256;

/** Everything directly reachable; high memory through slots; low memory through slots too. */
export const REACH: Readonly<Record<string, MachineOptions>> = {
  'without high memory': { highmem: false },
  'with high memory': {},
  'with forced maps': { forceMap: true },
};

export interface Fixture {
  readonly machine: Machine;
  readonly task: Task;
  readonly low: Folio;
  readonly high: Folio;
}

/** Two folios of four pages, each byte of them known. */
export function setUp(options: MachineOptions = {}): Fixture {
  const machine = createMachine({
    trace: true,
    pageSize: PAGE,
    lowmemPages: 8,
    highmemPages: 16,
    ...options,
  });
  const folioOf = (zone: 'lowmem' | 'highmem'): Folio =>
    machine.folios.compound(first(machine.allocPages(4, { zone })), 4);
  const low = folioOf('lowmem');
  // Out of order, so that no folio lies in one run of the host's memory.
  for (const n of [2, 0, 3, 1]) machine.physical(low.page(n)).set(pattern(low, n));
  const high = folioOf('highmem');
  for (const n of [2, 0, 3, 1]) machine.physical(high.page(n)).set(pattern(high, n));
  return { machine, task: machine.task(), low, high };
}

function pattern(folio: Folio, n: number): Uint8Array {
  return Uint8Array.from({ length: PAGE }, (_, i) => (i * 7 + n * 31 + folio.head.pfn) & 0xff);
}

function first(pages: readonly Page[]): Page {
  const [page] = pages;
  if (page === undefined) throw new Error('no page');
  return page;
}

/** The bytes of a folio as memory holds them. */
export function contents(machine: Machine, folio: Folio): Uint8Array {
  const bytes = new Uint8Array(folio.sizeBytes);
  for (let n = 0; n < folio.pages; n += 1) bytes.set(machine.physical(folio.page(n)), n * PAGE);
  return bytes;
}

export function flushed(machine: Machine): readonly number[] {
  return machine.events.flatMap((event) => (event.event === 'flush-dcache-page' ? [event.pfn] : []));
}

/** Maps and releases so far, by frame. */
export function maps(machine: Machine): readonly string[] {
  return machine.events.flatMap((event) =>
    event.event === 'map' || event.event === 'unmap' ? [`${event.event} ${String(event.pfn)}`] : [],
  );
}
