/**
 * PIO of sdhci, after `sdhci_transfer_pio` in drivers/mmc/host/sdhci.c (Linux 7.2).
 *
 * The controller interrupts when its FIFO has data or room for some blocks; the handler moves them between the FIFO
 * and the list, which it walks with an iterator.
 */
import { ok, sgPcopyFromBuffer, sgPcopyToBuffer } from 'scatterlist';
import type { Page, Result, ScatterlistError } from 'scatterlist';
import { ioAccess } from 'scatterlist/backends';
import { Completion } from 'scatterlist/explore';
import { definePort } from 'scatterlist/ports';
import type { PortInterrupt, PortTask, PortVariant } from 'scatterlist/ports';
import { BLOCK_BYTES, allRequests, eachRequest, mmcQueue } from './mmc-queue.ts';
import type { MmcQueue } from './mmc-queue.ts';
import { SDHCI_BUFFER, SDHCI_DATA_AVAILABLE, SDHCI_PRESENT_STATE, transferPio } from './sdhci.ts';
import type { PioProgress } from './sdhci.ts';

const BLOCKS_PER_INTERRUPT = 8;

/** The same with a buffer of one block, which the copy helper copies from or to the list. */
const transferPioByCopy: typeof transferPio = (backend, data, progress, registers) => {
  const block = new DataView(new ArrayBuffer(data.blockBytes));
  const bytes = new Uint8Array(block.buffer);
  // Both bits of the state are set or clear together in the model.
  const isReady = (): boolean => (registers.load32(SDHCI_PRESENT_STATE) & SDHCI_DATA_AVAILABLE) !== 0;
  for (; progress.blocksDone < data.blocks && isReady(); progress.blocksDone += 1) {
    const at = progress.blocksDone * data.blockBytes;
    if (data.direction === 'write') {
      const copied = sgPcopyToBuffer(data.table, bytes, backend, at);
      if (!copied.ok) return copied;
      for (let i = 0; i < bytes.length; i += 4) registers.store32(SDHCI_BUFFER, block.getUint32(i, true));
    } else {
      for (let i = 0; i < bytes.length; i += 4) block.setUint32(i, registers.load32(SDHCI_BUFFER), true);
      const copied = sgPcopyFromBuffer(data.table, bytes, backend, at);
      if (!copied.ok) return copied;
    }
  }
  return ok(undefined);
};

interface Host {
  readonly queue: MmcQueue;
  readonly registers: Page;
  readonly issued: Completion;
  readonly done: Completion;
  progress: PioProgress;
}

const tasks: Readonly<Record<string, PortTask<Host>>> = {
  *mmcqd(env) {
    const { machine, task, queue, issued, done } = env;
    return yield* eachRequest(machine, queue, function* transfer() {
      env.progress = { blocksDone: 0 };
      issued.complete(task);
      yield* done.wait(task);
      return ok(undefined);
    });
  },
};

/** The handler: moves what is ready, and completes the request after its last block. */
function handler(transfer: typeof transferPio): Readonly<Record<string, PortInterrupt<Host>>> {
  return {
    sdhci_irq: {
      kind: 'hardirq',
      onlyRaised: true,
      run({ machine, irq, backend, queue: { data }, registers, progress, issued, done }) {
        if (data === undefined) return undefined;
        const io = ioAccess(irq);
        const mapped = io.map(registers, 0, machine.pageSize);
        if (!mapped.ok) return mapped;
        const moved: Result<undefined, ScatterlistError> = transfer(backend, data, progress, mapped.value);
        io.unmap(mapped.value);
        if (!moved.ok) return moved;
        (progress.blocksDone < data.blocks ? issued : done).complete(irq);
        return undefined;
      },
    },
  };
}

/** The controller: lets some blocks through its FIFO and interrupts. */
const devices: NonNullable<PortVariant<Host>['devices']> = {
  *controller({ queue, issued, self, raise }) {
    for (;;) {
      yield* issued.wait(self);
      queue.card.raise(BLOCKS_PER_INTERRUPT * BLOCK_BYTES);
      raise('sdhci_irq');
    }
  },
};

/** The input is read from a card and written to another, through the FIFO. */
export default definePort<Host>({
  name: 'sdhci-pio',
  follows: 'drivers/mmc/host/sdhci.c',
  about: 'moves blocks between a FIFO and a list in a hard interrupt handler',
  memory: ['highmem', 'lowmem', 'protected', 'iomem'],
  mostBytes: 1 << 15,
  setup: ({ machine, memory, content }) => {
    const queue = mmcQueue(machine, memory, content);
    const [registers] = machine.ioRegion(1, { name: 'sdhci', handlers: queue.card, widths: [4] });
    if (registers === undefined) throw new RangeError('no registers');
    return {
      queue,
      registers,
      issued: new Completion(machine, 'request issued'),
      done: new Completion(machine, 'request done'),
      progress: { blocksDone: 0 },
    };
  },
  variants: {
    original: {
      about: 'sg_miter with SG_MITER_ATOMIC; each chunk is mapped while its bytes move',
      linux: '5.10 to 7.2, where the iterator maps locally',
      tasks,
      interrupts: handler(transferPio),
      devices,
    },
    'copy helper': {
      about: 'a buffer of one block, and sg_pcopy_to_buffer or sg_pcopy_from_buffer',
      linux: 'not proposed',
      tasks,
      interrupts: handler(transferPioByCopy),
      devices,
    },
  },
  verify: ({ queue }) => allRequests(queue),
});
