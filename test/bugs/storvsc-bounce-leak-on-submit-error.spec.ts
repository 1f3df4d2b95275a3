import { dmaMapSgtable, dmaUnmapSgtable, sgAllocTableFromPages } from 'scatterlist';
import type { SgTable } from 'scatterlist';
import { BouncePool, DmaDevice } from 'scatterlist/machine';
import type { Sleeping } from 'scatterlist/machine';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// The driver maps the list, which takes bounce slots, and submits. Where the ring is full, the request is
// tried again from the beginning and mapped anew; the mapping of the failed attempt is never undone.
//
// CVE-2022-48890, mainline 67ff3d0a49f3 (5.17 - 6.1).
// Oracle: DMA mappings are left at the end; after as many failures as there are slots, no I/O is possible.

const SLOTS = 2;
const BYTES = 512;

interface Shared {
  readonly device: DmaDevice;
  readonly table: SgTable<'highmem'>;
  /** How often the ring is still full. */
  readonly ring: { full: number };
}

type Outcome = 'done' | 'no bounce slots';

function* queueCommand(
  { task, device, table, ring }: TaskEnv<Shared>,
  unmapsOnError: boolean,
): Sleeping<Outcome> {
  for (;;) {
    if (!dmaMapSgtable(task, device, table, 'toDevice').ok) return 'no bounce slots';
    if (ring.full === 0) break;
    ring.full -= 1;
    if (unmapsOnError) dmaUnmapSgtable(task, device, table, 'toDevice');
    yield; // -EAGAIN: the upper layer comes back
  }
  dmaUnmapSgtable(task, device, table, 'toDevice');
  return 'done';
}

function program(unmapsOnError: boolean, full: number): Program<Shared> {
  return {
    machine: { cpus: 1, bounceSlots: SLOTS },
    setup: (machine) => {
      const made = sgAllocTableFromPages([machine.allocPage({ zone: 'highmem' })], { size: BYTES });
      if (!made.ok) throw new Error(made.error.code);
      const bounce = { pool: new BouncePool(machine), always: true };
      return { device: new DmaDevice(machine, { bounce }), table: made.value, ring: { full } };
    },
    tasks: { request: (env) => queueCommand(env, unmapsOnError) },
    check: ({ results }) => results['request'] === 'done' || String(results['request']),
  };
}

describe('storvsc-bounce-leak-on-submit-error', () => {
  it('loses a mapping with each submission that fails', () => {
    expectFound(program(false, 1), 'leak');
  });

  it('has no bounce slot left after as many failures as there were slots', () => {
    expectFound({ ...program(false, SLOTS), mayKeepMappings: true }, 'final-check');
  });

  for (const full of [0, 1, SLOTS, 2 * SLOTS]) {
    it(`does neither when a failed submission unmaps, ${String(full)} failures`, () => {
      expectExhausted(program(true, full));
    });
  }
});
