/** Job: a view that lives long and that an interrupt handler uses, too. */
import type { Context } from '../../kernel/core/machine.ts';
import { waitEvent } from '../../kernel/locking/wait-event.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import type { Job } from '../job.ts';
import { TestList } from '../test-list.ts';

/** The interrupt of a device. */
export interface IrqLine {
  /** `request_irq`: from now on the handler runs at each interrupt. It returns 0, or an error if it did not do its work. */
  readonly request: (handler: (context: Context) => number) => void;
  /** `free_irq`: the handler is called no more. */
  readonly free: () => void;
}

/** What the call site is given. */
export interface SharedView {
  /** One entry; its first byte counts events. */
  readonly list: SgTable<'highmem'>;
  readonly irq: IrqLine;
  /** Sleeps until two events have been handled, or one handler has failed; returns 0 or that error. */
  readonly finished: () => Sleeping<number>;
}

const EVENTS = 2;

/** The name of the queue on which its users wait, not for a map but for the device. */
export const EVENTS_QUEUE = 'events of the device';

/** Lets a handler count events in a page while the task that owns the page sleeps. */
export const sharedView: Job<SharedView> = {
  name: 'shared-view',
  title: 'a view shared with an interrupt',
  about:
    'Each of two interrupts adds one to a byte of an entry, while the task that set this up sleeps. The handler runs in interrupt context on top of any task.',
  follows: 'drivers/misc/vmw_vmci/vmci_host.c; drivers/firewire/net.c',
  runsIn: 'task',
  machine: {},
  start(machine) {
    const list = new TestList(machine, [{ kind: 'highmem', offset: 200, length: 64 }], 7);
    const queue = new WaitQueue(EVENTS_QUEUE);
    const [first = 0] = list.bytes();
    const state = { handled: 0, arrived: 0, errno: 0 };
    const line: { handler: ((context: Context) => number) | undefined } = { handler: undefined };
    return {
      env: (context) => ({
        list: list.table,
        irq: {
          request(handler) {
            line.handler = handler;
          },
          free() {
            line.handler = undefined;
          },
        },
        *finished() {
          yield* waitEvent(context, queue, () => state.handled === EVENTS || state.errno < 0);
          return state.errno;
        },
      }),
      changed: () => list.changed(),
      wrong: () => list.wrong([{ at: 0, bytes: Uint8Array.of(first + EVENTS) }]),
      interrupt: {
        isDue: () => line.handler !== undefined && state.arrived < EVENTS,
        arrive(context) {
          state.arrived += 1;
          const errno = line.handler?.(context) ?? 0;
          if (errno < 0) state.errno = errno;
          else state.handled += 1;
          queue.wakeAll();
        },
      },
    };
  },
};
