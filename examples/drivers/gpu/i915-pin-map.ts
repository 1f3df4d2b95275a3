/**
 * Kernel maps of GEM objects, after `i915_gem_object_pin_map`, `i915_gem_object_unpin_map` and the shrinker in
 * drivers/gpu/drm/i915/gem (Linux 7.2).
 *
 * An object that is pinned has a map, which all users share. The map stays when the last pin goes, for the next user, and
 * the shrinker takes it away when memory is short. To map can fail. One page that has an address needs no map, more pages
 * are mapped by vmap, device memory by vmap_pfn.
 *
 * Earlier, one page was mapped by kmap. kmap cannot fail: if all its slots are taken, and pinned objects keep theirs, it
 * waits for ever. A pin of another type of map (cached, write combining) is refused in Linux; memory types are not
 * simulated.
 */
import { ok } from 'scatterlist';
import type { MapBackend, Mapping, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { pageAddress } from 'scatterlist/backends';
import { Completion, Mutex } from 'scatterlist/explore';
import { vmap, vmapPfn, vunmap, vunmapPfn } from 'scatterlist/machine';
import type { Context, Machine } from 'scatterlist/machine';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask, PortVariant } from 'scatterlist/ports';

/** `struct drm_i915_gem_object`, as far as its map goes. */
export interface GemObject {
  readonly pages: readonly Page[];
  /** The lock of the object. */
  readonly lock: Mutex;
  /** `pages_pin_count`. */
  pins: number;
  /** `mm.mapping`. */
  map: ObjectMap | undefined;
}

/** A map with the function that made it, as `page_pack_bits` keeps it in the address. */
export interface ObjectMap {
  readonly by: 'kmap' | 'page_address' | 'vmap' | 'vmap_pfn';
  readonly mapping: Mapping;
}

type MakeMap = (backend: MapBackend, pages: readonly Page[]) => Sleeping<Result<ObjectMap, ScatterlistError>>;

/** An object that has no map yet. */
export function gemObject(machine: Machine, pages: readonly Page[], name = 'object'): GemObject {
  return { pages, lock: new Mutex(machine, `lock of ${name}`), pins: 0, map: undefined };
}

/** Permanent addresses. */
function permanent(context: Context): MapBackend {
  return pageAddress(context);
}

/** `i915_gem_object_map`: page_address for a page that has one, vmap or vmap_pfn for all others. */
function* mapFallibly(
  { context }: MapBackend,
  pages: readonly Page[],
): Sleeping<Result<ObjectMap, ScatterlistError>> {
  const [first, second] = pages;
  if (first?.kind === 'iomem') {
    const frames = vmapPfn(
      context,
      pages.map(({ pfn }) => pfn),
    );
    return frames.ok ? ok({ by: 'vmap_pfn', mapping: frames.value }) : frames;
  }
  if (first !== undefined && second === undefined) {
    const direct = permanent(context).map(first, 0, context.machine.pageSize);
    if (direct.ok) return ok({ by: 'page_address', mapping: direct.value });
  }
  const mapped = vmap(context, pages);
  return mapped.ok ? ok({ by: 'vmap', mapping: mapped.value }) : mapped;
}

/** The same with the backend, kmap in Linux, for one page of memory. */
export function* mapOrWait(
  backend: MapBackend,
  pages: readonly Page[],
): Sleeping<Result<ObjectMap, ScatterlistError>> {
  const [first, second] = pages;
  if (first === undefined || second !== undefined || first.kind === 'iomem')
    return yield* mapFallibly(backend, pages);
  const mapped = yield* backend.mapWait(first, 0, backend.context.machine.pageSize);
  return mapped.ok ? ok({ by: 'kmap', mapping: mapped.value }) : mapped;
}

/** `i915_gem_object_pin_map`: the map of the object, which is made if there is none. */
export function* pinMap(
  backend: MapBackend,
  object: GemObject,
  make: MakeMap = mapFallibly,
): Sleeping<Result<Mapping, ScatterlistError>> {
  const { task } = backend.context;
  yield* object.lock.lock(task);
  const made = object.map === undefined ? yield* make(backend, object.pages) : ok(object.map);
  if (made.ok) {
    object.map = made.value;
    object.pins += 1;
  }
  object.lock.unlock(task);
  return made.ok ? ok(made.value.mapping) : made;
}

/** `i915_gem_object_unpin_map`: the map stays for the next user. */
export function unpinMap(object: GemObject): void {
  object.pins -= 1;
}

/** What the shrinker does with an object: takes its map away, unless it is pinned. Returns whether it did. */
export function* shrink(backend: MapBackend, object: GemObject): Sleeping<boolean> {
  const { context } = backend;
  yield* object.lock.lock(context.task);
  const { map, pins } = object;
  const isUnused = map !== undefined && pins === 0;
  if (isUnused) {
    object.map = undefined;
    release(backend, map);
  }
  object.lock.unlock(context.task);
  return isUnused;
}

function release(backend: MapBackend, { by, mapping }: ObjectMap): void {
  const { context } = backend;
  if (by === 'kmap') backend.unmap(mapping);
  else if (by === 'page_address') permanent(context).unmap(mapping);
  else if (by === 'vmap') vunmap(context, mapping);
  else vunmapPfn(context, mapping);
}

const WRITE_BYTES = 1500;

interface Gpu {
  /** A ring of one page, and a batch of all others. */
  readonly objects: readonly GemObject[];
  readonly content: Uint8Array;
  readonly submitted: Completion;
  readonly retired: Completion;
  readonly pressure: Completion;
  isOver: boolean;
}

/** Writes the input to the objects, some bytes at a time, and lets the GPU look at each. The map is pinned meanwhile. */
const submits = (make: MakeMap): PortTask<Gpu> =>
  function* submit(env) {
    const { backend, task, machine, objects, content, submitted, retired, pressure } = env;
    let at = 0;
    let writes = 0;
    for (const object of objects) {
      const endOfObject = Math.min(at + object.pages.length * machine.pageSize, content.length);
      const start = at;
      while (at < endOfObject) {
        const bytes = content.subarray(at, Math.min(at + WRITE_BYTES, endOfObject));
        const pinned = yield* pinMap(backend, object, make);
        if (!pinned.ok) return pinned;
        const last = bytes.length - 1;
        pinned.value.copyFrom(bytes.subarray(0, last), at - start);
        submitted.complete(task);
        yield* retired.wait(task);
        // The map is still there after the sleep, because it is pinned.
        pinned.value.store8(at - start + last, bytes[last] ?? 0);
        unpinMap(object);
        at += bytes.length;
        // The next write finds the map still there, the one after it does not.
        writes += 1;
        if (writes % 2 === 0) pressure.complete(task);
        yield;
      }
    }
    env.isOver = true;
    pressure.complete(task);
    return undefined;
  };

/** `kswapd`: calls the shrinker when memory is short. */
const shrinker: PortTask<Gpu> = function* kswapd(env) {
  for (;;) {
    yield* env.pressure.wait(env.task);
    for (const object of env.objects) yield* shrink(env.backend, object);
    if (env.isOver) return;
  }
};

const devices: NonNullable<PortVariant<Gpu>['devices']> = {
  *gpu({ submitted, retired, self }) {
    for (;;) {
      yield* submitted.wait(self);
      retired.complete(self);
    }
  },
};

/** Writes page by page with a map for each write; no map is kept, and the GPU runs without one. */
const perWrite: PortTask<Gpu> = function* submit(env) {
  const { backend, task, machine, objects, content, submitted, retired } = env;
  let at = 0;
  for (const page of objects.flatMap(({ pages }) => pages)) {
    const bytes = content.subarray(at, at + machine.pageSize);
    const mapped = yield* backend.mapWait(page, 0, bytes.length);
    if (!mapped.ok) return mapped;
    mapped.value.copyFrom(bytes);
    backend.unmap(mapped.value);
    submitted.complete(task);
    yield* retired.wait(task);
    at += bytes.length;
  }
  return undefined;
};

/** The input is written to the objects of a GPU. */
export default definePort<Gpu>({
  name: 'i915-pin-map',
  follows: 'drivers/gpu/drm/i915/gem/i915_gem_pages.c',
  about: 'maps an object for all its users, keeps the map, and lets the shrinker take it away',
  memory: ['highmem', 'lowmem', 'iomem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => {
    const pages = takePages(machine, memory, Math.ceil(content.length / machine.pageSize));
    const objects = [gemObject(machine, pages.slice(0, 1), 'the ring')];
    if (pages.length > 1) objects.push(gemObject(machine, pages.slice(1), 'the batch'));
    return {
      objects,
      content,
      submitted: new Completion(machine, 'a request'),
      retired: new Completion(machine, 'the GPU'),
      pressure: new Completion(machine, 'memory pressure'),
      isOver: false,
    };
  },
  variants: {
    original: {
      about: 'kmap of one page, vmap of more, vmap_pfn of device memory; kept, and shared',
      linux: 'before 6.1; kmap waits for ever where pin_map has to fail',
      tasks: { submit: submits(mapOrWait), kswapd: shrinker },
      devices,
    },
    'page_address or vmap': {
      about: 'the address of a low page, vmap of all others, vmap_pfn of device memory',
      linux: '6.1 to 7.2',
      usesBackend: false,
      tasks: { submit: submits(mapFallibly), kswapd: shrinker },
      devices,
    },
    'map per write': {
      about: 'a map of one page for each write, none is kept',
      linux: 'not proposed',
      tasks: { submit: perWrite },
      devices,
    },
  },
  verify: ({ machine, objects, content }) => {
    const pages = objects.flatMap((object) => object.pages);
    const bytes = Uint8Array.from(pages.flatMap((page) => [...machine.physical(page)]));
    return sameBytes(content, bytes, 'the objects');
  },
});
