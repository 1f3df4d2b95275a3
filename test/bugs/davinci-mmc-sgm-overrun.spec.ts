import { SgMiter } from 'scatterlist';
import type { SgTable } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import type { Program } from 'scatterlist/explore';
import { tableOf } from './components/table-of.ts';
import { expectExhausted, expectFound } from './support.ts';

// Converted to the mapping iterator, the routine that empties the FIFO still transfers the chunk of the
// hardware, however short the window of the iterator is. (Linux 6.9; CVE-2024-41026, 16198eef11c1)
//
// Oracle: an access behind the end of the iterator's mapping.

const FIFO = 32;

interface Shared {
  readonly table: SgTable<'highmem'>;
}

function program(fixed: boolean, lastBytes: number): Program<Shared> {
  return {
    machine: { cpus: 1, pageSize: 256 },
    setup: (machine) => {
      const [first, last] = machine.allocPages(2, { zone: 'highmem', layout: 'scattered' });
      // The last segment ends where its page ends.
      return {
        table: tableOf([
          [first!, 2 * FIFO],
          [last!, lastBytes, 256 - lastBytes],
        ]),
      };
    },
    tasks: {
      *request() {
        yield;
      },
    },
    interrupts: {
      fifoFull: {
        kind: 'hardirq',
        run({ irq, table }) {
          const miter = new SgMiter(table, kmapLocal(irq), 'toSg');
          while (miter.next().value) {
            const bytes = fixed ? Math.min(FIFO, miter.length) : FIFO;
            miter.mapping.copyFrom(new Uint8Array(bytes).fill(7));
            miter.consumed = bytes;
          }
          miter.stop();
        },
      },
    },
    check: ({ memory, table }) =>
      [...table].every(({ page, offset, length }) => memory.load8(page!, offset + length - 1) === 7),
  };
}

describe('davinci-mmc-sgm-overrun', () => {
  it('goes well while windows are whole chunks', () => {
    expectExhausted(program(false, 2 * FIFO));
  });

  it('writes behind a window that is shorter', () => {
    expectFound(program(false, FIFO / 2), 'page-overrun');
  });

  it('is sound limited to the length of the iterator', () => {
    expectExhausted(program(true, FIFO / 2));
  });
});
