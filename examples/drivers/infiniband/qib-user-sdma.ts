/**
 * Coalesced packets of qib, after `qib_user_sdma_coalesce`, `qib_user_sdma_queue_pkts` and
 * `qib_user_sdma_free_pkt_frag` in drivers/infiniband/hw/qib/qib_user_sdma.c (Linux 5.10; the driver is gone in 7.2).
 *
 * A user sends a packet whose pieces lie in many places. The driver takes a fresh page, gathers the pieces in it by
 * copy_from_user, and gives the page to the device. When the packet is done, another function unmaps and frees the page.
 *
 * A packet is at most one page. The other function always runs in another task here; in Linux it does so at times.
 */
import { err, ok } from 'scatterlist';
import type {
  BadAddress,
  MapBackend,
  Mapping,
  MemoryKind,
  Page,
  Result,
  ScatterlistError,
  Sleeping,
} from 'scatterlist';
import { pageAddress } from 'scatterlist/backends';
import { Completion } from 'scatterlist/explore';
import { UserSpace, copyFromUser } from 'scatterlist/machine';
import type { Context, Machine } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes } from 'scatterlist/ports';
import type { PortTask, PortTaskEnv, PortVariant } from 'scatterlist/ports';

/** `struct iovec`: a piece of a packet in the memory of the user. */
export interface UserVector {
  readonly address: number;
  readonly length: number;
}

/** `struct qib_user_sdma_pkt` with its one page; `mapping` is `kvaddr`, if the page stays mapped. */
export interface Packet {
  readonly page: Page;
  readonly lengthBytes: number;
  readonly mapping: Mapping | undefined;
}

/** `qib_user_sdma_coalesce`, its loop: gathers the pieces at `mapping`. Returns the number of bytes. */
function* gather(
  context: Context,
  mapping: Mapping,
  user: UserSpace,
  vectors: readonly UserVector[],
): Sleeping<Result<number, BadAddress>> {
  let done = 0;
  for (const { address, length } of vectors) {
    const to = { mapping, offset: done, length };
    const bytesNotCopied = yield* copyFromUser(context, to, user, address);
    if (bytesNotCopied > 0)
      return err({ code: 'BadAddress', address: address + length - bytesNotCopied, bytesNotCopied });
    done += length;
  }
  return ok(done);
}

/** `qib_user_sdma_coalesce`: the page stays mapped until the packet is done. An error gives the page back. */
export function* coalesce(
  backend: MapBackend,
  page: Page,
  user: UserSpace,
  vectors: readonly UserVector[],
): Sleeping<Result<Packet, ScatterlistError>> {
  const { context } = backend;
  const mapped = yield* backend.mapWait(page, 0, context.machine.pageSize);
  if (!mapped.ok) {
    context.machine.freePage(page);
    return mapped;
  }
  const mapping = mapped.value;
  const gathered = yield* gather(context, mapping, user, vectors);
  if (gathered.ok) return ok({ page, lengthBytes: gathered.value, mapping });
  freePktFrag(backend, { page, lengthBytes: 0, mapping });
  return gathered;
}

/** The same with a map around each copy. */
export function* coalesceByPieces(
  backend: MapBackend,
  page: Page,
  user: UserSpace,
  vectors: readonly UserVector[],
): Sleeping<Result<Packet, ScatterlistError>> {
  const { context } = backend;
  let done = 0;
  for (const vector of vectors) {
    const mapped = yield* backend.mapWait(page, done, vector.length);
    const copied = mapped.ok ? yield* gather(context, mapped.value, user, [vector]) : mapped;
    if (mapped.ok) backend.unmap(mapped.value);
    if (!copied.ok) {
      context.machine.freePage(page);
      return copied;
    }
    done += copied.value;
  }
  return ok({ page, lengthBytes: done, mapping: undefined });
}

/** `qib_user_sdma_free_pkt_frag`: unmaps and frees the page of a packet. */
export function freePktFrag(backend: MapBackend, { page, mapping }: Packet): void {
  if (mapping !== undefined) backend.unmap(mapping);
  backend.context.machine.freePage(page);
}

const USER_ADDRESS = 0x20000;
const PACKET_BYTES = 2000;
/** The lengths of the pieces, over and over; none is a multiple of a page, so pieces begin and end anywhere. */
const PIECE_BYTES = [700, 5, 1200, 64, 31];

interface Hfi {
  readonly memory: MemoryKind;
  readonly user: UserSpace;
  readonly disk: Disk;
  readonly packets: readonly (readonly UserVector[])[];
  readonly content: Uint8Array;
  /** The packet that is with the device. */
  inFlight: Packet | undefined;
  verifiedBytes: number;
  readonly queued: Completion;
  readonly sent: Completion;
  readonly freed: Completion;
}

/** Where the user's pages are before they are touched. */
interface Disk {
  readonly asked: Completion;
  readonly read: Completion;
}

/** Cuts the user's memory into packets, and each packet into pieces. */
function packetsOf(totalBytes: number): readonly (readonly UserVector[])[] {
  const packets: UserVector[][] = [];
  for (let start = 0; start < totalBytes; start += PACKET_BYTES) {
    const end = Math.min(start + PACKET_BYTES, totalBytes);
    const vectors: UserVector[] = [];
    for (let at = start; at < end;) {
      const length = Math.min(PIECE_BYTES[vectors.length % PIECE_BYTES.length] ?? end, end - at);
      vectors.push({ address: USER_ADDRESS + at, length });
      at += length;
    }
    packets.push(vectors);
  }
  return packets;
}

/** A user whose pages are read from the disk when they are touched first. */
function userOf(machine: Machine, content: Uint8Array, { asked, read }: Disk): UserSpace {
  return new UserSpace(machine, {
    name: 'user of qib',
    *handleFault(context, { address }) {
      asked.complete(context);
      yield* read.wait(context);
      const page = machine.allocPage({ zone: 'highmem' });
      const at = address - USER_ADDRESS;
      machine.physical(page).set(content.subarray(at, at + machine.pageSize));
      return page;
    },
  });
}

/** How a variant gets a packet together. */
type Coalesce = (
  env: PortTaskEnv<Hfi>,
  vectors: readonly UserVector[],
) => Sleeping<Result<Packet, ScatterlistError>>;

/** `writev` of the user, one packet at a time. */
const writev = (coalesced: Coalesce): PortTask<Hfi> =>
  function* send(env) {
    for (const vectors of env.packets) {
      const packet = yield* coalesced(env, vectors);
      if (!packet.ok) return packet;
      env.inFlight = packet.value;
      env.queued.complete(env.task);
      yield* env.freed.wait(env.task);
    }
    return undefined;
  };

/** Frees each packet that the device has sent. */
const clean = (bind: (env: PortTaskEnv<Hfi>) => MapBackend): PortTask<Hfi> =>
  function* cleanup(env) {
    for (let packet = 0; packet < env.packets.length; packet += 1) {
      yield* env.sent.wait(env.task);
      if (env.inFlight !== undefined) freePktFrag(bind(env), env.inFlight);
      env.inFlight = undefined;
      env.freed.complete(env.task);
    }
  };

const devices: NonNullable<PortVariant<Hfi>['devices']> = {
  /** The adapter takes each packet out of memory. */
  *hfi(env) {
    for (let packet = 0; packet < env.packets.length; packet += 1) {
      yield* env.queued.wait(env.self);
      const { machine, inFlight, content, verifiedBytes } = env;
      if (inFlight === undefined) return;
      const wanted = content.subarray(verifiedBytes, verifiedBytes + PACKET_BYTES);
      const got = machine.physical(inFlight.page, 'hfi').subarray(0, inFlight.lengthBytes);
      env.verifiedBytes += sameBytes(wanted, got, `packet ${String(packet)}`).verifiedBytes;
      env.sent.complete(env.self);
    }
  },
  *disk({ disk, self }) {
    for (;;) {
      yield* disk.asked.wait(self);
      disk.read.complete(self);
    }
  },
};

/** The user sends the input in packets, each from several places. */
export default definePort<Hfi>({
  name: 'qib-user-sdma',
  follows: 'drivers/infiniband/hw/qib/qib_user_sdma.c',
  about: 'gathers pieces of user memory in one fresh page, which another function unmaps and frees',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => {
    const disk = {
      asked: new Completion(machine, 'a request of the disk'),
      read: new Completion(machine, 'the disk'),
    };
    return {
      memory,
      user: userOf(machine, content, disk),
      disk,
      packets: packetsOf(content.length),
      content,
      inFlight: undefined,
      verifiedBytes: 0,
      queued: new Completion(machine, 'a packet'),
      sent: new Completion(machine, 'the device'),
      freed: new Completion(machine, 'the end of a packet'),
    };
  },
  variants: {
    original: {
      about: 'kmap of the page, kept until the packet is done, while copy_from_user may fault',
      linux: '5.10 to 6.1',
      tasks: {
        writev: writev(({ backend, machine, memory, user }, vectors) =>
          coalesce(backend, machine.allocPage({ zone: memory }), user, vectors),
        ),
        cleanup: clean(({ backend }) => backend),
      },
      devices,
    },
    page_address: {
      about: 'the page comes from lowmem, and has an address without any map',
      linux: 'in 6.12; the driver is gone in 7.2',
      usesBackend: false,
      tasks: {
        writev: writev(({ task, machine, user }, vectors) =>
          coalesce(pageAddress(task), machine.allocPage({ zone: 'lowmem' }), user, vectors),
        ),
        cleanup: clean(({ task }) => pageAddress(task)),
      },
      devices,
    },
    'map per piece': {
      about: 'a map around each copy_from_user, none while the device sends',
      linux: 'not proposed',
      tasks: {
        writev: writev(({ backend, machine, memory, user }, vectors) =>
          coalesceByPieces(backend, machine.allocPage({ zone: memory }), user, vectors),
        ),
        cleanup: clean(({ backend }) => backend),
      },
      devices,
    },
  },
  verify: ({ content, verifiedBytes }) => allBytes(content.length, verifiedBytes),
});
