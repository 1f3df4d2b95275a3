/**
 * Kernel maps of a part of a buffer object, after `ttm_bo_kmap` and `ttm_bo_kunmap` in drivers/gpu/drm/ttm/ttm_bo_util.c
 * (Linux 7.2).
 *
 * An object is in pages of memory or in the memory of a device. A range of device memory is taken from a map of the whole
 * that exists already, or mapped by ioremap; one cached page by kmap; more pages by vmap. The token says which it was, so
 * that the release needs no more than the token.
 *
 * A page of an object that is cached otherwise is mapped by vmap in Linux, because kmap cannot choose; memory types are
 * not simulated, and all pages here are cached.
 */
import { err, ok } from 'scatterlist';
import type { MapBackend, Mapping, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { ioremapWc, iounmap, vmap, vunmap } from 'scatterlist/machine';
import type { Context } from 'scatterlist/machine';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortInterrupt, PortTask, PortTaskEnv } from 'scatterlist/ports';

/** `struct ttm_buffer_object`, as far as its memory goes. */
export interface BufferObject {
  readonly pages: readonly Page[];
  /** `resource->bus.addr`: the map of the whole object, if its driver has one. */
  readonly premapped: Mapping | undefined;
}

/** `struct ttm_bo_kmap_obj`: how the bytes were mapped, and where they begin in the mapping. */
export interface BoMap {
  readonly kind: 'premapped' | 'ioremap' | 'kmap' | 'vmap';
  readonly mapping: Mapping;
  readonly offset: number;
}

type Mapped = Result<BoMap, ScatterlistError>;

/** `ttm_bo_kmap`: maps `count` pages from `start`. */
export function* boKmap(
  backend: MapBackend,
  bo: BufferObject,
  start: number,
  count: number,
): Sleeping<Mapped> {
  const range = rangeOf(bo, start, count);
  if (!range.ok) return range;
  const [first, second] = range.value;
  if (second !== undefined || first.kind === 'iomem') return boVmap(backend.context, bo, start, count);
  const mapped = yield* backend.mapWait(first, 0, backend.context.machine.pageSize);
  return mapped.ok ? ok({ kind: 'kmap', mapping: mapped.value, offset: 0 }) : mapped;
}

/** The same, with vmap for one page too. */
export function boVmap(context: Context, bo: BufferObject, start: number, count: number): Mapped {
  const range = rangeOf(bo, start, count);
  if (!range.ok) return range;
  const [first] = range.value;
  if (first.kind === 'iomem') return boIoremap(context, bo, start, count);
  const mapped = vmap(context, range.value);
  return mapped.ok ? ok({ kind: 'vmap', mapping: mapped.value, offset: 0 }) : mapped;
}

/** `ttm_bo_ioremap`. */
function boIoremap(context: Context, bo: BufferObject, start: number, count: number): Mapped {
  const { pageSize } = context.machine;
  const first = bo.pages[start];
  if (bo.premapped !== undefined)
    return ok({ kind: 'premapped', mapping: bo.premapped, offset: start * pageSize });
  if (first === undefined) return outside(bo, start, count);
  const mapped = ioremapWc(context, first.phys, count * pageSize);
  return mapped.ok ? ok({ kind: 'ioremap', mapping: mapped.value, offset: 0 }) : mapped;
}

/** `ttm_bo_kunmap`: the token says how. */
export function boKunmap(backend: MapBackend, { kind, mapping }: BoMap): void {
  if (kind === 'kmap') backend.unmap(mapping);
  else if (kind === 'vmap') vunmap(backend.context, mapping);
  else if (kind === 'ioremap') iounmap(backend.context, mapping);
}

function rangeOf(
  bo: BufferObject,
  start: number,
  count: number,
): Result<[Page, ...Page[]], ScatterlistError> {
  const [first, ...more] = bo.pages.slice(start, start + count);
  return first === undefined || more.length + 1 < count ? outside(bo, start, count) : ok([first, ...more]);
}

function outside({ pages }: BufferObject, start: number, count: number): Result<never, ScatterlistError> {
  return err({
    code: 'InvalidArgument',
    argument: 'count',
    got: count,
    expected: `pages of the ${String(pages.length)} from page ${String(start)} on`,
  });
}

interface Screen {
  readonly bo: BufferObject;
  readonly content: Uint8Array;
  /** The range that is mapped, which the handler draws on. */
  shown: { readonly map: BoMap; readonly start: number; readonly count: number } | undefined;
  readonly drawn: Completion;
}

/** At each vertical blank: draws what belongs in the range that is mapped. */
const interrupts: Readonly<Record<string, PortInterrupt<Screen>>> = {
  vblank: {
    kind: 'hardirq',
    onlyRaised: true,
    run({ machine, irq, shown, content, drawn }) {
      if (shown === undefined) return;
      const { map, start, count } = shown;
      const { pageSize } = machine;
      map.mapping.copyFrom(content.subarray(start * pageSize, (start + count) * pageSize), map.offset);
      drawn.complete(irq);
    },
  },
};

type MapRange = (
  env: PortTaskEnv<Screen>,
  bo: BufferObject,
  start: number,
  count: number,
) => Sleeping<Mapped>;

/** Maps one page, then two, then three, …, and lets each range be drawn. */
function* draw(env: PortTaskEnv<Screen>, bo: BufferObject, map: MapRange): Sleeping<Mapped | undefined> {
  for (let start = 0, want = 1; start < bo.pages.length; start += want, want += 1) {
    const count = Math.min(want, bo.pages.length - start);
    const mapped = yield* map(env, bo, start, count);
    if (!mapped.ok) return mapped;
    env.shown = { map: mapped.value, start, count };
    env.raise('vblank');
    yield* env.drawn.wait(env.task);
    env.shown = undefined;
    boKunmap(env.backend, mapped.value);
  }
  return undefined;
}

const byRanges = (map: MapRange): PortTask<Screen> =>
  function* console(env) {
    return yield* draw(env, env.bo, map);
  };

/** The driver has a map of the whole, if the object is in device memory. */
const premapped: PortTask<Screen> = function* console(env) {
  const { bo, task, machine } = env;
  const [first] = bo.pages;
  if (first?.kind !== 'iomem') return yield* draw(env, bo, fromKmap);
  const whole = ioremapWc(task, first.phys, bo.pages.length * machine.pageSize);
  if (!whole.ok) return whole;
  const drawn = yield* draw(env, { ...bo, premapped: whole.value }, fromKmap);
  iounmap(task, whole.value);
  return drawn;
};

function* fromKmap(
  { backend }: PortTaskEnv<Screen>,
  ...range: [BufferObject, number, number]
): Sleeping<Mapped> {
  return yield* boKmap(backend, ...range);
}

function* fromVmap(
  { task }: PortTaskEnv<Screen>,
  ...range: [BufferObject, number, number]
): Sleeping<Mapped> {
  return boVmap(task, ...range);
}

/** Copies page by page in the task, as the iterators of TTM do; there is no map for a handler. */
const pageByPage: PortTask<Screen> = function* console({ backend, machine, bo, content }) {
  const { pageSize } = machine;
  for (const [index, page] of bo.pages.entries()) {
    const mapped = yield* backend.mapWait(page, 0, pageSize);
    if (!mapped.ok) return mapped;
    mapped.value.copyFrom(content.subarray(index * pageSize, (index + 1) * pageSize));
    backend.unmap(mapped.value);
  }
  return undefined;
};

/** The input is drawn on an object, range by range. */
export default definePort<Screen>({
  name: 'ttm-bo-kmap',
  follows: 'drivers/gpu/drm/ttm/ttm_bo_util.c',
  about: 'maps ranges of a buffer object, each by what suits its memory, and a handler draws on them',
  memory: ['highmem', 'lowmem', 'iomem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => ({
    bo: {
      pages: takePages(machine, memory, Math.ceil(content.length / machine.pageSize)),
      premapped: undefined,
    },
    content,
    shown: undefined,
    drawn: new Completion(machine, 'vertical blank'),
  }),
  variants: {
    original: {
      about: 'ioremap for a device, kmap for one page, vmap for more',
      linux: '5.10 to 7.2',
      tasks: { console: byRanges(fromKmap) },
      interrupts,
    },
    premapped: {
      about: 'the same for an object of a device that is mapped as a whole',
      linux: '5.10 to 7.2',
      tasks: { console: premapped },
      interrupts,
    },
    vmap: {
      about: 'ioremap for a device, vmap for one page and for more',
      linux: 'not proposed',
      usesBackend: false,
      tasks: { console: byRanges(fromVmap) },
      interrupts,
    },
    'page by page': {
      about: 'a short map of each page in turn, in the task',
      linux: 'kmap_local in the iterators of 7.2, for moves only',
      tasks: { console: pageByPage },
    },
  },
  verify: ({ machine, bo, content }) => {
    const bytes = Uint8Array.from(bo.pages.flatMap((page) => [...machine.physical(page)]));
    return sameBytes(content, bytes, 'the object');
  },
});
