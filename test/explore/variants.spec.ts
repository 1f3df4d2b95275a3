import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { exhaustive, explore } from 'scatterlist/explore';
import type { Outcome, Program, Strategy } from 'scatterlist/explore';
import {
  DataCache,
  LocalSlots,
  PkmapPool,
  kmap,
  kmapLocalPage,
  kunmap,
  kunmapLocal,
} from 'scatterlist/machine';
import type { Cpu, Hardware, MachineParts, Page, SlotUser } from 'scatterlist/machine';

// Variants of the parts of a machine, written against the entries of the package alone: a subclass and the hook it changes.

/** A pool that forgets to clear the entries it recycles. */
class KeepsEntries extends PkmapPool {
  protected override clear(slot: number): void {
    this.counts[slot] = 0;
    this.slotByFrame.delete(this.hardware.pageTable.pkmap.get(slot));
  }

  protected override flushTlbs(): void {}
}

/** A pool whose lock is not taken, so that no interrupt arrives inside of it. */
class Lockless extends PkmapPool {
  protected override lock(): void {
    this.taken += 1;
  }

  protected override unlock(): void {}

  taken = 0;
}

/** A pool that takes only the upper half of its slots. */
class HalfPool extends PkmapPool {
  protected override newSlot(page: Page): number {
    const half = this.counts.length / 2;
    const slot = this.counts.indexOf(0, half);
    if (slot < 0) return -1;
    this.set(slot, page);
    return slot;
  }
}

/** Slots whose unmap does not flush. */
class NoFlush extends LocalSlots {
  protected override release(user: SlotUser, cpu: Cpu, slot: number): void {
    this.clear(slot);
    user.localMaps.entries[user.localMaps.idx - 1] = 0;
    user.localMaps.idx -= this.increment;
    this.lastCpu = cpu.id;
  }

  lastCpu = -1;
}

/** Slots that count what is set, also on a direct machine. */
class Counting extends LocalSlots {
  sets = 0;

  protected override set(slot: number, pfn: number): void {
    this.sets += 1;
    super.set(slot, pfn);
  }
}

/** A cache that drops the lines it should write back. */
class Forgetful extends DataCache {
  override writeBack(page: Page, colour: number): void {
    this.lines.get(this.key(page, colour))?.dirty.fill(0);
  }
}

interface Pages {
  readonly pages: readonly Page[];
}

function setup(machine: Parameters<NonNullable<Program<Pages>['setup']>>[0]): Pages {
  return { pages: machine.allocPages(3, { zone: 'highmem' }) };
}

/** Maps one page after another in the pool, and writes to each. */
function pooled(parts: MachineParts, machine: Program['machine'] = {}): Program<Pages> {
  return {
    machine: { cpus: 1, pkmapSlots: 2, ...machine },
    parts,
    setup,
    tasks: {
      *one({ task, pages }) {
        for (const page of pages) {
          const m = yield* kmap(task, page);
          m.store8(0, page.pfn & 0xff);
          kunmap(task, m);
          yield;
        }
      },
    },
    check: ({ memory, pages }) => pages.every((page) => memory.load8(page, 0) === (page.pfn & 0xff)),
  };
}

/** Two tasks map locally in turn. */
function local(parts: MachineParts): Program<Pages> {
  function* body(
    { task, pages }: Pages & { readonly task: Parameters<typeof kmapLocalPage>[0] },
    at: number,
  ) {
    for (const page of [pages[at], pages[2]]) {
      if (page === undefined) continue;
      const m = kmapLocalPage(task, page);
      yield undefined;
      m.store8(at, 1);
      kunmapLocal(task, m);
    }
  }
  return {
    machine: { cpus: 1 },
    parts,
    setup,
    tasks: { one: (env) => body(env, 0), two: (env) => body(env, 1) },
  };
}

function kindOf(outcome: Outcome): string {
  return outcome.kind === 'violation' ? outcome.violation.rule : outcome.kind;
}

const both = (program: Program<Pages>): readonly string[] =>
  [exhaustive(), exhaustive({ sleepSets: false, visited: false })].map((strategy: Strategy) =>
    kindOf(explore(program, strategy)),
  );

describe('variants of the parts of a machine', () => {
  it('of the pool: each hook is used, and its faults are found', () => {
    const keeps = kindOf(explore(pooled({ pkmap: (hardware) => new KeepsEntries(hardware) })));
    expect(keeps).to.equal('stale-tlb');
    expect(both(pooled({ pkmap: (hardware) => new HalfPool(hardware) }, { pkmapSlots: 8 }))).to.deep.equal([
      'exhausted',
      'exhausted',
    ]);
    expect(kindOf(explore(pooled({ pkmap: (hardware) => new HalfPool(hardware) })))).to.equal('deadlock');
    const machine = createMachine({}, { pkmap: (hardware) => new Lockless(hardware) });
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const first = kmap(task, page).next();
    if (first.done === true) kunmap(task, first.value);
    expect([(machine.pkmap as Lockless).taken, machine.ledger.lockAcquisitions]).to.deep.equal([2, 0]);
  });

  it('of the local slots: each hook is used, and its faults are found', () => {
    const faulty = (hardware: Hardware): LocalSlots => new NoFlush(hardware);
    expect(both(local({ localSlots: faulty }))).to.deep.equal(['stale-tlb', 'stale-tlb']);
    expect(both(local({ localSlots: (hardware) => new Counting(hardware) }))).to.deep.equal([
      'exhausted',
      'exhausted',
    ]);
  });

  it('of the local slots are not left out by the fast paths of a direct machine', () => {
    for (const mode of ['checked', 'direct'] as const) {
      const machine = createMachine({ mode }, { localSlots: (hardware) => new Counting(hardware) });
      const task = machine.task();
      const page = machine.allocPage({ zone: 'highmem' });
      for (let n = 0; n < 3; n += 1) kunmapLocal(task, kmapLocalPage(task, page));
      expect((machine.localSlots as Counting).sets, mode).to.equal(3);
    }
  });

  it('of the data cache: what it should write back is lost', () => {
    const program = (parts: MachineParts): Program<Pages> => ({
      machine: { cpus: 1, dcacheColours: 1 },
      parts,
      setup,
      tasks: {
        *one({ task, pages: [page] }) {
          if (page === undefined) return;
          const m = kmapLocalPage(task, page);
          m.store8(0, 1);
          kunmapLocal(task, m);
          task.machine.flushDcachePage(page);
          const again = kmapLocalPage(task, page);
          const seen = again.load8(0);
          kunmapLocal(task, again);
          return seen;
        },
      },
      check: ({ results }) => results['one'] === 1,
    });
    expect(kindOf(explore(program({})))).to.equal('exhausted');
    expect(kindOf(explore(program({ dataCache: (hardware) => new Forgetful(hardware) })))).to.be.oneOf([
      'stale-cache',
      'discarded-line',
    ]);
  });
});
