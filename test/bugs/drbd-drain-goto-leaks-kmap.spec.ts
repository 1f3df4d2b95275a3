import { expect } from 'chai';
import { kmap, kunmap } from 'scatterlist/machine';
import type { Page, Sleeping, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// A block that is to be discarded is received into a scratch page, piece by piece. On a short read the
// code jumps to a label below the unmap. (DRBD 8.0 and 8.2, November 2007; drbd a277f610b5)
//
// Oracle: the page is freed while it is mapped; a mapping that is never released; in the end a pool
// without slots.

interface Shared {
  readonly scratch: readonly Page[];
}

interface Variant {
  readonly fixed: boolean;
  /** The read that fails; -1 for none. */
  readonly shortAt?: number;
  readonly connections?: number;
  readonly allow?: Program['allow'];
}

function program({ fixed, shortAt = 1, connections = 1, allow = [] }: Variant): Program<Shared> {
  function* drain(task: Task, page: Page): Sleeping<boolean> {
    const m = yield* kmap(task, page);
    let good = true;
    for (let read = 0; read < 3 && good; read += 1) {
      yield; // recv() sleeps
      good = read !== shortAt;
      if (good) m.fill(read, read * 512, 512);
    }
    if (good || fixed) kunmap(task, m);
    task.machine.freePage(page);
    return good;
  }
  return {
    machine: { cpus: 1, pkmapSlots: 1 },
    allow,
    setup: (machine) => ({ scratch: machine.allocPages(connections, { zone: 'highmem' }) }),
    tasks: {
      *receiver({ task, scratch }) {
        for (const page of scratch) yield* drain(task, page);
      },
    },
  };
}

describe('drbd-drain-goto-leaks-kmap', () => {
  it('frees the page under its mapping', () => {
    expectFound(program({ fixed: false }), 'freed-while-mapped');
  });

  it('never releases the mapping', () => {
    expectFound(program({ fixed: false, allow: ['freed-while-mapped'] }), 'leak');
  });

  it('hangs on the next connection, for want of a slot', () => {
    const violation = expectFound(
      program({ fixed: false, connections: 2, allow: ['freed-while-mapped'] }),
      'deadlock',
    );
    expect(violation.details.map(({ text }) => text).join('\n')).to.match(/kmap pool/);
  });

  it('is sound where nothing is short', () => {
    expectExhausted(program({ fixed: false, shortAt: -1 }));
  });

  for (const shortAt of [0, 1, 2]) {
    it(`is sound with a break out of the loop, read ${String(shortAt)} short`, () => {
      expectExhausted(program({ fixed: true, shortAt, connections: 2 }));
    });
  }
});
