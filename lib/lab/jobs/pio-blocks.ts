/** Job: programmed input of blocks that straddle pages. */
import type { Context } from '../../kernel/core/machine.ts';
import { mightSleep } from '../../kernel/core/preempt.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import type { Job } from '../job.ts';
import { TestList, pattern } from '../test-list.ts';

/** The data port of a controller. */
export interface Fifo {
  /** Waits until the controller has a block. */
  readonly ready: () => Sleeping<void>;
  /** The next bytes of the port: `ioread32_rep`. */
  readonly read: (lengthBytes: number) => Uint8Array;
}

/** What the call site is given. */
export interface PioBlocks {
  readonly list: SgTable<'highmem'>;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly fifo: Fifo;
}

const BLOCKS = 3;
const BLOCK_BYTES = 512;

/** Reads three blocks from a port; one straddles two pages, one two entries. */
export const pioBlocks: Job<PioBlocks> = {
  name: 'pio-blocks',
  title: 'PIO with blocks that straddle pages',
  about:
    'Waits for each of three blocks of 512 bytes and reads it from a port. One block straddles two pages, another two entries. Bytes that were read from the port are gone from it.',
  follows: 'drivers/mmc/host/usdhi6rol0.c and sdhci.c',
  runsIn: 'task',
  machine: {},
  start(machine) {
    const list = new TestList(
      machine,
      [
        { kind: 'highmem', offset: 3840, length: 768 },
        { kind: 'highmem', offset: 0, length: 768 },
      ],
      3,
    );
    const data = pattern(BLOCKS * BLOCK_BYTES, 70);
    const port = { at: 0 };
    const fifoOf = (context: Context): Fifo => ({
      *ready() {
        mightSleep(context, 'wait for a block');
        yield;
      },
      read(lengthBytes) {
        port.at += lengthBytes;
        return data.slice(port.at - lengthBytes, port.at);
      },
    });
    return {
      env: (context) => ({
        list: list.table,
        blocks: BLOCKS,
        blockBytes: BLOCK_BYTES,
        fifo: fifoOf(context),
      }),
      changed: () => list.changed(),
      wrong: () => list.wrong([{ at: 0, bytes: data }]),
    };
  },
};
