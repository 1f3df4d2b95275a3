/** Job: the pages of several entries at once, for code that wants all of them in one call. */
import type { Context } from '../../kernel/core/machine.ts';
import { mightSleep } from '../../kernel/core/preempt.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import { EIO, EPIPE } from '../err-ptr.ts';
import type { Job } from '../job.ts';
import { TestList } from '../test-list.ts';
import { readView } from '../view.ts';
import type { View } from '../view.ts';

/** A connection. */
export interface Socket {
  /** Sends all parts, in order, and sleeps between them; returns 0, or an error: the bytes are too few or too many, or
   * the connection is gone. */
  readonly send: (parts: readonly View[]) => Sleeping<number>;
}

/** What the call site is given. */
export interface ManyMaps {
  readonly list: SgTable<'highmem'>;
  readonly socket: Socket;
}

const ENTRIES = 4;
const ENTRY_BYTES = 256;

/** Sends the bytes of four entries with one call of a socket. */
export const manyMaps: Job<ManyMaps> = {
  name: 'many-maps',
  title: 'n maps at once',
  about:
    'Sends four entries of 256 bytes with one call. The call takes an array of views, sleeps, and reads all of them, so they are valid together.',
  follows: 'drivers/target/iscsi/iscsi_target.c, iscsit_map_iovec',
  runsIn: 'task',
  machine: {},
  start(machine, fails) {
    const list = new TestList(
      machine,
      Array.from({ length: ENTRIES }, (_, i) => ({
        kind: 'highmem' as const,
        offset: 128 * i,
        length: ENTRY_BYTES,
      })),
      5,
    );
    const wanted = list.bytes();
    const received: Uint8Array[] = [];
    const socketOf = (context: Context): Socket => ({
      *send(parts) {
        if (parts.reduce((sum, { length }) => sum + length, 0) !== wanted.length) return -EIO;
        if (fails('sendmsg')) return -EPIPE;
        for (const part of parts) {
          mightSleep(context, 'sendmsg');
          yield;
          const bytes = new Uint8Array(part.length);
          readView(context, part, bytes);
          received.push(bytes);
        }
        return 0;
      },
    });
    return {
      env: (context) => ({ list: list.table, socket: socketOf(context) }),
      changed: () => list.changed() || received.length > 0,
      wrong: () => {
        const bytes = received.flatMap((part) => [...part]);
        const at = wanted.findIndex((byte, i) => bytes[i] !== byte);
        if (bytes.length !== wanted.length)
          return `the peer received ${String(bytes.length)} of ${String(wanted.length)} bytes`;
        return at < 0 ? list.wrong([]) : `byte ${String(at)} that the peer received is wrong`;
      },
    };
  },
};
