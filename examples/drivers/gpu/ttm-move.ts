/**
 * Moves of buffer objects by the CPU, after `ttm_move_memcpy` and `ttm_kmap_iter` in drivers/gpu/drm/ttm (Linux 7.2).
 *
 * The content of an object is in a resource: pages of memory, or a range of the device's own memory. A move goes page by
 * page. Each resource has an iterator that maps its page for a short time; the pages of destination and source are
 * mapped, copied, and unmapped in reverse.
 *
 * An iterator of Linux cannot fail in `map_local`, because it maps locally; all that can fail is done before. Backends
 * can fail, so here a map returns a result.
 */
import { ok } from 'scatterlist';
import type { MapBackend, Mapping, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { IoMapping, ioMappingMapLocalWc, ioMappingUnmapLocal, ioremapWc, iounmap } from 'scatterlist/machine';
import type { Context } from 'scatterlist/machine';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortSetup, PortTask } from 'scatterlist/ports';

/** `struct ttm_kmap_iter_ops`. */
export interface KmapIter {
  map(page: number): Sleeping<Result<IterMap, ScatterlistError>>;
  unmap(map: IterMap): void;
}

/** The bytes of one page: `struct iosys_map`. */
interface IterMap {
  readonly mapping: Mapping;
  /** Where in the mapping the page begins. */
  readonly offset: number;
}

/** `ttm_kmap_iter_tt`: pages, one at a time by the backend. */
export function pagesIter(backend: MapBackend, pages: readonly Page[]): KmapIter {
  return {
    *map(index) {
      const page = pages[index];
      if (page === undefined) throw new Error(`page ${String(index)} of ${String(pages.length)}`);
      const mapped = yield* backend.mapWait(page, 0, backend.context.machine.pageSize);
      return mapped.ok ? ok({ mapping: mapped.value, offset: 0 }) : mapped;
    },
    unmap({ mapping }) {
      backend.unmap(mapping);
    },
  };
}

/** `ttm_kmap_iter_iomap`: device memory, one page at a time in a local slot. */
export function apertureIter(context: Context, aperture: IoMapping): KmapIter {
  return {
    *map(index) {
      const at = index * context.machine.pageSize;
      return ok({ mapping: ioMappingMapLocalWc(context, aperture, at), offset: 0 });
    },
    unmap({ mapping }) {
      ioMappingUnmapLocal(context, mapping);
    },
  };
}

/** `ttm_kmap_iter_linear_io`: device memory that is mapped as a whole as long as the iterator lives. */
export function linearIter(context: Context, whole: Mapping): KmapIter {
  return {
    *map(index) {
      return ok({ mapping: whole, offset: index * context.machine.pageSize });
    },
    unmap: () => undefined,
  };
}

/** `ttm_move_memcpy`; `releases` is for the variant that is wrong. */
export function* moveMemcpy(
  pages: number,
  dst: KmapIter,
  src: KmapIter,
  releases: 'in reverse' | 'as mapped' = 'in reverse',
): Sleeping<Result<undefined, ScatterlistError>> {
  const bytes = new Uint8Array(4096);
  for (let index = 0; index < pages; index += 1) {
    const to = yield* dst.map(index);
    if (!to.ok) return to;
    const from = yield* src.map(index);
    if (!from.ok) {
      dst.unmap(to.value);
      return from;
    }
    from.value.mapping.copyTo(bytes, from.value.offset);
    to.value.mapping.copyFrom(bytes, to.value.offset);
    if (releases === 'as mapped') dst.unmap(to.value);
    src.unmap(from.value);
    if (releases === 'in reverse') dst.unmap(to.value);
  }
  return ok(undefined);
}

interface Bo {
  readonly content: Uint8Array;
  /** Where the content is at first, and where it comes to in the end. */
  readonly system: readonly Page[];
  readonly restored: readonly Page[];
  /** The memory of the device, in which it is meanwhile. */
  readonly vram: readonly Page[];
  readonly aperture: IoMapping;
}

function setup({ machine, memory, content }: PortSetup<undefined>): Bo {
  const { pageSize } = machine;
  const count = Math.ceil(content.length / pageSize);
  const system = takePages(machine, memory, count);
  for (const [i, page] of system.entries())
    machine.physical(page).set(content.subarray(i * pageSize, (i + 1) * pageSize));
  const restored = takePages(machine, memory, count);
  const vram = machine.ioRegion(count, { name: 'VRAM' });
  const [first] = vram;
  if (first === undefined) throw new Error('no device memory');
  const aperture = new IoMapping(machine, first.phys, count * pageSize);
  return { content, system, restored, vram, aperture };
}

/** Moves the object to the device, and back to other pages. */
function* there(
  { system, restored }: Bo,
  backend: MapBackend,
  vram: KmapIter,
  releases: 'in reverse' | 'as mapped' = 'in reverse',
): Sleeping<Result<undefined, ScatterlistError>> {
  const validated = yield* moveMemcpy(system.length, vram, pagesIter(backend, system), releases);
  if (!validated.ok) return validated;
  return yield* moveMemcpy(system.length, pagesIter(backend, restored), vram, releases);
}

const byAperture = (releases: 'in reverse' | 'as mapped'): PortTask<Bo> =>
  function* evict(env) {
    return yield* there(env, env.backend, apertureIter(env.task, env.aperture), releases);
  };

const linear: PortTask<Bo> = function* evict(env) {
  const { task, vram, machine } = env;
  const [first] = vram;
  if (first === undefined) return undefined;
  const whole = ioremapWc(task, first.phys, vram.length * machine.pageSize);
  if (!whole.ok) return whole;
  const moved = yield* there(env, env.backend, linearIter(task, whole.value));
  iounmap(task, whole.value);
  return moved;
};

const oneBackend: PortTask<Bo> = function* evict(env) {
  return yield* there(env, env.backend, pagesIter(env.backend, env.vram));
};

/** The input is an object that is moved to the device, and evicted again. */
export default definePort<Bo>({
  name: 'ttm-move',
  follows: 'drivers/gpu/drm/ttm/ttm_bo_util.c',
  about: 'copies an object page by page between memory and a device, two pages mapped at a time',
  memory: ['highmem', 'lowmem', 'iomem'],
  mostBytes: 1 << 16,
  setup,
  variants: {
    original: {
      about: 'a local map of a page, io_mapping_map_local_wc of a device page, released in reverse',
      linux: 'the iterators of 7.2',
      tasks: { evict: byAperture('in reverse') },
    },
    'linear device map': {
      about: 'a local map of a page, one ioremap of the whole device range',
      linux: 'in 7.2 too; its comment wants it to go, as it adds flushes and failures',
      tasks: { evict: linear },
    },
    'one backend for both': {
      about: 'the backend maps pages of memory and of the device',
      linux: 'not proposed',
      tasks: { evict: oneBackend },
    },
    'released as mapped': {
      about: 'as the original, but the destination, which was mapped first, is released first',
      linux: 'never; local maps forbid it',
      tasks: { evict: byAperture('as mapped') },
    },
  },
  verify: ({ machine, restored, vram, content }) => {
    const bytesOf = (pages: readonly Page[]): Uint8Array =>
      Uint8Array.from(pages.flatMap((page) => [...machine.physical(page)]));
    sameBytes(content, bytesOf(vram), 'the object in the device');
    return sameBytes(content, bytesOf(restored), 'the object that came back');
  },
});
