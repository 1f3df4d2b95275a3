/**
 * The notify flag of VMCI, after `vmci_host_setup_notify`, `ctx_fire_notification` and `vmci_ctx_unset_notify` in
 * drivers/misc/vmw_vmci (Linux 7.2).
 *
 * A user gives the address of one byte of its memory. The driver pins the page, and keeps a pointer to the byte as long
 * as the context of the user exists. When a datagram arrives, the driver sets the byte, and the user, who looks at its
 * own memory, sees that it has something to receive.
 *
 * The datagrams come in a softirq here, so that the pointer is used in another context than the one that made it.
 */
import { ok } from 'scatterlist';
import type { MapBackend, Mapping, Page, Result, ScatterlistError } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { vmap, vunmap } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortInterrupt, PortTask, PortVariant } from 'scatterlist/ports';

/** `struct vmci_ctx`, as far as the flag goes. */
export interface VmciContext {
  /** The page of the user, which is pinned. */
  readonly notifyPage: Page;
  /** `uva & (PAGE_SIZE - 1)`: where in the page the flag is. */
  readonly flagOffset: number;
  /** `notify`: the mapping of the page, from set-up to teardown. */
  notify: Mapping | undefined;
  /** `datagram_queue`. */
  readonly queue: Uint8Array[];
}

/** `vmci_ctx_enqueue_datagram`: queues the datagram and sets the flag by the pointer that was kept, if there is one. */
export function enqueueDatagram(context: VmciContext, datagram: Uint8Array): Result<undefined, never> {
  context.queue.push(datagram);
  context.notify?.store8(context.flagOffset, 1);
  return ok(undefined);
}

/** The same without a pointer: maps the page for this one store. */
export function enqueueAndMap(
  context: VmciContext,
  datagram: Uint8Array,
  backend: MapBackend,
): Result<undefined, ScatterlistError> {
  const mapped = backend.map(context.notifyPage, context.flagOffset, 1);
  if (!mapped.ok) return mapped;
  context.queue.push(datagram);
  mapped.value.store8(0, 1);
  backend.unmap(mapped.value);
  return ok(undefined);
}

const DATAGRAM_BYTES = 1024;
const FLAG_OFFSET = 4095;
const USER_DATA = 0x5a;

interface Host {
  readonly vmci: VmciContext;
  readonly content: Uint8Array;
  sentBytes: number;
  verifiedBytes: number;
  readonly isSetUp: Completion;
  readonly delivered: Completion;
  readonly closed: Completion;
}

const nextDatagram = ({ content, sentBytes }: Host): Uint8Array =>
  content.subarray(sentBytes, sentBytes + DATAGRAM_BYTES);

/** The interrupt of the other machine's datagrams. */
function interrupts(enqueue: typeof enqueueAndMap): Readonly<Record<string, PortInterrupt<Host>>> {
  return {
    vmci_datagram: {
      kind: 'softirq',
      onlyRaised: true,
      run(env) {
        const queued = enqueue(env.vmci, nextDatagram(env), env.backend);
        env.delivered.complete(env.irq);
        return queued;
      },
    },
  };
}

/**
 * The other machine, and the user: sends a datagram; then the user finds its flag set, clears it, and receives. At the
 * end the user closes the file.
 */
const devices: NonNullable<PortVariant<Host>['devices']> = {
  *user(env) {
    const { machine, vmci, content, isSetUp, delivered, closed, self, raise } = env;
    yield* isSetUp.wait(self);
    while (env.sentBytes < content.length) {
      raise('vmci_datagram');
      yield* delivered.wait(self);
      const own = machine.physical(vmci.notifyPage);
      sameBytes(Uint8Array.of(1), own.subarray(vmci.flagOffset), 'the flag');
      own[vmci.flagOffset] = 0;
      const received = vmci.queue.shift() ?? new Uint8Array();
      env.verifiedBytes += sameBytes(nextDatagram(env), received, 'the datagram').verifiedBytes;
      env.sentBytes += received.length;
    }
    closed.complete(self);
  },
};

const viaBackend: PortTask<Host> = function* ioctl({ backend, task, machine, vmci, isSetUp, closed }) {
  const mapped = yield* backend.mapWait(vmci.notifyPage, 0, machine.pageSize);
  if (!mapped.ok) return mapped;
  vmci.notify = mapped.value;
  isSetUp.complete(task);
  yield* closed.wait(task);
  vmci.notify = undefined;
  backend.unmap(mapped.value);
  return undefined;
};

const viaVmap: PortTask<Host> = function* ioctl({ task, vmci, isSetUp, closed }) {
  const mapped = vmap(task, [vmci.notifyPage]);
  if (!mapped.ok) return mapped;
  vmci.notify = mapped.value;
  isSetUp.complete(task);
  yield* closed.wait(task);
  vmci.notify = undefined;
  vunmap(task, mapped.value);
  return undefined;
};

const withoutMap: PortTask<Host> = function* ioctl({ task, isSetUp, closed }) {
  isSetUp.complete(task);
  yield* closed.wait(task);
};

/** The user gets the input in datagrams, each of which is announced by the flag. */
export default definePort<Host>({
  name: 'vmci-notify',
  follows: 'drivers/misc/vmw_vmci/vmci_host.c',
  about: 'sets a flag byte in a page of a user whenever a datagram arrives',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => {
    const [notifyPage] = takePages(machine, memory, 1);
    if (notifyPage === undefined) throw new Error('no page');
    machine.physical(notifyPage).fill(USER_DATA).fill(0, FLAG_OFFSET);
    return {
      vmci: { notifyPage, flagOffset: FLAG_OFFSET, notify: undefined, queue: [] },
      content,
      sentBytes: 0,
      verifiedBytes: 0,
      isSetUp: new Completion(machine, 'set-up of the flag'),
      delivered: new Completion(machine, 'a datagram'),
      closed: new Completion(machine, 'close of the context'),
    };
  },
  variants: {
    original: {
      about: 'kmap of the pinned page, kept as long as the context',
      linux: '5.10 to 7.2',
      tasks: { ioctl: viaBackend },
      interrupts: interrupts(enqueueDatagram),
      devices,
    },
    vmap: {
      about: 'vmap of the one page, kept as long as the context',
      linux: 'not proposed',
      usesBackend: false,
      tasks: { ioctl: viaVmap },
      interrupts: interrupts(enqueueDatagram),
      devices,
    },
    'map per write': {
      about: 'maps the byte for each store, in the handler',
      linux: 'not proposed',
      tasks: { ioctl: withoutMap },
      interrupts: interrupts(enqueueAndMap),
      devices,
    },
  },
  verify: ({ machine, vmci, content, verifiedBytes }) => {
    const page = machine.physical(vmci.notifyPage);
    sameBytes(new Uint8Array(FLAG_OFFSET).fill(USER_DATA), page, "the user's other bytes");
    return allBytes(content.length, verifiedBytes);
  },
});
