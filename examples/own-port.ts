/**
 * An example of a user's own port: a driver that copies each packet that arrives into a ring of pages.
 *
 *     npx scatterlist matrix --port own-port.mts
 *     npx scatterlist audit --port own-port.mts
 */
import { ok } from 'scatterlist';
import type { MapBackend, Page, Result, ScatterlistError } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortInterrupt, PortTask } from 'scatterlist/ports';

const PAGES = 2;
const PACKET_BYTES = 1000;

interface Ring {
  readonly pages: readonly Page[];
  readonly content: Uint8Array;
  readonly received: Completion;
  atPacket: number;
}

/** The section under test: maps the page, copies, unmaps. */
function receive(backend: MapBackend, page: Page, packet: Uint8Array): Result<number, ScatterlistError> {
  const mapped = backend.map(page, 0, packet.length);
  if (!mapped.ok) return mapped;
  mapped.value.copyFrom(packet);
  backend.unmap(mapped.value);
  return ok(packet.length);
}

/** The device model: raises an interrupt for each packet and waits until it is received. */
const wire: PortTask<Ring> = function* wire({ task, raise, received, pages }) {
  for (const _ of pages) {
    raise('packet');
    yield* received.wait(task);
  }
};

const packet: PortInterrupt<Ring> = {
  kind: 'hardirq',
  onlyRaised: true,
  run(env) {
    const { backend, irq, pages, content, received } = env;
    const page = pages[env.atPacket];
    if (page === undefined) return undefined;
    const at = env.atPacket * PACKET_BYTES;
    env.atPacket += 1;
    const done = receive(backend, page, content.subarray(at, at + PACKET_BYTES));
    received.complete(irq);
    return done;
  },
};

export default definePort<Ring>({
  name: 'own-ring',
  follows: 'no file of Linux',
  about: 'copies each packet into a page of a ring, in the interrupt handler',
  memory: ['highmem', 'lowmem'],
  mostBytes: PAGES * PACKET_BYTES,
  setup: ({ machine, memory, content }) => ({
    pages: takePages(machine, memory, Math.ceil(content.length / PACKET_BYTES)),
    content,
    received: new Completion(machine, 'packet'),
    atPacket: 0,
  }),
  variants: {
    original: {
      about: 'maps, copies and unmaps in the handler',
      linux: 'none',
      tasks: { wire },
      interrupts: { packet },
    },
  },
  verify: ({ machine, pages, content }) => {
    const got = pages.map((page) => machine.physical(page).slice(0, PACKET_BYTES));
    return sameBytes(content, Uint8Array.from(got.flatMap((bytes) => [...bytes])), 'the ring');
  },
});
