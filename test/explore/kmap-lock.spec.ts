import { expect } from 'chai';
import {
  exhaustive,
  explain,
  explore,
  formatReport,
  localIrqDisable,
  localIrqEnable,
  parseSchedule,
} from 'scatterlist/explore';
import type { InterruptSpec, Program, Strategy } from 'scatterlist/explore';
import { kmap, kmapFlushUnused, kmapHighGet, kunmap, kunmapHigh } from 'scatterlist/machine';
import type { DirectMapping, Interrupt, Page, Sleeping, Task } from 'scatterlist/machine';
import { found } from './programs.ts';

// The lock of the kmap pool was taken with interrupts on. A handler that came to kmap_high_get or kunmap_high while its own
// CPU held the lock spun for ever. ARM, which maps in handlers, takes it with interrupts off (ARCH_NEEDS_KMAP_HIGH_GET).

interface Shared {
  readonly page: Page;
  readonly other: Page;
  /** Mapped for the handler by `setup`. */
  readonly lent: { mapping: DirectMapping | undefined };
}

type Handle = (irq: Interrupt | Task, shared: Shared) => void;

const release: Handle = (irq, { lent }) => {
  if (lent.mapping === undefined) return;
  kunmapHigh(irq, lent.mapping);
  lent.mapping = undefined;
};
const borrow: Handle = (irq, { page }) => {
  const m = kmapHighGet(irq, page);
  if (m !== undefined) kunmapHigh(irq, m);
};
const onlyLook: Handle = (_irq, { page }) => void page.pfn;

type Body = (task: Task, shared: Shared) => Sleeping<void>;

const mapsAndUnmaps: Body = function* (task, { other }) {
  const m = yield* kmap(task, other);
  kunmap(task, m);
};
const flushes: Body = function* (task) {
  kmapFlushUnused(task);
  yield;
};
const keepsIrqsOff: Body = function* (task, { lent }) {
  localIrqDisable(task);
  if (lent.mapping !== undefined) kunmapHigh(task, lent.mapping);
  lent.mapping = undefined;
  localIrqEnable(task);
  yield;
};

function program(
  body: Body,
  handle: Handle,
  machine: Program['machine'] = {},
  kind: InterruptSpec<Shared>['kind'] = 'hardirq',
): Program<Shared> {
  return {
    machine: { cpus: 2, pkmapSlots: 2, ...machine },
    setup: (made) => {
      const [page, other] = made.allocPages(2, { zone: 'highmem' });
      if (page === undefined || other === undefined) throw new Error('two pages');
      const boot = made.task('boot');
      const first = kmap(boot, page).next();
      return { page, other, lent: { mapping: first.done === true ? first.value : undefined } };
    },
    tasks: { driver: (env) => body(env.task, env) },
    interrupts: { done: { kind, run: (env) => handle(env.irq, env) } },
    mayKeepMappings: true,
  };
}

const STRATEGIES: readonly (() => Strategy)[] = [
  () => exhaustive(),
  () => exhaustive({ sleepSets: false, visited: false }),
];

describe('an interrupt inside the lock of the kmap pool', () => {
  for (const strategy of STRATEGIES)
    for (const [name, handle] of Object.entries({ release, borrow }))
      for (const kind of ['hardirq', 'softirq'] as const)
        it(`spins for it for ever: ${name} in a ${kind}, ${strategy().name} ${String(strategy().leavesOut)}`, () => {
          for (const body of [mapsAndUnmaps, flushes]) {
            const outcome = found(explore(program(body, handle, {}, kind), strategy()));
            expect(outcome.violation.rule).to.equal('deadlock');
            expect(outcome.violation.what).to.match(
              new RegExp(`in ${kind} "done" spins for kmap_lock, held by "driver", which it interrupted$`),
            );
          }
        });

  it('is told by the report and its replay', () => {
    const faulty = program(mapsAndUnmaps, release);
    const outcome = found(explore(faulty));
    const told = explain(faulty, parseSchedule(outcome.schedule));
    expect([told.exact, told.violation?.rule]).to.deep.equal([true, 'deadlock']);
    expect(formatReport(told)).to.include('holds kmap_lock, and goes on only when "done" has ended');
  });

  it('waits outside where the lock keeps interrupts off', () => {
    for (const strategy of STRATEGIES)
      for (const handle of [release, borrow])
        for (const body of [mapsAndUnmaps, flushes]) {
          const outcome = explore(program(body, handle, { kmapHighGet: true }), strategy());
          expect(outcome.kind, JSON.stringify(outcome)).to.equal('exhausted');
        }
  });

  it('is an NMI even there', () => {
    const outcome = found(explore(program(mapsAndUnmaps, release, { kmapHighGet: true }, 'nmi')));
    expect(outcome.violation.what).to.include('in nmi "done" spins for kmap_lock');
  });

  it('does no harm if it leaves the pool alone, comes to another CPU, or is kept out by the caller', () => {
    expect(explore(program(mapsAndUnmaps, onlyLook)).kind).to.equal('exhausted');
    expect(explore(program(keepsIrqsOff, release)).kind).to.equal('exhausted');
    const elsewhere = program(mapsAndUnmaps, release);
    const done = elsewhere.interrupts?.['done'];
    if (done === undefined) throw new Error('it has one');
    expect(explore({ ...elsewhere, interrupts: { done: { ...done, cpu: 1 } } }).kind).to.equal('exhausted');
  });
});
