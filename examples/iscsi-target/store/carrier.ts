/** The chosen mapping backend, bound to the task of a session, whose bytes it copies. */
import type { Contract, Machine, MapBackend, Mapping, MemoryKind, Task } from 'scatterlist';
import { defineBackend } from 'scatterlist/backend';
import type { BouncePool } from 'scatterlist/machine';
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

/** The backends that can be used for the disk, and the kind of memory that each needs for the disk and for the data of commands. */
export const BACKENDS = {
  kmap: { bind: kmap, disk: 'highmem', data: 'highmem' },
  kmap_local: { bind: kmapLocal, disk: 'highmem', data: 'highmem' },
  kmap_atomic: { bind: kmapAtomic, disk: 'highmem', data: 'highmem' },
  vmap: { bind: vmap, disk: 'highmem', data: 'highmem' },
  page_address: { bind: pageAddress, disk: 'lowmem', data: 'lowmem' },
  pgmap: { bind: pgmap, disk: 'protected', data: 'protected' },
  io_access: { bind: ioAccess, disk: 'iomem', data: 'highmem' },
  iomem_bounce: { bind: iomemBounce, disk: 'iomem', data: 'highmem' },
} as const satisfies Record<
  string,
  {
    readonly bind: (task: Task, shared: { readonly pool: BouncePool }) => MapBackend;
    readonly disk: MemoryKind;
    readonly data: MemoryKind;
  }
>;

/** The name of a backend that can be used for the disk. */
export type BackendName = keyof typeof BACKENDS;

/** The backend of a name in any spelling: `kmap_local`, `kmap-local`, `kmapLocal`. */
export function backendNamed(text: string): BackendName | undefined {
  const letters = (name: string): string => name.replaceAll(/[-_]/g, '').toLowerCase();
  return Object.keys(BACKENDS)
    .filter(isBackendName)
    .find((name) => letters(name) === letters(text));
}

function isBackendName(text: string): text is BackendName {
  return Object.hasOwn(BACKENDS, text);
}

/** The most mappings that the target holds at once: a chunk of a command's data and, inside it, a page of the disk. */
export const DECLARED_DEPTH = 2;

/** The greatest depth to which the mappings of a backend were nested. */
export class DepthGauge {
  peak = 0;
  #live = 0;

  /** The same backend, which counts the depth. */
  watch(inner: MapBackend): MapBackend {
    return defineBackend<Contract, Mapping>(inner.context, {
      contract: inner.contract,
      map: (page, pageOffset, lengthBytes) => {
        const mapped = inner.map(page, pageOffset, lengthBytes);
        if (mapped.ok) this.#live += 1;
        this.peak = Math.max(this.peak, this.#live);
        return mapped;
      },
      unmap: (mapping) => {
        this.#live -= 1;
        inner.unmap(mapping);
      },
    });
  }
}

/** How many pages of each kind a machine needs for a disk and the data of commands. */
export function zoneSizes(
  name: BackendName,
  pages: { readonly disk: number; readonly data: number },
): Partial<Record<'lowmemPages' | 'highmemPages' | 'protectedPages', number>> {
  const need: Record<MemoryKind, number> = {
    lowmem: 4096,
    highmem: 0,
    iomem: 0,
    protected: 0,
    unmappable: 0,
  };
  const { disk, data } = BACKENDS[name];
  need[disk] += pages.disk;
  need[data] += pages.data;
  return { lowmemPages: need.lowmem, highmemPages: need.highmem, protectedPages: need.protected };
}

/** Device pages for a disk that is in device memory; an empty list otherwise. */
export function deviceStock(
  machine: Machine,
  name: BackendName,
  pages: number,
): ReturnType<Machine['ioRegion']> {
  return BACKENDS[name].disk === 'iomem' ? machine.ioRegion(pages, { name: 'disk' }) : [];
}
