/** Job: one contiguous view of the payload of a command. */
import type { Context } from '../../kernel/core/machine.ts';
import { mightSleep } from '../../kernel/core/preempt.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import { EIO } from '../err-ptr.ts';
import type { Job } from '../job.ts';
import { TestList, pattern } from '../test-list.ts';
import { readView, writeView } from '../view.ts';
import type { View } from '../view.ts';

/** What the call site is given. */
export interface ContiguousView {
  readonly list: SgTable<'highmem'>;
  readonly lengthBytes: number;
  /** Reads the payload and writes its reply over a part of it; sleeps in between. Returns 0 or an error. */
  readonly emulate: (payload: View) => Sleeping<number>;
}

/** The reply lies across the first border between two pages. */
const REPLY_AT = 300;

/** Gives an emulated command its payload in one piece. */
export const contiguousView: Job<ContiguousView> = {
  name: 'contiguous-view',
  title: 'a contiguous view of a payload',
  about:
    'An emulated command reads its payload of three entries through one view, sleeps, and writes a reply into it, which crosses from one page into the next. What it wrote has to be in the list afterwards.',
  follows: 'drivers/target/target_core_transport.c, transport_kmap_data_sg',
  runsIn: 'task',
  machine: {},
  start(machine) {
    const list = new TestList(
      machine,
      [
        { kind: 'highmem', offset: 3696, length: 400 },
        { kind: 'highmem', offset: 0, length: 4096 },
        { kind: 'highmem', offset: 0, length: 100 },
      ],
      6,
    );
    const payload = list.bytes();
    const reply = pattern(200, 90);
    const emulateFor = (context: Context) =>
      function* emulate(view: View): Sleeping<number> {
        if (view.length < payload.length) return -EIO;
        const seen = new Uint8Array(payload.length);
        readView(context, view, seen);
        if (seen.some((byte, i) => byte !== payload[i])) return -EIO;
        mightSleep(context, 'emulation');
        yield;
        writeView(context, view, reply, REPLY_AT);
        return 0;
      };
    return {
      env: (context) => ({
        list: list.table,
        lengthBytes: payload.length,
        emulate: emulateFor(context),
      }),
      changed: () => list.changed(),
      wrong: () => list.wrong([{ at: REPLY_AT, bytes: reply }]),
    };
  },
};
