/**
 * Groups that measure map, touch and unmap, and a step of the iterator. They are compared with a memcpy of 1 MiB, because
 * nanoseconds cannot be compared between machines, and because the kernel's own pairs are known as fractions of the same memcpy.
 */
import { SgMiter, sgMap, sgUnmap } from 'scatterlist';
import type { DirectMapping, MapBackend, MemoryKind, Page, SgEntry, SgTable, Task } from 'scatterlist';
import { SlotTokens, defineBackend, kunmapLocal, mapLocal, passLocal } from 'scatterlist/backend';
import {
  KMAP_LOCAL,
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  vmap,
} from 'scatterlist/backends';
import type { Group, Variant } from '../measure.ts';
import { MIB, directMachine, fromPages, pattern } from './fixture.ts';

const PAIRS = 1024;

function memcpyBase(): Variant {
  const from = pattern(MIB);
  const to = new Uint8Array(MIB);
  return {
    name: 'memcpy of 1 MiB',
    run: () => {
      to.set(from);
    },
  };
}

/** What a user writes who builds on local maps, with the two lines for speed or without. */
export function usersOwn(task: Task, withSpeed = false): MapBackend {
  const own = {
    contract: { ...KMAP_LOCAL, name: 'mine' },
    map: (page: Page, offset: number, length: number) => mapLocal(task, page, offset, length).asOk,
    unmap: (mapping: DirectMapping) => {
      kunmapLocal(task, mapping);
    },
  };
  if (!withSpeed) return defineBackend(task, own);
  return defineBackend(task, {
    ...own,
    tokens: SlotTokens.of(task),
    pass: (range, inner) => passLocal(task, range, inner),
  });
}

// A loop adds to a local variable, because adding to a variable of the module makes a heap number each time.
const sink = new Float64Array(1);

function pairs<B extends MapBackend>(sg: SgEntry<'highmem'>, backend: B): () => void {
  return () => {
    let sum = 0;
    for (let i = 0; i < PAIRS; i += 1) {
      const mapped = sgMap<MapBackend, MemoryKind>(sg, 0, backend);
      if (!mapped.ok) throw new Error(mapped.error.code);
      sum += mapped.value.load8(0);
      sgUnmap(mapped.value);
    }
    sink[0] = sum;
  };
}

export function mapOne(): Group {
  const { machine, task } = directMachine();
  const table = fromPages(machine.allocPages(1, { zone: 'highmem' }));
  return {
    name: 'mapOne',
    title: `${String(PAIRS)} x map, touch, unmap; one backend in the process`,
    baseline: memcpyBase(),
    variants: [{ name: 'kmap_local', perCall: PAIRS, run: pairs(table.sgl!, kmapLocal(task)) }],
  };
}

export function mapMany(): Group {
  const { machine, task } = directMachine();
  const high: SgTable<'highmem'> = fromPages(machine.allocPages(1, { zone: 'highmem' }));
  const low = fromPages(machine.allocPages(1, { zone: 'lowmem' }));
  const others: readonly MapBackend[] = [
    kmap(task),
    kmapAtomic(task),
    vmap(task),
    ioAccess(task),
    iomemBounce(task),
    usersOwn(task),
  ];
  // All eight backends and a user's own run through the same call sites, before and between the measurements.
  const mixed = (): void => {
    for (const backend of others) pairsOf(high.sgl!, backend, 8);
    for (const backend of [pageAddress(task), pgmap(task)]) pairsOf(low.sgl!, backend, 8);
  };
  for (let i = 0; i < 2000; i += 1) mixed();
  const measured = pairs(high.sgl!, kmapLocal(task));
  return {
    name: 'mapMany',
    title: `${String(PAIRS)} x map, touch, unmap; eight backends and a user's own alive`,
    baseline: memcpyBase(),
    variants: [
      {
        name: 'kmap_local',
        perCall: PAIRS,
        run: measured,
      },
      { name: "a user's own, mapLocal", perCall: PAIRS, run: pairs(high.sgl!, usersOwn(task)) },
      { name: "a user's own, with tokens", perCall: PAIRS, run: pairs(high.sgl!, usersOwn(task, true)) },
      // This runs between the samples of the rows above, so that the call sites of those rows keep seeing all backends.
      { name: 'the others in turn', run: mixed },
    ],
  };
}

function pairsOf(sg: SgEntry, backend: MapBackend, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const mapped = sgMap<MapBackend, MemoryKind>(sg, 0, backend);
    if (!mapped.ok) throw new Error(mapped.error.code);
    sink[0] = mapped.value.load8(0);
    sgUnmap(mapped.value);
  }
}

export function miterStep(): Group {
  const { machine, task } = directMachine();
  const table = fromPages(machine.allocPages(256, { zone: 'highmem', layout: 'scattered' }));
  const local = kmapLocal(task);
  return {
    name: 'miterStep',
    title: 'a step of SgMiter with mapping, 256 pages',
    baseline: memcpyBase(),
    variants: [
      {
        name: 'SgMiter, kmap_local',
        perCall: 256,
        run: () => {
          const it = new SgMiter(table, local, 'fromSg');
          let sum = 0;
          while (it.next().value) sum += it.length;
          it.stop();
          sink[0] = sum;
        },
      },
    ],
  };
}
