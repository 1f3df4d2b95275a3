import { expect } from 'chai';
import { kmap, kmapAtomic, kunmap, kunmapAtomic } from 'scatterlist/machine';
import type { Context, Page, Sleeping } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// Block checksums are computed on submission and on completion by one routine, which uses kmap(). The
// completion is a softirq: with free slots it seems to work, with none it sleeps there.
// (flashcache, August 2010, c102f90948)
//
// Oracle: a call that may sleep in atomic context, free slots or not; with a full pool, the sleep itself.

interface Shared {
  readonly block: Page;
  readonly other: Page;
}

function* checksum(context: Context, page: Page): Sleeping<number> {
  const m = yield* kmap(context, page);
  const sum = m.load8(0);
  kunmap(context, m);
  return sum;
}

function checksumAtomic(context: Context, page: Page): number {
  const m = kmapAtomic(context, page);
  const sum = m.load8(0);
  kunmapAtomic(context, m);
  return sum;
}

interface Variant {
  readonly fixed: boolean;
  /** Let the contract go, as a kernel without debug options does. */
  readonly lenient?: boolean;
  readonly poolHeld?: boolean;
  /** ARCH_NEEDS_KMAP_HIGH_GET: the pool's lock keeps interrupts off. */
  readonly kmapHighGet?: boolean;
}

function program({
  fixed,
  lenient = false,
  poolHeld = false,
  kmapHighGet = false,
}: Variant): Program<Shared> {
  return {
    machine: { cpus: 1, pkmapSlots: 1, kmapHighGet },
    allow: lenient ? ['kmap-in-atomic'] : [],
    setup: (machine) => ({
      block: machine.allocPage({ zone: 'highmem' }),
      other: machine.allocPage({ zone: 'highmem' }),
    }),
    tasks: {
      *holder({ task, other }) {
        if (!poolHeld) return;
        const m = yield* kmap(task, other);
        yield;
        kunmap(task, m);
      },
    },
    interrupts: {
      completion: {
        kind: 'softirq',
        *run({ irq, block }) {
          return fixed ? checksumAtomic(irq, block) : yield* checksum(irq, block);
        },
      },
    },
  };
}

describe('flashcache-kmap-in-softirq', () => {
  it('is reported while the pool has free slots', () => {
    expectFound(program({ fixed: false }), 'kmap-in-atomic');
  });

  it('goes well with free slots where nobody asks', () => {
    expectExhausted(program({ fixed: false, lenient: true }));
  });

  it('sleeps in the softirq once the pool is full', () => {
    const variant = { fixed: false, lenient: true, poolHeld: true, kmapHighGet: true };
    expectFound(program(variant), 'sleep-in-atomic');
  });

  it('spins for the lock of the pool if it arrives while the task is in kmap or kunmap', () => {
    const { what } = expectFound(program({ fixed: false, lenient: true, poolHeld: true }), 'deadlock');
    expect(what).to.match(/^kmap_high in softirq "completion" spins for kmap_lock, held by "holder"/);
  });

  for (const poolHeld of [false, true]) {
    it(`is sound with an atomic map, pool ${poolHeld ? 'full' : 'free'}`, () => {
      expectExhausted(program({ fixed: true, poolHeld }));
    });
  }
});
