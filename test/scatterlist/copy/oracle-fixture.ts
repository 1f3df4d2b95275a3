/** Lists over 32 pages of a machine, and what their bytes should be. */
import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine } from 'scatterlist';
import type { Machine, MapBackend, MemoryKind, Page, SgList, Task } from 'scatterlist';
import {
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  vmap,
} from 'scatterlist/backends';
import type { MachineOptions } from 'scatterlist/machine';
import { buildList } from '../../vectors/lists.ts';
import type { ListInput } from '../../vectors/lists.ts';

// Small pages, so that random lists cross many of them.
export const PAGE = 256;
export const PAGES = 32;
export const HALF = (PAGES / 2) * PAGE;

const bounce = (task: Task): MapBackend => iomemBounce(task);

/** Who is tried on what. */
export const COMBINATIONS: readonly (readonly [
  name: string,
  bind: (task: Task) => MapBackend,
  kind: MemoryKind,
])[] = [
  ['kmap_local', kmapLocal, 'highmem'],
  ['kmap_local', kmapLocal, 'lowmem'],
  ['kmap_local', kmapLocal, 'protected'],
  ['kmap_atomic', kmapAtomic, 'highmem'],
  ['kmap', kmap, 'highmem'],
  ['page_address', pageAddress, 'lowmem'],
  ['vmap', vmap, 'highmem'],
  ['io_access', ioAccess, 'iomem'],
  ['iomem_bounce', bounce, 'iomem'],
  ['iomem_bounce', bounce, 'highmem'],
  ['pgmap', pgmap, 'protected'],
];

/** A machine of which 32 pages in a row are in use, and what they should hold. */
export class OracleMachine {
  readonly machine: Machine;
  readonly task: Task;
  readonly backend: MapBackend;
  readonly oracle: Uint8Array = new Uint8Array(PAGES * PAGE);
  readonly #pages: readonly Page[];

  constructor(bind: (task: Task) => MapBackend, kind: MemoryKind, options: MachineOptions = {}) {
    this.machine = createMachine({
      pageSize: PAGE,
      lowmemPages: 1024,
      bounceSlots: 64,
      highmemPages: 64,
      protectedPages: 64,
      vmallocPages: 256,
      callSites: false,
      ...options,
    });
    this.task = this.machine.task();
    this.backend = bind(this.task);
    this.#pages =
      kind === 'iomem' ? this.machine.ioRegion(PAGES) : this.machine.allocPages(PAGES, { zone: kind });
  }

  /** Pokes single values into memory that is all the same elsewhere, so that comparing can go both ways. */
  poke(pokes: readonly (readonly [at: number, value: number])[]): this {
    this.oracle.fill(7);
    for (const [at, value] of pokes) this.oracle[at % this.oracle.length] = value;
    for (const [i, page] of this.#pages.entries()) {
      this.machine.physical(page).set(this.oracle.subarray(i * PAGE, (i + 1) * PAGE));
    }
    return this;
  }

  list(shape: Shape): SgList<never> {
    const first = this.#pages[0]?.pfn ?? 0;
    const entries = shape.entries.map(([page = 0, offset, length]) => [
      first + page,
      offset ?? 0,
      length ?? 0,
    ]);
    return {
      sgl: buildList(this.machine, { entries, chunks: shape.chunks }) as never,
      origNents: shape.nents,
    };
  }

  /** Memory is what it should be, and nothing is held. */
  check(): void {
    const memory = Buffer.concat(this.#pages.map((page) => this.machine.physical(page)));
    expect(Buffer.compare(memory, this.oracle), 'memory').to.equal(0);
    this.machine.checkLeaks();
    expect(this.machine.liveMappings).to.equal(0);
    const { preemptCount, migrateDisabled, pagefaultDisabled } = this.task;
    expect([preemptCount, migrateDisabled, pagefaultDisabled]).to.deep.equal([0, 0, 0]);
  }
}

export interface Shape extends ListInput {
  readonly nents: number;
}

/** The bytes of a list as offsets into the memory of a machine, from `skip` on, `length` at most. */
export function places(shape: Shape, skip: number, length: number): readonly number[] {
  return shape.entries
    .slice(0, shape.nents)
    .flatMap(([page = 0, offset = 0, size = 0]) =>
      Array.from({ length: size }, (_, i) => page * PAGE + offset + i),
    )
    .slice(skip, skip + length);
}

/** Lists with offsets beyond a page, lengths over pages, empty entries, chains, and counts that do not fit. */
export function shapes(firstPage = 0, pages = PAGES): fc.Arbitrary<Shape> {
  const entry = fc
    .tuple(fc.nat(pages - 1), fc.nat(3 * PAGE), fc.oneof(fc.constant(0), fc.constant(1), fc.nat(3 * PAGE)))
    .map(([page, offset, length]) => {
      const room = (pages - page) * PAGE;
      const start = Math.min(offset, room);
      return [firstPage + page, start, Math.min(length, room - start)];
    });
  return fc
    .tuple(
      fc.array(fc.tuple(entry, fc.boolean()), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: -1, max: 2 }),
    )
    .map(([cut, extra]) => {
      const chunks: number[] = [0];
      for (const [, fresh] of cut) {
        if (fresh && chunks.at(-1) !== 0) chunks.push(0);
        chunks.push((chunks.pop() ?? 0) + 1);
      }
      return { entries: cut.map(([e]) => e), chunks, nents: cut.length + extra };
    });
}
