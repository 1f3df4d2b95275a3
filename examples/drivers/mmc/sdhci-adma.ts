/**
 * The unaligned heads of ADMA requests, after `sdhci_adma_table_pre` and `sdhci_adma_table_post` in
 * drivers/mmc/host/sdhci.c (Linux 7.2).
 *
 * The host's lock is held while an entry is mapped. The controller moves the memory that it was told and interrupts; then
 * the heads of a read are copied from the align buffer to the entries.
 */
import { ok, sgPcopyFromBuffer, sgPcopyToBuffer } from 'scatterlist';
import type { Page, Result, ScatterlistError } from 'scatterlist';
import { pageAddress } from 'scatterlist/backends';
import { Completion, SpinLock } from 'scatterlist/explore';
import { definePort } from 'scatterlist/ports';
import type { PortTask, PortVariant } from 'scatterlist/ports';
import { allRequests, eachRequest, mmcQueue } from './mmc-queue.ts';
import type { MmcQueue } from './mmc-queue.ts';
import { ADMA2_ALIGN, admaDescriptors, admaTablePost, admaTablePre, unalignedBytes } from './sdhci.ts';
import type { AdmaDescriptor } from './sdhci.ts';

/** The two functions of a variant. */
interface Heads {
  readonly pre: typeof admaTablePre;
  readonly post: typeof admaTablePost;
}

const MAPPED: Heads = { pre: admaTablePre, post: admaTablePost };

/** The same, where the copy helper maps the bytes of the list that a head is. */
const COPIED: Heads = {
  pre(backend, data, align) {
    let [alignAt, at] = [0, 0];
    for (const sg of data.table) {
      const head = unalignedBytes(sg);
      if (head > 0 && data.direction === 'write') {
        const bytes = new Uint8Array(head);
        const copied = sgPcopyToBuffer(data.table, bytes, backend, at);
        if (!copied.ok) return copied;
        align.mapping.copyFrom(bytes, alignAt);
      }
      if (head > 0) alignAt += ADMA2_ALIGN;
      at += sg.length;
    }
    return ok(admaDescriptors(data, align));
  },
  post(backend, data, align) {
    let [alignAt, at] = [0, 0];
    for (const sg of data.direction === 'read' ? data.table : []) {
      const head = unalignedBytes(sg);
      if (head > 0) {
        const bytes = new Uint8Array(head);
        align.mapping.copyTo(bytes, alignAt);
        const copied = sgPcopyFromBuffer(data.table, bytes, backend, at);
        if (!copied.ok) return copied;
        alignAt += ADMA2_ALIGN;
      }
      at += sg.length;
    }
    return ok(undefined);
  },
};

interface Host {
  readonly queue: MmcQueue;
  readonly lock: SpinLock;
  readonly buffer: Page;
  readonly issued: Completion;
  readonly done: Completion;
  descriptors: readonly AdmaDescriptor[];
}

/** Sends each request to the controller, and sleeps until its interrupt. */
function requests({ pre, post }: Heads): PortTask<Host> {
  return function* mmcqd(env) {
    const { machine, task, backend, queue, lock, buffer, issued, done } = env;
    const lowmem = pageAddress(task);
    const mapped = lowmem.map(buffer, 0, machine.pageSize);
    if (!mapped.ok) return mapped;
    const align = { mapping: mapped.value, dmaAddress: buffer.phys };
    const moved = yield* eachRequest(machine, queue, function* transfer(data) {
      yield* lock.lock(task);
      const described: Result<readonly AdmaDescriptor[], ScatterlistError> = pre(backend, data, align);
      lock.unlock(task);
      if (!described.ok) return described;
      env.descriptors = described.value;
      issued.complete(task);
      yield* done.wait(task);
      yield* lock.lock(task);
      const finished: Result<undefined, ScatterlistError> = post(backend, data, align);
      lock.unlock(task);
      return finished;
    });
    lowmem.unmap(mapped.value);
    return moved;
  };
}

const interrupts: NonNullable<PortVariant<Host>['interrupts']> = {
  sdhci_irq: {
    kind: 'hardirq',
    onlyRaised: true,
    run({ irq, done }) {
      done.complete(irq);
    },
  },
};

/** The ADMA engine of the controller. */
const devices: NonNullable<PortVariant<Host>['devices']> = {
  *controller(env) {
    const { machine, queue, issued, self, raise } = env;
    for (;;) {
      yield* issued.wait(self);
      if (queue.data !== undefined) queue.card.transfer(machine, queue.data.direction, env.descriptors);
      raise('sdhci_irq');
    }
  },
};

/** The input is read from a card and written to another; the first bytes of most entries go through the align buffer. */
export default definePort<Host>({
  name: 'sdhci-adma',
  follows: 'drivers/mmc/host/sdhci.c',
  about: 'copies at most three bytes at the start of each entry through an align buffer, under a lock',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 17,
  setup: ({ machine, memory, content }) => ({
    queue: mmcQueue(machine, memory, content),
    lock: new SpinLock(machine, 'host lock'),
    buffer: machine.allocPage({ zone: 'lowmem' }),
    issued: new Completion(machine, 'request issued'),
    done: new Completion(machine, 'request done'),
    descriptors: [],
  }),
  variants: {
    original: {
      about: 'kmap_atomic (in 7.2 kmap_local) of the page of the entry, memcpy of at most 3 bytes',
      linux: '5.10 to 7.2',
      tasks: { mmcqd: requests(MAPPED) },
      interrupts,
      devices,
    },
    'copy helper': {
      about: 'sg_pcopy_to_buffer and sg_pcopy_from_buffer of the head',
      linux: 'named in 2017 in the review of sg_map, not done',
      tasks: { mmcqd: requests(COPIED) },
      interrupts,
      devices,
    },
  },
  verify: ({ queue }) => allRequests(queue),
});
