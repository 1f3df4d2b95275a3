/** Job: a cursor that goes on where it was, with sleeps between its records. */
import type { Context } from '../../kernel/core/machine.ts';
import { mightSleep } from '../../kernel/core/preempt.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import type { Job } from '../job.ts';
import { TestList, pattern } from '../test-list.ts';

/** Records that arrive one after the other. */
export interface Source {
  /** Waits for the next record; `undefined` at the end. */
  readonly next: () => Sleeping<Uint8Array | undefined>;
}

/** What the call site is given. */
export interface Cursor {
  readonly list: SgTable<'highmem'>;
  readonly source: Source;
}

const LENGTHS = [24, 100, 24, 500, 352];

/** Appends records of any length to a list, and waits for each. */
export const cursor: Job<Cursor> = {
  name: 'cursor',
  title: 'a resumable cursor',
  about:
    'Appends five records of 24 to 500 bytes to a list, one after the other, and sleeps before each. Records cross pages and entries; the list is full at the end.',
  follows: 'fs/ceph/inode.c, fill_readdir_cache; net/ceph/pagelist.c',
  runsIn: 'task',
  machine: {},
  start(machine) {
    const list = new TestList(
      machine,
      [
        { kind: 'highmem', offset: 3900, length: 400 },
        { kind: 'highmem', offset: 0, length: 600 },
      ],
      4,
    );
    const data = pattern(1000, 80);
    const state = { record: 0, at: 0 };
    const sourceOf = (context: Context): Source => ({
      *next() {
        mightSleep(context, 'wait for a record');
        yield;
        const length = LENGTHS[state.record];
        if (length === undefined) return undefined;
        state.record += 1;
        state.at += length;
        return data.slice(state.at - length, state.at);
      },
    });
    return {
      env: (context) => ({ list: list.table, source: sourceOf(context) }),
      changed: () => list.changed(),
      wrong: () => list.wrong([{ at: 0, bytes: data }]),
    };
  },
};
