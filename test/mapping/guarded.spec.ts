import { expect } from 'chai';
import {
  SgMiter,
  createMachine,
  err,
  ok,
  runAlone,
  sgAllocTableFromPages,
  sgMap,
  sgMapWait,
  sgUnmap,
} from 'scatterlist';
import type { Context, Contract, Machine, MachineOptions, MapBackend, Mapping, SgTable } from 'scatterlist';
import { closeDirect, kunmap, kunmapLocal, mapLocal, openDirect, tryMapPool } from 'scatterlist/backend';
import {
  KMAP,
  KMAP_LOCAL,
  PAGE_ADDRESS,
  faultInjection,
  kmapLocal,
  pageAddress,
  recorder,
} from 'scatterlist/backends';
import { guarded } from '../../lib/mapping/guarded.ts';
import { violationOf } from '../kernel/violations.ts';

type Functions = Pick<MapBackend, 'map' | 'unmap'>;

function backendOf(context: Context, contract: Contract, { map, unmap }: Functions): MapBackend {
  return {
    contract,
    context,
    map,
    *mapWait(page, offset, length) {
      return map(page, offset, length);
    },
    unmap,
    release: unmap,
  };
}

const over = (contract: Contract, scope: Contract['scope']): Contract => ({ ...contract, scope });

const local = (context: Context): Functions => ({
  map: (page, offset, length) => ok(mapLocal(context, page, offset, length)),
  unmap: (mapping) => kunmapLocal(context, mapping),
});

const pooled = (context: Context): Functions => ({
  map: (page, offset, length) => {
    const window = tryMapPool(context, page, offset, length);
    return window === undefined ? err({ code: 'NoSlots', slots: 0, waiting: 0 }) : ok(window);
  },
  unmap: (mapping) => kunmap(context, mapping),
});

const direct = (context: Context): Functions => ({
  map: (page, offset, length) => ok(openDirect(context, page, offset, length)!),
  unmap: (mapping) => {
    closeDirect(context, mapping);
  },
});

/** Backends that are no more than an object; what their own functions would report is less than their contract says. */
const HAND_WRITTEN: Readonly<Record<string, (context: Context) => MapBackend>> = {
  'of a task, by kmap_local': (c) => backendOf(c, KMAP_LOCAL, local(c)),
  'of a task, over the pool': (c) => backendOf(c, over(KMAP, 'task'), pooled(c)),
  'of a CPU, over permanent addresses': (c) => backendOf(c, over(PAGE_ADDRESS, 'cpu'), direct(c)),
  'of a task for this kind of memory': (c) =>
    backendOf(
      c,
      { ...PAGE_ADDRESS, except: { lowmem: { scope: 'task', nesting: PAGE_ADDRESS.nesting } } },
      direct(c),
    ),
  'of all, in tasks': (c) => backendOf(c, { ...PAGE_ADDRESS, contexts: ['task'] }, direct(c)),
  'of all, anywhere': (c) => backendOf(c, PAGE_ADDRESS, direct(c)),
  'of a task, in an object with tokens': (c) => ({
    ...backendOf(c, KMAP_LOCAL, local(c)),
    tokens: kmapLocal(c).tokens,
  }),
};

type Scope = 'task' | 'cpu' | 'tasks' | 'all';
const SCOPES: readonly Scope[] = ['task', 'task', 'cpu', 'task', 'tasks', 'all', 'task'];

/** Where another context executes, and what a release there breaks. */
const PLACES: Readonly<
  Record<string, { run: (machine: Machine, act: () => void) => void; breaks: Record<Scope, string> }>
> = {
  'another task': {
    run: (machine, act) => {
      machine.enter(machine.task('other'));
      act();
    },
    breaks: { task: 'wrong-task', cpu: 'none', tasks: 'none', all: 'none' },
  },
  'a task on another CPU': {
    run: (machine, act) => {
      machine.enter(machine.task('far', { cpu: 1 }));
      act();
    },
    breaks: { task: 'wrong-cpu', cpu: 'wrong-cpu', tasks: 'none', all: 'none' },
  },
  'a softirq': {
    run: (machine, act) => {
      machine.interrupt('softirq', act);
    },
    breaks: { task: 'wrong-task', cpu: 'none', tasks: 'sleep-in-atomic', all: 'none' },
  },
  'a hardirq': {
    run: (machine, act) => {
      machine.interrupt('hardirq', act);
    },
    breaks: { task: 'wrong-task', cpu: 'none', tasks: 'sleep-in-atomic', all: 'none' },
  },
  'a hardirq on another CPU': {
    run: (machine, act) => {
      machine.interrupt('hardirq', act, { cpu: 1 });
    },
    breaks: { task: 'wrong-cpu', cpu: 'wrong-cpu', tasks: 'sleep-in-atomic', all: 'none' },
  },
};

function mapped(result: { readonly ok: true; readonly value: Mapping } | { readonly ok: false }): Mapping {
  if (!result.ok) throw new Error('not mapped');
  return result.value;
}

/** Every way to release that names no context: what each returns releases what it mapped. */
const RELEASES: Readonly<Record<string, (table: SgTable, backend: MapBackend, task: Context) => () => void>> =
  {
    sgUnmap: (table, backend) => {
      const mapping = mapped(sgMap(table.sgl!, 0, backend));
      return () => {
        sgUnmap(mapping);
      };
    },
    'sgUnmap after sgMapWait': (table, backend, task) => {
      const mapping = mapped(runAlone(task, sgMapWait(table.sgl!, 0, backend)));
      return () => {
        sgUnmap(mapping);
      };
    },
    using: (table, backend) => {
      const mapping = mapped(sgMap(table.sgl!, 0, backend));
      return () => {
        mapping[Symbol.dispose]();
      };
    },
    'SgMiter.stop': (table, backend) => {
      const it = new SgMiter(table, backend, 'fromSg');
      void it.next();
      return () => {
        it.stop();
      };
    },
    'SgMiter.next': (table, backend) => {
      const it = new SgMiter(table, backend, 'fromSg');
      void it.next();
      return () => {
        void it.next();
      };
    },
    'SgMiter.nextWait': (table, backend, task) => {
      const it = new SgMiter(table, backend, 'fromSg');
      void runAlone(task, it.nextWait());
      return () => {
        it.nextWait().next();
      };
    },
    'SgMiter.skip': (table, backend) => {
      const it = new SgMiter(table, backend, 'fromSg');
      void it.next();
      return () => {
        it.skip(8);
      };
    },
  };

function tableOn(machine: Machine): SgTable {
  const made = sgAllocTableFromPages([machine.allocPage({ zone: 'lowmem' })], { size: 64 });
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

describe('a backend that is an object written by hand', () => {
  for (const mode of ['checked', 'direct'] as const) {
    for (const [i, [name, make]] of Object.entries(HAND_WRITTEN).entries()) {
      const scope = SCOPES[i]!;
      for (const [title, hold] of Object.entries(RELEASES)) {
        for (const [where, { run, breaks }] of Object.entries(PLACES)) {
          it(`${name}: ${title} by ${where} is ${breaks[scope]}, ${mode}`, () => {
            const machine = createMachine({ mode, cpus: 2 });
            const task = machine.task('driver');
            const release = hold(tableOn(machine), make(task), task);
            run(machine, () => {
              const { executing } = machine;
              expect(violationOf(release)).to.equal(breaks[scope]);
              expect(machine.executing, 'who executes').to.equal(executing);
            });
            const isHeld = breaks[scope] !== 'none';
            expect(machine.liveMappings).to.equal(isHeld ? 1 : 0);
            machine.enter(task);
            if (isHeld) release();
            expect(machine.liveMappings).to.equal(0);
          });
        }
      }
    }
  }

  it('is guarded through a recorder and through fault injection, too', () => {
    for (const wrap of [recorder, (inner: MapBackend) => faultInjection(inner, {})]) {
      const machine = createMachine();
      const task = machine.task('driver');
      const backend = wrap(backendOf(task, over(KMAP, 'task'), pooled(task)));
      const mapping = mapped(sgMap(tableOn(machine).sgl!, 0, backend));
      machine.enter(machine.task('other'));
      expect(
        violationOf(() => {
          sgUnmap(mapping);
        }),
      ).to.equal('wrong-task');
      expect(mapping.live).to.equal(true);
    }
  });

  it('keeps its mapping with the owner on a machine that records, and says who released what', () => {
    const machine = createMachine({ onViolation: 'record' });
    const task = machine.task('driver');
    const mapping = mapped(sgMap(tableOn(machine).sgl!, 0, backendOf(task, KMAP_LOCAL, local(task))));
    machine.enter(machine.task('other'));
    sgUnmap(mapping);
    expect(machine.violations.map(({ rule, what }) => [rule, what])).to.deep.equal([
      ['wrong-task', 'release by task "other" of a mapping that belongs to "driver"'],
    ]);
    expect(mapping.live).to.equal(true);
  });

  it('releases in the executing context on a compatible machine, as Linux does', () => {
    const options: MachineOptions = { semantics: 'compatible', onViolation: 'record' };
    const rules = [false, true].map((byHand) => {
      const machine = createMachine(options);
      const task = machine.task('driver');
      const backend = byHand ? backendOf(task, KMAP_LOCAL, local(task)) : kmapLocal(task);
      const mapping = mapped(sgMap(tableOn(machine).sgl!, 0, backend));
      const other = machine.task('other');
      machine.enter(other);
      sgUnmap(mapping);
      expect(machine.executing).to.equal(other);
      return [mapping.live, ...machine.violations.map(({ rule }) => rule)];
    });
    expect(rules[0]).to.deep.equal([false, 'wrong-task']);
    expect(rules[1]).to.deep.equal(rules[0]);
  });
});

describe('guarded', () => {
  it('leaves a backend of defineBackend as it is, and guards any other', () => {
    const task = createMachine().task();
    const made = pageAddress(task);
    expect(guarded(made)).to.equal(made);
    const mine = backendOf(task, PAGE_ADDRESS, direct(task));
    expect(guarded(mine)).to.not.equal(mine);
    // The fields are copied, and with them what the class promises of its functions would not be.
    const copied = { ...made, release: made.unmap };
    expect(guarded(copied)).to.not.equal(copied);
  });
});
