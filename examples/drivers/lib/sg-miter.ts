/**
 * A driver on top of the mapping iterator itself, `sg_miter` of lib/scatterlist.c (Linux 7.2): fills a list of entries at
 * odd offsets from a device that has a little data at a time.
 *
 * The iterator keeps its chunk mapped until the next one is asked for. A driver that sleeps in between needs the form of
 * the iterator that may sleep, or stops the iterator first; it goes on behind the bytes that were consumed.
 */
import { SgMiter, sgAllocTable, sgNext, sgSetPage } from 'scatterlist';
import type { MapBackend, MemoryKind, Page, Result, ScatterlistError, SgTable, Sleeping } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask, PortVariant } from 'scatterlist/ports';

const FIFO_BYTES = 700;

interface Receiver {
  readonly pages: readonly Page[];
  readonly table: SgTable;
  readonly content: Uint8Array;
  /** What the device has for the driver. */
  fifo: Uint8Array;
  sentBytes: number;
  readonly ready: Completion;
  readonly taken: Completion;
}

type Miter = SgMiter<MapBackend, MemoryKind>;

/** Copies what the device has into chunks of the list. */
function* drain(miter: Miter, fifo: Uint8Array): Sleeping<Result<boolean, ScatterlistError>> {
  let more: Result<boolean, ScatterlistError> = { ok: true, value: true };
  for (let done = 0; done < fifo.length;) {
    more = yield* miter.nextWait();
    if (!more.ok || !more.value) break;
    const part = fifo.subarray(done, done + miter.length);
    miter.mapping.copyFrom(part);
    miter.consumed = part.length;
    done += part.length;
  }
  return more;
}

/** Receives all; between two interrupts of the device the iterator keeps its chunk mapped, or is stopped. */
function receiver(stops: boolean): PortTask<Receiver> {
  return function* receive(env) {
    const { backend, task, table, content, ready, taken } = env;
    const miter: Miter = new SgMiter<MapBackend, MemoryKind>(table, backend, 'toSg');
    for (let received = 0; received < content.length;) {
      yield* ready.wait(task);
      const drained = yield* drain(miter, env.fifo);
      if (!drained.ok) return drained;
      received += env.fifo.length;
      if (stops) miter.stop();
      taken.complete(task);
    }
    miter.stop();
    return undefined;
  };
}

const devices: NonNullable<PortVariant<Receiver>['devices']> = {
  *card(env) {
    const { content, ready, taken, self } = env;
    while (env.sentBytes < content.length) {
      env.fifo = content.subarray(env.sentBytes, env.sentBytes + FIFO_BYTES);
      env.sentBytes += env.fifo.length;
      ready.complete(self);
      yield* taken.wait(self);
    }
  },
};

/** Entries of 1 to 4096 bytes, each within two pages, as many as the content needs. */
function oddTable(pages: readonly Page[], lengthBytes: number): SgTable {
  const entries = Math.ceil(lengthBytes / ENTRY_BYTES);
  const table = sgAllocTable(Math.max(1, entries));
  if (!table.ok) throw new RangeError(table.error.code);
  let sg = table.value.sgl;
  for (let i = 0; i < entries && sg !== null; i += 1, sg = sgNext(sg)) {
    const page = pages[i];
    if (page === undefined) throw new RangeError('too few pages');
    sgSetPage(sg, page, Math.min(ENTRY_BYTES, lengthBytes - i * ENTRY_BYTES), OFFSET);
  }
  return table.value;
}

const ENTRY_BYTES = 3001;
const OFFSET = 517;

/** A card sends the input in small pieces, which the driver puts into a list. */
export default definePort<Receiver>({
  name: 'sg-miter',
  follows: 'lib/scatterlist.c',
  about: 'fills a list chunk by chunk with the mapping iterator, and sleeps between the chunks',
  memory: ['highmem', 'lowmem', 'protected'],
  mostBytes: 1 << 18,
  setup: ({ machine, memory, content }) => {
    const pages = takePages(machine, memory, Math.max(1, Math.ceil(content.length / ENTRY_BYTES)));
    return {
      pages,
      table: oddTable(pages, content.length),
      content,
      fifo: new Uint8Array(0),
      sentBytes: 0,
      ready: new Completion(machine, 'data of the card'),
      taken: new Completion(machine, 'room in the card'),
    };
  },
  variants: {
    original: {
      about: 'the chunk stays mapped while the driver sleeps: the default of sg_miter, which is kmap',
      linux: '5.10 to 7.2',
      tasks: { receive: receiver(false) },
      devices,
    },
    'stop before sleeping': {
      about: 'sg_miter_stop before each sleep, as SG_MITER_ATOMIC and SG_MITER_LOCAL want it',
      linux: 'in 7.2, for callers that ask for SG_MITER_ATOMIC or SG_MITER_LOCAL',
      tasks: { receive: receiver(true) },
      devices,
    },
  },
  verify: ({ machine, pages, content }) => {
    let verifiedBytes = 0;
    for (const [i, page] of pages.entries()) {
      const wanted = content.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES);
      verifiedBytes += sameBytes(
        wanted,
        machine.physical(page).subarray(OFFSET),
        `entry ${String(i)}`,
      ).verifiedBytes;
    }
    return allBytes(content.length, verifiedBytes);
  },
});
