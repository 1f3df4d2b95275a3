/**
 * The broadcast ring of IP over FireWire, after `fwnet_broadcast_start`, `fwnet_broadcast_stop` and
 * `fwnet_receive_broadcast` in drivers/firewire/net.c (Linux 7.2).
 *
 * Broadcast packets arrive in an isochronous context, which is a ring of slots in a few pages; no slot crosses a page.
 * The driver maps every page when the interface goes up, and keeps an array with the address of each slot. The handler of
 * the context takes the addresses from the array, while the device already fills the next slots. All pages are unmapped
 * when the interface goes down.
 */
import { ok } from 'scatterlist';
import type { MapBackend, Mapping, MemoryKind, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { pageAddress } from 'scatterlist/backends';
import { Completion } from 'scatterlist/explore';
import { vmap, vunmap } from 'scatterlist/machine';
import type { Context } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortInterrupt, PortTask, PortTaskEnv, PortVariant } from 'scatterlist/ports';
import { PACKET_HEADER_BYTES, broadcastPackets, datagramOf } from './gasp.ts';

/** `max_receive`: bytes of a slot. */
export const SLOT_BYTES = 1024;
const RING_PAGES = 3;
const PAYLOAD_BYTES = SLOT_BYTES - PACKET_HEADER_BYTES;

/** Where a slot is in a mapping: an element of `broadcast_rcv_buffer_ptrs`. */
interface SlotAddress {
  readonly mapping: Mapping;
  readonly offset: number;
}

/** Reads one packet out of a slot. */
type ReadSlot = (env: Ring, slot: number, backend: MapBackend) => Result<Uint8Array, ScatterlistError>;

/** The mappings of a ring, and the function that ends them. */
interface MappedRing {
  readonly slots: readonly SlotAddress[];
  readonly stop: () => void;
}

interface Ring {
  /** `broadcast_rcv_buffer.pages`, from start to stop. */
  pages: readonly Page[];
  readonly memory: MemoryKind;
  readonly packets: readonly Uint8Array[];
  readonly content: Uint8Array;
  /** `broadcast_rcv_buffer_ptrs`. */
  slots: readonly SlotAddress[];
  filled: number;
  /** Packets that were taken; modulo the number of slots it is `broadcast_rcv_next_ptr`. */
  taken: number;
  verifiedBytes: number;
  readonly started: Completion;
  readonly requeued: Completion;
  readonly stopped: Completion;
}

/** The addresses of all slots of one mapping. */
function slotsOf(mapping: Mapping, lengthBytes: number): readonly SlotAddress[] {
  return Array.from({ length: Math.floor(lengthBytes / SLOT_BYTES) }, (_, i) => ({
    mapping,
    offset: i * SLOT_BYTES,
  }));
}

/** `fwnet_broadcast_start`: maps every page. If one map fails, the earlier ones are given back. */
export function* mapEachPage(
  backend: MapBackend,
  pages: readonly Page[],
): Sleeping<Result<MappedRing, ScatterlistError>> {
  const { pageSize } = backend.context.machine;
  const mappings: Mapping[] = [];
  const stop = (): void => {
    for (const mapping of mappings.reverse()) backend.unmap(mapping);
  };
  for (const page of pages) {
    const mapped = yield* backend.mapWait(page, 0, pageSize);
    if (!mapped.ok) {
      stop();
      return mapped;
    }
    mappings.push(mapped.value);
  }
  return ok({ slots: mappings.flatMap((mapping) => slotsOf(mapping, pageSize)), stop });
}

/** One vmap of the whole ring. */
function mapWhole(context: Context, pages: readonly Page[]): Result<MappedRing, ScatterlistError> {
  const mapped = vmap(context, pages);
  if (!mapped.ok) return mapped;
  const slots = slotsOf(mapped.value, pages.length * context.machine.pageSize);
  return ok({
    slots,
    stop: () => {
      vunmap(context, mapped.value);
    },
  });
}

const throughAddress: ReadSlot = ({ slots }, slot) => {
  const packet = new Uint8Array(SLOT_BYTES);
  const address = slots[slot];
  address?.mapping.copyTo(packet, address.offset);
  return ok(packet);
};

const throughMap: ReadSlot = ({ pages }, slot, backend) => {
  const { pageSize } = backend.context.machine;
  const packet = new Uint8Array(SLOT_BYTES);
  const at = slot * SLOT_BYTES;
  const page = pages[Math.floor(at / pageSize)];
  if (page === undefined) return ok(packet);
  const mapped = backend.map(page, at % pageSize, SLOT_BYTES);
  if (!mapped.ok) return mapped;
  mapped.value.copyTo(packet);
  backend.unmap(mapped.value);
  return ok(packet);
};

/** `fwnet_receive_broadcast`: takes all packets that have arrived, and gives their slots back to the device. */
function interrupts(read: ReadSlot): Readonly<Record<string, PortInterrupt<Ring>>> {
  return {
    fwnet_receive_broadcast: {
      kind: 'softirq',
      onlyRaised: true,
      run(env) {
        const slotCount = slotsIn(env);
        while (env.taken < env.filled) {
          const packet = read(env, env.taken % slotCount, env.backend);
          if (!packet.ok) return packet;
          const at = env.verifiedBytes;
          const wanted = env.content.subarray(at, at + PAYLOAD_BYTES);
          const got = datagramOf(packet.value);
          env.verifiedBytes += sameBytes(wanted, got, `packet ${String(env.taken)}`).verifiedBytes;
          env.taken += 1;
        }
        env.requeued.complete(env.irq);
        return undefined;
      },
    },
  };
}

function slotsIn({ pages, machine }: Pick<PortTaskEnv<Ring>, 'pages' | 'machine'>): number {
  return (pages.length * machine.pageSize) / SLOT_BYTES;
}

/** The device: fills the next slot and interrupts, and waits only while no slot is free. */
const devices: NonNullable<PortVariant<Ring>['devices']> = {
  *ohci(env) {
    const { machine, packets, started, requeued, stopped, self, raise } = env;
    yield* started.wait(self);
    const slotCount = slotsIn(env);
    for (const packet of packets) {
      while (env.filled - env.taken >= slotCount) yield* requeued.wait(self);
      const at = (env.filled % slotCount) * SLOT_BYTES;
      const page = env.pages[Math.floor(at / machine.pageSize)];
      if (page === undefined) return;
      machine.physical(page).set(packet, at % machine.pageSize);
      env.filled += 1;
      raise('fwnet_receive_broadcast');
      yield;
    }
    while (env.taken < env.filled) yield* requeued.wait(self);
    stopped.complete(self);
  },
};

/** The interface is up: what `map` made is kept until the device has stopped. */
function up(
  map: (env: PortTaskEnv<Ring>) => Sleeping<Result<MappedRing, ScatterlistError>>,
  zone?: MemoryKind,
): PortTask<Ring> {
  return function* interfaceUp(env) {
    const { machine, task, started, stopped } = env;
    env.pages = takePages(machine, zone ?? env.memory, RING_PAGES);
    const ring = yield* map(env);
    if (!ring.ok) return ring;
    env.slots = ring.value.slots;
    started.complete(task);
    yield* stopped.wait(task);
    env.slots = [];
    ring.value.stop();
    return undefined;
  };
}

/** The input is sent to everyone on the bus, in datagrams with the headers of RFC 2734. */
export default definePort<Ring>({
  name: 'firewire-net',
  follows: 'drivers/firewire/net.c',
  about: 'keeps the pages of a receive ring mapped, for the handler of the ring',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => ({
    pages: [],
    memory,
    packets: [...broadcastPackets(content, PAYLOAD_BYTES)],
    content,
    slots: [],
    filled: 0,
    taken: 0,
    verifiedBytes: 0,
    started: new Completion(machine, 'start of the context'),
    requeued: new Completion(machine, 'free slots'),
    stopped: new Completion(machine, 'stop of the context'),
  }),
  variants: {
    original: {
      about: 'kmap of every page, kept until the interface goes down',
      linux: '5.10 to 7.2',
      tasks: { up: up(({ backend, pages }) => mapEachPage(backend, pages)) },
      interrupts: interrupts(throughAddress),
      devices,
    },
    vmap: {
      about: 'one vmap of the ring',
      linux: 'not proposed',
      usesBackend: false,
      tasks: {
        up: up(function* whole({ task, pages }) {
          return mapWhole(task, pages);
        }),
      },
      interrupts: interrupts(throughAddress),
      devices,
    },
    page_address: {
      about: 'pages with permanent addresses',
      linux: 'not proposed',
      usesBackend: false,
      tasks: {
        up: up(({ task, pages }) => mapEachPage(pageAddress(task), pages), 'lowmem'),
      },
      interrupts: interrupts(throughAddress),
      devices,
    },
    'map per packet': {
      about: 'a short map of each slot, in the handler',
      linux: 'not proposed; possible with kmap_local',
      tasks: {
        up: up(function* none() {
          return ok({ slots: [], stop: () => undefined });
        }),
      },
      interrupts: interrupts(throughMap),
      devices,
    },
  },
  verify: ({ content, verifiedBytes }) => allBytes(content.length, verifiedBytes),
});
