import { expect } from 'chai';
import { LocalSlots, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { MachineParts, Page, Sleeping } from 'scatterlist/machine';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// With guard slots, the switch hooks assert that the saved entry of a guard is empty. They asked the
// architecture, whose empty entry need not be zero, about an array that starts as zeros.
//
// CVE-2022-49081, mainline 66f133ceab74 (5.11 - 5.17, xtensa).
// Oracle: the layer's own warning, on every switch from a task that holds a map. The data are right.

/** `_PAGE_CA_INVALID`: what an empty entry looks like on this architecture. */
const EMPTY_ENTRY = 0xf4;

/** Slots whose switch hooks test with `pte_none`. */
class AskTheArchitecture extends LocalSlots {
  protected override isEmpty(saved: number): boolean {
    return saved === EMPTY_ENTRY;
  }
}

function* writer({ task, page }: TaskEnv<{ page: Page }>, at: number): Sleeping<void> {
  const m = kmapLocalPage(task, page);
  yield; // preempted with the map
  m.store8(at, 1);
  kunmapLocal(task, m);
}

function program(localSlots?: MachineParts['localSlots'], debugKmapLocal = true): Program<{ page: Page }> {
  return {
    machine: { cpus: 1, debugKmapLocal },
    parts: { localSlots },
    setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
    tasks: { first: (env) => writer(env, 0), second: (env) => writer(env, 1) },
    check: ({ memory, page }) => memory.load8(page, 0) === 1 && memory.load8(page, 1) === 1,
  };
}

describe('kmap-local-sched-pte-none', () => {
  const faulty: MachineParts['localSlots'] = (hardware) => new AskTheArchitecture(hardware);

  it('warns of an empty guard when a task that holds a map is preempted', () => {
    const violation = expectFound(program(faulty), 'slot-guard');
    expect(violation.severity).to.equal('warn');
  });

  it('is only the checker: the mapping itself is right', () => {
    expectExhausted({ ...program(faulty), allow: ['slot-guard'] });
    expectExhausted(program(faulty, false));
  });

  it('is quiet where the saved entry is compared with zero', () => {
    expectExhausted(program());
  });
});
