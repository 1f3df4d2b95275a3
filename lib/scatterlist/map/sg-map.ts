/**
 * `sgMap` and `sgUnmap`: the mapping of one entry through a backend, typed by what can fail.
 */
import type { ScatterlistError } from '../../base/errors.ts';
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ErrorsOf, MapBackend, MappingOf, WaitErrorsOf } from '../../mapping/backend.ts';
import { guarded } from '../../mapping/guarded.ts';
import type { Mapping } from '../../mapping/mapping.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { exists, refusePlace } from '../list/check-place.ts';
import type { SgEntry } from '../list/sg-array.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/** The bytes that one mapping covers, from a byte of an entry on. */
interface Place {
  readonly page: Page;
  readonly pageOffset: number;
  readonly lengthBytes: number;
}

// The number of bytes that one mapping from here covers: to the end of the page, or of the entry.
function span(left: number, pageOffset: number, backend: MapBackend): number {
  if (backend.contract.contiguous) return left;
  const inPage = backend.context.machine.hardware.memory.pageSize - pageOffset;
  return left < inPage ? left : inPage;
}

/**
 * Maps the bytes of an entry from `offset` on: to the end of the page in which they begin or, through a
 * contiguous backend, to the end of the entry. Never waits.
 *
 * @linux sg_map (the series of 2017; never merged)
 * @context as the backend's contract says; does not sleep
 * @errors those of the backend for the kinds of memory in the list; none if that set is empty
 * @differs the backend is a value, not a flag; a token is returned, and failure is in its type
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
  const { array, slot } = sg;
  const page = array.pages[slot];
  // Signed 32-bit numbers are enough, because tokens only map bytes in one page.
  const entryOffset = (array.offsets[slot] ?? 0) | 0;
  const left = ((array.lengths[slot] ?? 0) | 0) - offset;
  // Only a whole number in range equals itself after this operation.
  if (page !== undefined && page !== null && entryOffset >= 0 && left > 0 && offset >>> 0 === offset) {
    const waiting = backend.tokens?.map(page, entryOffset + offset, left);
    if (waiting !== undefined) return waiting;
  }
  return mapAfresh(sg, offset, backend);
}

// The case without a waiting token. A separate function, so that V8 can inline the common case.
function mapAfresh(sg: SgEntry, offset: number, backend: MapBackend): Result<Mapping, ScatterlistError> {
  const { page, pageOffset, lengthBytes } = place(sg, offset, backend);
  const mapped = backend.map(page, pageOffset, lengthBytes);
  if (mapped.ok) mapped.value.releaser = guarded(backend);
  return mapped;
}

// Adds the entry's offset before it selects the page, and keeps the page; the sg_unmap of 2017 did neither.
function place(sg: SgEntry, offset: number, backend: MapBackend): Place {
  const { page, length } = sg;
  if (page === null || offset >>> 0 !== offset || offset >= length)
    return refusePlace({ name: 'sgMap', context: backend.context }, sg, offset);
  const { memory } = page.zone;
  const start = sg.offset + offset;
  const pageOffset = start & memory.pageMask;
  const lengthBytes = span(length - offset, pageOffset, backend);
  if (!exists(page, start, lengthBytes))
    return refusePlace({ name: 'sgMap', context: backend.context }, sg, offset);
  return { page: memory.nthPage(page, Math.floor(start / memory.pageSize)), pageOffset, lengthBytes };
}

/**
 * Maps as `sgMap` does, but sleeps if the backend can wait for a free slot.
 *
 * @linux sg_map with SG_KMAP (the series of 2017), which may sleep in kmap
 * @context a preemptible task where the backend sleeps
 * @errors those of `sgMap`; not NoSlots if the contract sleeps, because it waits then
 * @differs a generator, because it may sleep: call it with `yield*`
 */
export function sgMapWait<B extends MapBackend, K extends MemoryKind>(
  sg: SgEntry<K>,
  offset: number,
  backend: B,
): Sleeping<Result<MappingOf<B>, WaitErrorsOf<B, K>>>;
export function sgMapWait(
  sg: SgEntry,
  offset: number,
  backend: MapBackend,
): Sleeping<Result<Mapping, ScatterlistError>> {
  return sleepingCall(waitForMap(sg, offset, backend), 'sgMapWait');
}

function* waitForMap(
  sg: SgEntry,
  offset: number,
  backend: MapBackend,
): Sleeping<Result<Mapping, ScatterlistError>> {
  const { page, pageOffset, lengthBytes } = place(sg, offset, backend);
  const mapped = yield* backend.mapWait(page, pageOffset, lengthBytes);
  if (mapped.ok) mapped.value.releaser = guarded(backend);
  return mapped;
}

/**
 * Releases a mapping. It takes only the token, which knows how it was made.
 *
 * @linux sg_unmap (the series of 2017; never merged)
 * @context as the backend's contract says. The executing context releases; a mapping that belongs to a task is
 * reported when that is another one
 * @differs Linux's proposal recomputed the page from the caller's offset and got it wrong across pages
 */
export function sgUnmap(mapping: Mapping): void {
  mapping.releaser.release(mapping);
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

// The error of `use` is passed on; a violation by the release would hide it.
function releaseAfterError(mapping: Mapping): void {
  try {
    if (mapping.live) sgUnmap(mapping);
  } catch {
    return;
  }
}
