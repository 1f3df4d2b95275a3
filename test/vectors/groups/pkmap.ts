/** The kmap pool, with tasks that block: the group pkmap. */
import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import type { Page, Sleeping, Task } from 'scatterlist';
import { kmap, kmapFlushUnused, kmapHighGet, kunmap } from 'scatterlist/machine';
import type { Machine, DirectMapping } from 'scatterlist/machine';
import { linuxOf, runnerOf } from '../format.ts';
import type { GroupRunner } from '../format.ts';
import { takeEvents } from '../map-events.ts';

type Op =
  | readonly ['kmap', task: number, pfn: number]
  | readonly ['resume', task: number]
  | readonly ['kunmap' | 'kmap_high_get', pfn: number]
  | readonly ['flush_unused'];

interface Input {
  readonly last_pkmap: number;
  readonly colors: number;
  readonly low_pages: number;
  readonly script: readonly Op[];
}

interface Expect {
  readonly steps: readonly (readonly (number | string)[])[];
  readonly final: { readonly counts: readonly number[]; readonly pfns: readonly number[] };
}

const BUGS: Readonly<Record<string, string>> = {
  'kunmap-unmapped': 'kunmap_unmapped',
  'kunmap-underflow': 'kunmap_count_zero',
};

const BLOCKED = -1;
const LOW_PAGE = -2;
const NO_SLOT_BUG = -3;

class Player {
  readonly machine: Machine;
  readonly #tasks: Task[] = [];
  readonly #blocked = new Map<number, Sleeping<DirectMapping>>();
  readonly #other: Task;

  constructor(machine: Machine) {
    this.machine = machine;
    this.#other = machine.task('unmaps');
  }

  /** The slot that the recording shows for an op, and the bug in which it ended. */
  play(op: Op): { readonly slot: number; readonly bug?: string } {
    switch (op[0]) {
      case 'kmap':
        this.#blocked.set(op[1], kmap(this.#task(op[1]), this.#page(op[2])));
        return { slot: this.#proceed(op[1]) };
      case 'resume':
        return { slot: this.#proceed(op[1]) };
      case 'kunmap':
        return this.#kunmap(this.#page(op[1]));
      case 'flush_unused':
        kmapFlushUnused(this.#other);
        return { slot: -1 };
      case 'kmap_high_get':
        return { slot: kmapHighGet(this.#other, this.#page(op[1]))?.slot ?? -1 };
    }
  }

  #proceed(id: number): number {
    const work = this.#blocked.get(id);
    if (work === undefined) throw new Error(`task ${String(id)} is not blocked`);
    const step = work.next();
    if (step.done !== true) {
      expect(step.value, 'what the task waits for').to.not.equal(undefined);
      return BLOCKED;
    }
    this.#blocked.delete(id);
    const { slot, page } = step.value;
    return this.machine.hardware.memory.isHighmem(page) ? slot : LOW_PAGE;
  }

  #kunmap(page: Page): { readonly slot: number; readonly bug?: string } {
    if (!this.machine.hardware.memory.isHighmem(page)) {
      kunmap(this.#other, page);
      return { slot: LOW_PAGE };
    }
    const slot = this.machine.pkmap.slotOf(page);
    try {
      kunmap(this.#other, page);
      return { slot };
    } catch (error) {
      if (!(error instanceof ViolationError)) throw error;
      const { rule } = error.violation;
      return { slot: slot < 0 ? NO_SLOT_BUG : slot, bug: BUGS[rule] ?? rule };
    }
  }

  #task(id: number): Task {
    return (this.#tasks[id] ??= this.machine.task(`task${String(id)}`));
  }

  #page(pfn: number): Page {
    return this.machine.hardware.memory.page(pfn);
  }
}

export const pkmap: GroupRunner = runnerOf<Input, Expect>((c, file) => {
  const { last_pkmap, colors, low_pages, script } = c.input;
  const machine = createMachine({
    linux: linuxOf(file),
    trace: true,
    semantics: 'compatible',
    onViolation: 'record',
    lowmemPages: low_pages,
    highmemPages: 2 ** 22,
    pkmapSlots: last_pkmap,
    pkmapColours: colors,
  });
  const player = new Player(machine);
  const total = { tlb: 0, cache: 0 };
  const steps = script.map((op) => {
    const { slot, bug } = player.play(op);
    let woken = 0;
    for (const { event } of takeEvents(machine)) {
      if (event === 'flush-range') total.tlb += 1;
      if (event === 'flush-cache-kmaps') total.cache += 1;
      if (event === 'wake') woken = 1;
    }
    const count = slot < 0 ? -1 : machine.pkmap.count(slot);
    const row = [slot, count, total.tlb, total.cache, waiters(machine, colors), woken];
    return bug === undefined ? row : [...row, bug];
  });
  const { counts } = machine.pkmap;
  const pfns = Array.from(counts, (_, slot) => machine.hardware.pageTable.pkmap.get(slot));
  expect({ steps, final: { counts: [...counts], pfns } }).to.deep.equal(c.expect);
});

function waiters(machine: Machine, colors: number): number {
  const { memory } = machine.hardware;
  return Array.from({ length: colors }, (_, colour) => memory.page(memory.directEnd + colour))
    .map((page) => machine.pkmap.waitQueue(page).waiters.length)
    .reduce((a, b) => a + b, 0);
}
