/**
 * `sgMap` and `sgUnmap`: the mapping of one entry through a backend, typed by what can fail.
 */
import { hex } from '../base/units.ts';
import type { NoSlots, ScatterlistError } from '../base/errors.ts';
import { ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { ErrorsOf, MapBackend, MappingOf } from '../mapping/backend.ts';
import type { Mapping } from '../mapping/mapping.ts';
import type { Sleeping } from '../kernel/wait-queue.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { SgEntry } from './sg-array.ts';

interface Place {
  readonly page: Page;
  readonly pageOffset: number;
  readonly lengthBytes: number;
}

// The entry's offset is added before the page is chosen, and the page is remembered: the sg_unmap of
// 2017 did neither.
function place(sg: SgEntry, offset: number, backend: MapBackend): Place {
  const { page } = sg;
  const { hardware } = backend.context.machine;
  if (page === null) {
    hardware.violate({
      rule: 'sg-empty-entry',
      severity: 'bug',
      what: 'sgMap of an entry that has no page',
      context: backend.context.state(),
    });
    throw new RangeError('sgMap of an entry that has no page');
  }
  if (!Number.isInteger(offset) || offset < 0 || offset >= sg.length) {
    hardware.violate({
      rule: 'sg-range',
      severity: 'bug',
      what: `sgMap at offset ${String(offset)} of an entry of ${String(sg.length)} bytes (pfn ${hex(page.pfn)}, offset ${String(sg.offset)})`,
      context: backend.context.state(),
    });
  }
  const { memory } = hardware;
  const start = sg.offset + offset;
  const pageOffset = start % memory.pageSize;
  const left = sg.length - offset;
  const lengthBytes = backend.contract.contiguous ? left : Math.min(left, memory.pageSize - pageOffset);
  return { page: memory.nthPage(page, Math.floor(start / memory.pageSize)), pageOffset, lengthBytes };
}

/**
 * Maps the bytes of an entry from `offset` on: to the end of the page in which they begin or, through a
 * contiguous backend, to the end of the entry. Never waits.
 *
 * @linux sg_map (the series of 2017; never merged)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend for the kinds of memory in the list; none where that set is empty
 * @differs the backend is a value, not a flag; the answer is a token, and failure is in its type
 * @example
 * ```ts
 * using m = sgMap(sg, 0, kmapLocal(task)).value;
 * m.bytes.fill(0xff);
 * ```
 */
export function sgMap<B extends MapBackend, K extends MemoryKind>(
  sg: SgEntry<K>,
  offset: number,
  backend: B,
): Result<MappingOf<B>, ErrorsOf<B, K>>;
export function sgMap(sg: SgEntry, offset: number, backend: MapBackend): Result<Mapping, ScatterlistError> {
  const { page, pageOffset, lengthBytes } = place(sg, offset, backend);
  const mapped = backend.map(page, pageOffset, lengthBytes);
  if (mapped.ok) mapped.value.releaser = backend;
  return mapped;
}

/**
 * Maps as `sgMap` does, sleeping where the backend can wait for what it lacks.
 *
 * @linux sg_map with SG_KMAP (the series of 2017), which may sleep in kmap
 * @context a preemptible task where the backend sleeps
 * @errors those of `sgMap` except NoSlots, for which it waits
 * @differs a generator, because it may sleep: call it with `yield*`
 */
export function sgMapWait<B extends MapBackend, K extends MemoryKind>(
  sg: SgEntry<K>,
  offset: number,
  backend: B,
): Sleeping<Result<MappingOf<B>, Exclude<ErrorsOf<B, K>, NoSlots>>>;
export function* sgMapWait(
  sg: SgEntry,
  offset: number,
  backend: MapBackend,
): Sleeping<Result<Mapping, ScatterlistError>> {
  const { page, pageOffset, lengthBytes } = place(sg, offset, backend);
  const mapped = yield* backend.mapWait(page, pageOffset, lengthBytes);
  if (mapped.ok) mapped.value.releaser = backend;
  return mapped;
}

/**
 * Releases a mapping. It takes nothing but the token, which remembers how it was made.
 *
 * @linux sg_unmap (the series of 2017; never merged)
 * @context as the backend's contract says
 * @differs Linux's proposal recomputed the page from the caller's offset and got it wrong across pages
 */
export function sgUnmap(mapping: Mapping): void {
  mapping.releaser?.release(mapping);
}

/**
 * Maps, runs `use`, and releases, also when `use` throws. The order of release cannot be wrong.
 *
 * @linux none; the closure form of Rust's Page::with_page_mapped
 * @context as the backend's contract says. `use` is a plain function, so it cannot sleep.
 * @errors those of `sgMap`
 */
export function withMapping<B extends MapBackend, K extends MemoryKind, T>(
  sg: SgEntry<K>,
  offset: number,
  backend: B,
  use: (mapping: MappingOf<B>) => T,
): Result<T, ErrorsOf<B, K>>;
export function withMapping<T>(
  sg: SgEntry,
  offset: number,
  backend: MapBackend,
  use: (mapping: Mapping) => T,
): Result<T, ScatterlistError> {
  const mapped = sgMap<MapBackend, MemoryKind>(sg, offset, backend);
  if (!mapped.ok) return mapped;
  const { value: mapping } = mapped;
  let result: T;
  try {
    result = use(mapping);
  } catch (error) {
    releaseAfterError(mapping);
    throw error;
  }
  if (mapping.live) sgUnmap(mapping);
  return ok(result);
}

// The error that ends the section is the one to see; a violation of the release would only hide it.
function releaseAfterError(mapping: Mapping): void {
  try {
    if (mapping.live) sgUnmap(mapping);
  } catch {
    return;
  }
}
