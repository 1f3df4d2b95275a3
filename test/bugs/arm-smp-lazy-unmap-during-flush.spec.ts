import { virtAddr } from 'scatterlist';
import {
  DmaDevice,
  dmaMapPage,
  dmaUnmapPage,
  flushDcacheArea,
  kmap,
  kmapHighGet,
  kmapLocalPage,
  kunmap,
  kunmapHigh,
  kunmapLocal,
} from 'scatterlist/machine';
import type { Page, Sleeping, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// Cache maintenance before DMA went through the pool mapping that a page still had, without a use of it:
// another CPU may recycle the slot during the loop. And where a page had no mapping at all, it was skipped,
// although a physically tagged cache may hold its lines.
//
// Mainline 7e5a69e83ba7 (ARM SMP, 2010).
// Oracle: a fault on a kernel address in a correct caller; the device sees stale bytes.

const LINES = 2;

/** How `dma_map` finds an address to clean the page through. */
type Clean = (task: Task, page: Page) => Sleeping<void>;

function* cleanLines(task: Task, vaddr: number): Sleeping<void> {
  for (let line = 0; line < LINES; line += 1) {
    flushDcacheArea(task, virtAddr(vaddr + line * 32), 32);
    yield;
  }
}

/** Looks the address up and takes no use; a page without one has nothing cached, it says. */
const throughLazyMapping: Clean = function* (task, page) {
  const { pkmap } = task.machine;
  const slot = pkmap.slotOf(page);
  if (slot >= 0) yield* cleanLines(task, pkmap.address(slot));
};

/** Takes a use of the slot; still skips a page without one. */
const throughPinnedMapping: Clean = function* (task, page) {
  const m = kmapHighGet(task, page);
  if (m === undefined) return;
  yield* cleanLines(task, m.vaddr);
  kunmapHigh(task, m);
};

/** And maps the page for the time being where it has none. */
const throughAnyMapping: Clean = function* (task, page) {
  if (task.machine.pkmap.slotOf(page) >= 0) {
    yield* throughPinnedMapping(task, page);
    return;
  }
  const m = kmapLocalPage(task, page);
  yield* cleanLines(task, m.vaddr);
  kunmapLocal(task, m);
};

interface Shared {
  readonly page: Page;
  readonly others: readonly Page[];
}

function program(clean: Clean, variant: 'lazily mapped' | 'not mapped'): Program<Shared> {
  return {
    machine: { cpus: 2, pkmapSlots: 2, dcacheColours: 1 },
    setup: (machine) => ({
      page: machine.allocPage({ zone: 'highmem' }),
      others: machine.allocPages(2, { zone: 'highmem' }),
    }),
    tasks: {
      *driver({ task, machine, page }) {
        if (variant === 'lazily mapped') {
          const m = yield* kmap(task, page);
          m.store8(0, 1);
          kunmap(task, m); // the slot keeps the page until it is recycled
        } else {
          const m = kmapLocalPage(task, page);
          m.store8(0, 1);
          kunmapLocal(task, m);
        }
        yield;
        yield* clean(task, page);
        return machine.physical(page)[0]; // as the device reads it
      },
      ...(variant === 'lazily mapped' && {
        other: {
          cpu: 1,
          *run({ task, others }) {
            for (const page of others) {
              const m = yield* kmap(task, page);
              yield;
              kunmap(task, m);
            }
          },
        },
      }),
    },
    check: ({ results }) => results['driver'] === 1 || 'the device read what the page held before',
  };
}

/** A device whose maintenance leaves pages alone that have no mapping. */
class SkipsUnmapped extends DmaDevice {
  protected override maintain(...args: Parameters<DmaDevice['maintain']>): void {
    const [, mapping] = args;
    const isMapped = mapping.pieces.every(({ page }) => this.machine.pkmap.slotOf(page) >= 0);
    if (isMapped) super.maintain(...args);
  }
}

function transfer(Device: typeof DmaDevice): Program<{ device: DmaDevice; page: Page }> {
  return {
    machine: { cpus: 1, dcacheColours: 1 },
    setup: (machine) => ({
      device: new Device(machine),
      page: machine.allocPage({ zone: 'highmem' }),
    }),
    tasks: {
      *driver({ task, device, page }) {
        const m = kmapLocalPage(task, page);
        m.store8(0, 1);
        kunmapLocal(task, m);
        const address = dmaMapPage(task, device, page, 0, 8, 'toDevice');
        if (!address.ok) return address.error.code;
        yield;
        const [first] = device.read(address.value, 8);
        dmaUnmapPage(task, device, address.value, 8, 'toDevice');
        return first;
      },
    },
    check: ({ results }) => results['driver'] === 1,
  };
}

describe('arm-smp-lazy-unmap-during-flush', () => {
  it('faults when another CPU recycles the slot during the loop', () => {
    expectFound(program(throughLazyMapping, 'lazily mapped'), 'wild-access');
  });

  it('skips a page without a mapping, and the device reads stale bytes', () => {
    expectFound(program(throughLazyMapping, 'not mapped'), 'final-check');
    expectFound(program(throughPinnedMapping, 'lazily mapped'), 'final-check');
  });

  for (const variant of ['lazily mapped', 'not mapped'] as const) {
    it(`does neither with a use of the slot or a mapping of its own: ${variant}`, () => {
      expectExhausted(program(throughAnyMapping, variant));
    });
  }

  it('does the same to a transfer by the DMA functions', () => {
    expectFound(transfer(SkipsUnmapped), 'stale-cache');
    expectExhausted(transfer(DmaDevice));
  });
});
