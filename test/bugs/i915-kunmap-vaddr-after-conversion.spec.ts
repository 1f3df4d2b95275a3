import { kmap, kmapAtomic, kunmap, kunmapAtomic, mightSleep } from 'scatterlist/machine';
import type { Page, DirectMapping, Sleeping } from 'scatterlist/machine';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// An atomic section became a sleeping map, because it allocates; the unmap kept its argument. kunmap()
// takes the page, kunmap_atomic() the address, and a void pointer is both.
// (Linux, November 2019, drm-kmod 48230c4a66; the reverse in pktcdvd, IDE and cifs in 2004)
//
// Oracle: the kind of the argument. Here the compiler refuses it already; at run time it is a mismatch.

interface Shared {
  readonly page: Page;
}
type Body = (env: TaskEnv<Shared>) => Sleeping<void>;

function program(run: Body): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
    tasks: { i915: run },
  };
}

/** The sleeping map, released by `release`. */
function converted(release: (env: TaskEnv<Shared>, m: DirectMapping) => void): Program<Shared> {
  return program(function* (env) {
    const m = yield* kmap(env.task, env.page);
    mightSleep(env.task, 'kmalloc');
    yield;
    m.store8(0, 1);
    release(env, m);
  });
}

/** The atomic map, released by `release`. */
function atomic(release: (env: TaskEnv<Shared>, m: DirectMapping) => void): Program<Shared> {
  return program(function* (env) {
    const m = kmapAtomic(env.task, env.page);
    m.store8(0, 1);
    yield;
    release(env, m);
  });
}

describe('i915-kunmap-vaddr-after-conversion', () => {
  it('gives an address to kunmap', () => {
    const buggy = converted(({ task }, m) => {
      // @ts-expect-error an address is no page
      kunmap(task, m.vaddr);
    });
    expectFound(buggy, 'unmap-mismatch');
  });

  it('gives a page to kunmap_atomic', () => {
    const buggy = atomic(({ task, page }) => {
      // @ts-expect-error a page is no address
      kunmapAtomic(task, page);
    });
    expectFound(buggy, 'unmap-mismatch');
  });

  it('gives the mapping to the function of the other kind, which the compiler lets pass', () => {
    expectFound(
      converted(({ task }, m) => kunmapAtomic(task, m)),
      'unmap-mismatch',
    );
    expectFound(
      atomic(({ task }, m) => kunmap(task, m)),
      'kmap-in-atomic',
    );
  });

  it('is sound with the page, or the address, or the token', () => {
    expectExhausted(converted(({ task, page }) => kunmap(task, page)));
    expectExhausted(converted(({ task }, m) => kunmap(task, m)));
    expectExhausted(atomic(({ task }, m) => kunmapAtomic(task, m.vaddr)));
    expectExhausted(atomic(({ task }, m) => kunmapAtomic(task, m)));
  });
});
