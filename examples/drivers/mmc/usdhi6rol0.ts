/**
 * PIO of usdhi6rol0, after the `usdhi6_sg_…` and `usdhi6_blk_…` functions in drivers/mmc/host/usdhi6rol0.c (Linux 7.2).
 *
 * The controller interrupts for each block of 512 bytes, and the interrupt thread moves one. The page of the current
 * block is mapped when the request starts and stays mapped from step to step. A block that crosses into the next page is
 * moved through a bounce buffer, because the addresses of two mappings are not next to each other; both pages are mapped
 * then, and the older one is released first.
 *
 * So the mapping goes from the task that makes the request to the thread, which needs a map for all contexts; and even
 * in the thread alone a local map would be released out of order. Linux still uses kmap here.
 */
import { SgMiter, ok, sgNext, sgPcopyFromBuffer, sgPcopyToBuffer } from 'scatterlist';
import type {
  MapBackend,
  Mapping,
  MemoryKind,
  Page,
  Result,
  ScatterlistError,
  SgEntry,
  SgTable,
  Sleeping,
} from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { flushDcachePage } from 'scatterlist/machine';
import { definePort } from 'scatterlist/ports';
import type { PortTask, PortTaskEnv, PortVariant } from 'scatterlist/ports';
import { BLOCK_BYTES, allBlocks, moveOnCard, nextRequest, usdhi6Queue } from './usdhi6-queue.ts';
import type { Usdhi6Queue } from './usdhi6-queue.ts';

/** The part of `struct usdhi6_host` for PIO. */
export interface Pio {
  readonly reads: boolean;
  /** The entry of the current block, and where the block begins in it, from the start of its first page. */
  sg: SgEntry | null;
  offset: number;
  /** `pg`: the page where the current block is, or ends. */
  pg: Mapping | undefined;
  /** `head_pg`: the page where a block begins that ends in the next. */
  head: Mapping | undefined;
  readonly bounce: Uint8Array;
}

/** `usdhi6_sg_prep`. */
export function sgPrep(table: SgTable, reads: boolean): Pio {
  const sg = table.sgl;
  return {
    reads,
    sg,
    offset: sg?.offset ?? 0,
    pg: undefined,
    head: undefined,
    bounce: new Uint8Array(BLOCK_BYTES),
  };
}

/** `nth_page` of the page of an entry. */
function nthPage({ context: { machine } }: MapBackend, sg: SgEntry, n: number): Page {
  return machine.hardware.memory.page((sg.page?.pfn ?? 0) + n);
}

function* mapPage(
  backend: MapBackend,
  pio: Pio,
  sg: SgEntry,
  n: number,
): Sleeping<Result<undefined, ScatterlistError>> {
  const mapped = yield* backend.mapWait(nthPage(backend, sg, n), 0, backend.context.machine.pageSize);
  if (!mapped.ok) return mapped;
  pio.pg = mapped.value;
  return ok(undefined);
}

/** `usdhi6_sg_map`: maps the page of the current block, if it is not mapped, and the next one, if the block ends there. */
export function* sgMap(backend: MapBackend, pio: Pio): Sleeping<Result<undefined, ScatterlistError>> {
  const { sg, offset } = pio;
  const { pageSize } = backend.context.machine;
  if (sg === null) return ok(undefined);
  const n = Math.floor(offset / pageSize);
  if (pio.pg === undefined) {
    const mapped = yield* mapPage(backend, pio, sg, n);
    if (!mapped.ok) return mapped;
  }
  if ((offset % pageSize) + BLOCK_BYTES <= pageSize) return ok(undefined);
  pio.head = pio.pg;
  pio.pg = undefined;
  const next = yield* mapPage(backend, pio, sg, n + 1);
  if (!next.ok) sgUnmap(backend, pio);
  return next;
}

/** `usdhi6_blk_read` or `usdhi6_blk_write`: moves the current block between the FIFO and its page, or its two pages. */
export function moveBlock(
  { reads, offset, pg, head, bounce }: Pio,
  fifo: Uint8Array,
  pageSize: number,
): void {
  if (pg === undefined) return;
  const at = offset % pageSize;
  if (head === undefined) {
    if (reads) pg.copyFrom(fifo, at);
    else pg.copyTo(fifo, at);
    return;
  }
  const headBytes = pageSize - at;
  const [first, rest] = [bounce.subarray(0, headBytes), bounce.subarray(headBytes)];
  if (reads) {
    bounce.set(fifo);
    head.copyFrom(first, at);
    pg.copyFrom(rest, 0);
  } else {
    head.copyTo(first, at);
    pg.copyTo(rest, 0);
    fifo.set(bounce);
  }
}

function release(backend: MapBackend, pio: Pio, mapping: Mapping | undefined): void {
  if (mapping === undefined) return;
  if (pio.reads) flushDcachePage(backend.context, mapping.page);
  backend.unmap(mapping);
}

/** `usdhi6_sg_unmap`: releases what is mapped, the older page first. */
export function sgUnmap(backend: MapBackend, pio: Pio): void {
  release(backend, pio, pio.head);
  pio.head = undefined;
  release(backend, pio, pio.pg);
  pio.pg = undefined;
}

/** `usdhi6_sg_advance`: goes to the next block; its page stays mapped if it is the page where this one ends. */
export function* sgAdvance(backend: MapBackend, pio: Pio): Sleeping<Result<undefined, ScatterlistError>> {
  const { sg } = pio;
  if (sg === null) return ok(undefined);
  const { pageSize } = backend.context.machine;
  release(backend, pio, pio.head);
  pio.head = undefined;
  pio.offset += BLOCK_BYTES;
  const isAtEnd = pio.offset >= sg.offset + sg.length;
  if (isAtEnd || pio.offset % pageSize === 0) sgUnmap(backend, pio);
  if (isAtEnd) {
    pio.sg = sgNext(sg);
    pio.offset = pio.sg?.offset ?? 0;
  }
  return yield* sgMap(backend, pio);
}

interface Host {
  readonly queue: Usdhi6Queue;
  readonly issued: Completion;
  readonly wake: Completion;
  readonly taken: Completion;
  readonly done: Completion;
  pio: Pio | undefined;
  /** Blocks of the current request that were moved. */
  blocksDone: number;
}

/** Moves one block in the interrupt thread. */
type MoveStep = (env: PortTaskEnv<Host>, table: SgTable) => Sleeping<Result<unknown, ScatterlistError>>;

/** Starts each request: `first` maps, or not, in the task that makes the request. */
function requests(mapsFirst: boolean): PortTask<Host> {
  return function* mmcqd(env) {
    const { machine, task, backend, queue, issued, done } = env;
    for (;;) {
      const request = nextRequest(machine, queue);
      if (request === undefined) return undefined;
      env.blocksDone = 0;
      env.pio = sgPrep(request.table, request.reads);
      if (mapsFirst) {
        const mapped = yield* sgMap(backend, env.pio);
        if (!mapped.ok) return mapped;
      }
      issued.complete(task);
      yield* done.wait(task);
    }
  };
}

/** The interrupt thread (`usdhi6_sd_bh`). */
function thread(move: MoveStep): PortTask<Host> {
  return function* irqThread(env) {
    const { task, queue, wake, taken } = env;
    for (let left = queue.blocks; left > 0; left -= 1) {
      yield* wake.wait(task);
      const { request } = queue;
      if (request === undefined) return undefined;
      const moved = yield* move(env, request.table);
      if (!moved.ok) return moved;
      env.blocksDone += 1;
      taken.complete(task);
    }
    return undefined;
  };
}

/** A step of the state machine: moves the current block, and maps for the next. */
const step: MoveStep = function* step({ backend, machine, pio, queue }) {
  if (pio === undefined) return ok(undefined);
  if (pio.pg === undefined) {
    const mapped = yield* sgMap(backend, pio);
    if (!mapped.ok) return mapped;
  }
  moveBlock(pio, queue.fifo, machine.pageSize);
  return yield* sgAdvance(backend, pio);
};

/** With an iterator that goes on where the last step stopped: a chunk ends at the page, so a block may need two. */
const miterStep: MoveStep = function* miterStep({ backend, pio, queue, blocksDone }, table) {
  const { fifo } = queue;
  const miter = new SgMiter<MapBackend, MemoryKind>(table, backend, pio?.reads === true ? 'toSg' : 'fromSg');
  miter.skip(blocksDone * BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES;) {
    const more = yield* miter.nextWait();
    if (!more.ok) return more;
    if (!more.value) break;
    const part = fifo.subarray(at, at + miter.length);
    miter.consumed = part.length;
    if (pio?.reads === true) miter.mapping.copyFrom(part);
    else miter.mapping.copyTo(part);
    at += part.length;
  }
  miter.stop();
  return ok(undefined);
};

/** With the copy helpers. */
const copyStep: MoveStep = function* copyStep({ backend, pio, queue, blocksDone }, table) {
  const copy = pio?.reads === true ? sgPcopyFromBuffer : sgPcopyToBuffer;
  return copy<MapBackend, MemoryKind>(table, queue.fifo, backend, blocksDone * BLOCK_BYTES);
};

const interrupts: NonNullable<PortVariant<Host>['interrupts']> = {
  usdhi6_sd: {
    kind: 'hardirq',
    onlyRaised: true,
    run({ irq, wake }) {
      wake.complete(irq);
    },
  },
};

/** The controller: takes or gives one block at a time. */
const devices: NonNullable<PortVariant<Host>['devices']> = {
  *controller(env) {
    const { queue, issued, taken, done, self, raise } = env;
    for (;;) {
      yield* issued.wait(self);
      const reads = queue.request?.reads === true;
      if (reads) moveOnCard(queue, env.blocksDone);
      raise('usdhi6_sd');
      yield* taken.wait(self);
      if (!reads) moveOnCard(queue, env.blocksDone - 1);
      (env.blocksDone < (queue.request?.blocks ?? 0) ? issued : done).complete(self);
    }
  },
};

/** The input is read from a card and written to another, one block for each interrupt. */
export default definePort<Host>({
  name: 'usdhi6rol0',
  follows: 'drivers/mmc/host/usdhi6rol0.c',
  about: 'keeps the page of a block mapped from interrupt to interrupt, and two pages where a block crosses',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 15,
  setup: ({ machine, memory, content }) => ({
    queue: usdhi6Queue(machine, memory, content),
    issued: new Completion(machine, 'block issued'),
    wake: new Completion(machine, 'block ready'),
    taken: new Completion(machine, 'block taken'),
    done: new Completion(machine, 'request done'),
    pio: undefined,
    blocksDone: 0,
  }),
  variants: {
    original: {
      about:
        'kmap by the task of the request, used and released by the interrupt thread, the older page first',
      linux: '5.10 to 7.2',
      tasks: { mmcqd: requests(true), irqThread: thread(step) },
      interrupts,
      devices,
    },
    'mapped in the thread': {
      about:
        'the same state machine with all maps in the interrupt thread; the older page is still released first',
      linux: 'not possible with kmap_local, because of the order',
      tasks: { mmcqd: requests(false), irqThread: thread(step) },
      interrupts,
      devices,
    },
    'resumable miter': {
      about:
        'an iterator that is stopped after each block, with the block in a buffer where it crosses a page',
      linux: 'not proposed',
      tasks: { mmcqd: requests(false), irqThread: thread(miterStep) },
      interrupts,
      devices,
    },
    'copy helper': {
      about: 'sg_pcopy_from_buffer or sg_pcopy_to_buffer of each block',
      linux: 'not proposed',
      tasks: { mmcqd: requests(false), irqThread: thread(copyStep) },
      interrupts,
      devices,
    },
  },
  verify: ({ queue }) => allBlocks(queue),
});
