import { kmap, kmapAtomic, kunmap, kunmapAtomic } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// A journal block that begins with the journal's magic number is copied out, and the first word of the
// copy is zeroed. After the conversion to atomic maps, the pointer still was to the original: the user's
// page loses its word and the journal gets the block unescaped.
// (Linux 2.6, fixed 13 April 2004; linux-history e0ae6ae65f)
//
// Oracle: the property that the original is unchanged and the copy escaped, against the kmap version.

const MAGIC = 0xc03b3998;

interface Shared {
  readonly original: Page;
  readonly copy: Page;
}
type Body = Program<Shared>['tasks'][string];

const withKmap: Body = function* ({ task, original, copy }: TaskEnv<Shared>) {
  const from = yield* kmap(task, original);
  const escape = from.load32(0) === MAGIC;
  if (escape) {
    const to = yield* kmap(task, copy);
    to.copyFrom(from.bytes.slice());
    to.store32(0, 0);
    kunmap(task, to);
  }
  kunmap(task, from);
};

function withAtomic(fixed: boolean): Body {
  return function* ({ task, original, copy }) {
    const from = kmapAtomic(task, original);
    if (from.load32(0) !== MAGIC) {
      kunmapAtomic(task, from);
      return;
    }
    const block = new Uint8Array(from.length);
    from.copyTo(block);
    if (fixed) kunmapAtomic(task, from);
    yield;
    const to = kmapAtomic(task, copy);
    to.copyFrom(block);
    (fixed ? to : from).store32(0, 0);
    kunmapAtomic(task, to);
    if (!fixed) kunmapAtomic(task, from);
  };
}

function program(journal: Body, firstWord = MAGIC): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => {
      const [original, copy] = machine.allocPages(2, { zone: 'highmem' });
      new DataView(machine.physical(original!).buffer, machine.physical(original!).byteOffset).setUint32(
        0,
        firstWord,
        true,
      );
      return { original: original!, copy: copy! };
    },
    tasks: { journal },
    check: ({ memory, original, copy }) => {
      if (memory.load8(original, 0) !== (firstWord & 0xff)) return 'the page of the user was changed';
      return memory.load8(copy, 0) === 0 || 'the journal has the block unescaped';
    },
  };
}

describe('jbd-copyout-stale-mapping', () => {
  it('zeroes the word of the user', () => {
    expectFound(program(withAtomic(false)), 'final-check');
  });

  it('does nothing to other blocks', () => {
    expectExhausted(program(withAtomic(false), 7));
  });

  it('was right with kmap', () => {
    expectExhausted(program(withKmap));
  });

  it('is sound with the copy mapped in place of the original', () => {
    expectExhausted(program(withAtomic(true)));
  });
});
