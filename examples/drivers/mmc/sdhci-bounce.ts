/**
 * The bounce buffer of sdhci, after `sdhci_pre_dma_transfer` and `sdhci_request_done` in drivers/mmc/host/sdhci.c
 * (Linux 7.2).
 *
 * A controller without ADMA moves one contiguous piece of memory. The driver has one buffer for it: what is to be
 * written is copied to the buffer before, what was read is copied from it afterwards. A request that is larger than the
 * buffer is refused; Linux returns -EIO.
 */
import { err, ok, sgCopyFromBuffer, sgCopyToBuffer } from 'scatterlist';
import type { MapBackend, MemoryKind, Result, ScatterlistError } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { definePort } from 'scatterlist/ports';
import type { PortTask, PortVariant } from 'scatterlist/ports';
import { allRequests, eachRequest, mmcQueue, mostRequestBytes } from './mmc-queue.ts';
import type { MmcQueue } from './mmc-queue.ts';
import type { MmcData } from './sdhci.ts';

/** Larger buffers are of no use, because few requests are larger. */
const MOST_BOUNCE_BYTES = 64 * 1024;

/** The part of `sdhci_pre_dma_transfer` for the bounce buffer. Returns the bytes that the controller is to move. */
export function preDmaTransfer(
  backend: MapBackend,
  { direction, table }: MmcData,
  bounce: Uint8Array,
): Result<number, ScatterlistError> {
  if (table.totalBytes > bounce.length)
    return err({ code: 'OutOfRange', haveBytes: bounce.length, wantBytes: table.totalBytes });
  if (direction === 'read') return ok(table.totalBytes);
  const piece = bounce.subarray(0, table.totalBytes);
  return sgCopyToBuffer<MapBackend, MemoryKind>(table, piece, backend);
}

/** The part of `sdhci_request_done` for the bounce buffer. */
export function requestDone(
  backend: MapBackend,
  { direction, table }: MmcData,
  bounce: Uint8Array,
): Result<number, ScatterlistError> {
  if (direction === 'write') return ok(0);
  return sgCopyFromBuffer<MapBackend, MemoryKind>(table, bounce.subarray(0, table.totalBytes), backend);
}

interface Host {
  readonly queue: MmcQueue;
  readonly bounce: Uint8Array;
  readonly issued: Completion;
  readonly done: Completion;
}

const tasks: Readonly<Record<string, PortTask<Host>>> = {
  *mmcqd({ machine, task, backend, queue, bounce, issued, done }) {
    return yield* eachRequest(machine, queue, function* transfer(data) {
      const copied = preDmaTransfer(backend, data, bounce);
      if (!copied.ok) return copied;
      issued.complete(task);
      yield* done.wait(task);
      return requestDone(backend, data, bounce);
    });
  },
};

const interrupts: NonNullable<PortVariant<Host>['interrupts']> = {
  sdhci_irq: {
    kind: 'hardirq',
    onlyRaised: true,
    run({ irq, done }) {
      done.complete(irq);
    },
  },
};

/** The SDMA engine of the controller. */
const devices: NonNullable<PortVariant<Host>['devices']> = {
  *controller({ queue, bounce, issued, self, raise }) {
    for (;;) {
      yield* issued.wait(self);
      if (queue.data !== undefined) {
        const { direction, table } = queue.data;
        queue.card.transferBuffer(direction, bounce.subarray(0, table.totalBytes));
      }
      raise('sdhci_irq');
    }
  },
};

/** The input is read from a card and written to another, by a controller that moves one piece of memory. */
export default definePort<Host>({
  name: 'sdhci-bounce',
  follows: 'drivers/mmc/host/sdhci.c',
  about: 'copies whole requests to and from one bounce buffer',
  memory: ['highmem', 'lowmem', 'protected', 'iomem'],
  mostBytes: 1 << 17,
  setup: ({ machine, memory, content }) => {
    const queue = mmcQueue(machine, memory, content);
    return {
      queue,
      bounce: new Uint8Array(Math.min(MOST_BOUNCE_BYTES, mostRequestBytes(queue))),
      issued: new Completion(machine, 'request issued'),
      done: new Completion(machine, 'request done'),
    };
  },
  variants: {
    original: {
      about: 'sg_copy_to_buffer before a write, sg_copy_from_buffer after a read',
      linux: '5.10 to 7.2',
      tasks,
      interrupts,
      devices,
    },
  },
  verify: ({ queue }) => allRequests(queue),
});
