/**
 * What the types promise, as a program: it compiles, and each line behind `@ts-expect-error` does not.
 *
 * compile.spec.ts compiles it twice, as it is and with those directives taken out, so that both halves
 * are proven with the compiler.
 */
/* eslint-disable @typescript-eslint/no-unsafe-assignment -- a line that does not compile has a value of no type */
import {
  SgMiter,
  sgCopyFromBuffer,
  sgCopyToBuffer,
  sgMap,
  sgMapWait,
  sgUnmap,
  withMapping,
} from 'scatterlist';
import type {
  DirectMapping,
  ErrorsOf,
  MapBackend,
  MemoryKind,
  Page,
  PartlyDone,
  Result,
  SgEntry,
  SgTable,
  Sleeping,
  Task,
} from 'scatterlist';
import { defineBackend } from 'scatterlist/backend';
import {
  KMAP,
  KMAP_LOCAL,
  faultInjection,
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  recorder,
  vmap,
} from 'scatterlist/backends';
import oneWindow from '../../examples/own-backend.ts';

export function infallible(
  task: Task,
  high: SgEntry<'highmem'>,
  low: SgEntry<'lowmem'>,
  table: SgTable<'highmem'>,
): number {
  const out = new Uint8Array(16);
  sgUnmap(sgMap(high, 0, kmapLocal(task)).value);
  sgUnmap(sgMap(high, 0, kmapAtomic(task)).value);
  sgUnmap(sgMap(high, 0, ioAccess(task)).value);
  sgUnmap(sgMap(high, 0, iomemBounce(task)).value);
  sgUnmap(sgMap(low, 0, kmap(task)).value);
  sgUnmap(sgMap(low, 0, pageAddress(task)).value);
  sgUnmap(sgMap(low, 0, pgmap(task)).value);
  const walker = new SgMiter(table, kmapLocal(task), 'fromSg');
  while (walker.next().value) out.set(walker.bytes);
  return (
    sgCopyToBuffer(table, out, kmapLocal(task)).value +
    withMapping(high, 0, kmapLocal(task), (m) => m.load8(0)).value
  );
}

export function fallible(
  task: Task,
  high: SgEntry<'highmem'>,
  mixed: SgTable<'highmem' | 'iomem'>,
  out: Uint8Array,
): number {
  // @ts-expect-error kmap may find its pool full
  const unchecked = sgMap(high, 0, kmap(task)).value;
  // @ts-expect-error the vmalloc area may be full
  const unchecked2 = sgMap(high, 0, vmap(task)).value;
  // @ts-expect-error highmem has no permanent address
  const unchecked3 = sgMap(high, 0, pageAddress(task)).value;
  // @ts-expect-error device memory in the list: kmap_local refuses it
  const unchecked4: number = sgCopyToBuffer(mixed, out, kmapLocal(task)).value;
  // @ts-expect-error the bounce pool may be full
  const unchecked5: number = sgCopyFromBuffer(mixed, out, iomemBounce(task)).value;
  // @ts-expect-error an injected fault can hit the infallible too
  const unchecked6 = sgMap(high, 0, faultInjection(kmapLocal(task), { failAt: 0 })).value;
  // @ts-expect-error the iterator's next may fail where the backend may
  while (new SgMiter(mixed, kmapLocal(task), 'fromSg').next().value) break;
  // Accessor-only mappings have no bytes.
  const io = sgMap(high, 0, ioAccess(task)).value;
  // @ts-expect-error io_access hands out no address to dereference
  io.bytes;
  const checked = sgMap(high, 0, kmap(task));
  const slots = checked.ok ? checked.value.length : checked.error.slots;
  const copied = sgCopyFromBuffer(mixed, out, iomemBounce(task));
  const need = copied.ok ? copied.value : copied.error.needBytes + copied.error.doneBytes;
  return (
    slots + need + Number(unchecked || unchecked2 || unchecked3 || unchecked4 || unchecked5 || unchecked6)
  );
}

/** A generic driver keeps the exact union of errors. */
export function generic<B extends MapBackend, K extends MemoryKind>(
  table: SgTable<K>,
  backend: B,
  out: Uint8Array,
): Result<number, PartlyDone<ErrorsOf<B, K>>> {
  return sgCopyToBuffer(table, out, backend);
}

export function genericUses(task: Task, table: SgTable<'highmem'>, out: Uint8Array): number {
  const n: number = generic(table, kmapLocal(task), out).value;
  // @ts-expect-error the union survives the generic function
  const m: number = generic(table, vmap(task), out).value;
  return n + m;
}

/** Sleeping is in the type: a generator, called with `yield*`. */
export function* sleeping(task: Task, high: SgEntry<'highmem'>): Sleeping<number> {
  const mapped = yield* sgMapWait(high, 0, kmap(task));
  // NoSlots is what it waits for, so nothing is left that could fail.
  const value = mapped.value.load8(0);
  sgUnmap(mapped.value);
  withMapping(high, 0, kmapLocal(task), (m) => {
    // @ts-expect-error a plain function cannot sleep
    yield * sgMapWait(high, 0, kmap(task));
    return m.load8(0);
  });
  return value;
}

/** `sleeps` with its own limit for one kind of memory, for which it has another error than NoSlots. */
const MOSTLY_SLEEPS = {
  ...KMAP,
  except: {
    iomem: {
      scope: 'global',
      nesting: { order: 'any', limitedBy: 'bounceSlots', beyond: 'BounceExhausted' },
    },
  },
  errors: { ...KMAP.errors, iomem: ['NoSlots', 'BounceExhausted'] },
} as const;

/** The waiting forms wait only where the contract sleeps; others answer NoSlots at once. */
export function* waiting(
  task: Task,
  high: SgEntry<'highmem'>,
  device: SgEntry<'iomem'>,
  table: SgTable<'highmem'>,
  some: MapBackend,
): Sleeping<number> {
  const slept = yield* new SgMiter(table, kmap(task), 'fromSg').nextWait();
  const more: boolean = slept.value;
  const recorded = yield* sgMapWait(high, 0, recorder(kmap(task)));
  sgUnmap(recorded.value);
  const faulty = yield* sgMapWait(high, 0, faultInjection(kmap(task), {}));
  const attempt: number = faulty.ok ? 0 : faulty.error.attempt;
  const window = yield* sgMapWait(high, 0, oneWindow(task));
  // @ts-expect-error this backend does not sleep: its one window may be taken
  const unslept: DirectMapping = window.value;
  const slots: number = window.ok ? 0 : window.error.slots;
  const walked = yield* new SgMiter(table, oneWindow(task), 'fromSg').nextWait();
  // @ts-expect-error nor does its iterator
  const onwards: boolean = walked.value;
  const unknown = yield* sgMapWait(high, 0, some);
  const maybe: string = unknown.ok || unknown.error.code !== 'NoSlots' ? '' : String(unknown.error.slots);
  const mine = defineBackend<typeof MOSTLY_SLEEPS, DirectMapping>(task, {
    contract: MOSTLY_SLEEPS,
    map: () => ({ ok: false, error: { code: 'NoSlots', slots: 0, waiting: 0 } }),
    unmap: () => undefined,
  });
  sgUnmap((yield* sgMapWait(high, 0, mine)).value);
  const odd = yield* sgMapWait(device, 0, mine);
  // @ts-expect-error device memory has another limit there, so NoSlots is not what it waits for
  const freeBytes: number = odd.ok ? 0 : odd.error.freeBytes;
  return attempt + slots + freeBytes + Number(more || onwards || maybe || unslept);
}

export function kinds(page: Page<'highmem'>, table: SgTable<'lowmem'>): readonly SgTable<MemoryKind>[] {
  const wider: SgTable<'lowmem' | 'highmem'> = table;
  // @ts-expect-error a list that may hold device memory is not one that cannot
  const narrower: SgTable<'lowmem'> = wider;
  return [wider, narrower].filter(() => page.kind === 'highmem');
}

export function backendsOfUsers(task: Task, high: SgEntry<'highmem'>): DirectMapping {
  const mine = defineBackend<typeof KMAP_LOCAL, DirectMapping>(task, {
    contract: KMAP_LOCAL,
    // @ts-expect-error the contract does not list NoSlots, so the backend may not answer it
    map: () => ({ ok: false, error: { code: 'NoSlots', slots: 0, waiting: 0 } }),
    unmap: () => undefined,
  });
  return sgMap(high, 0, mine).value;
}
