import { expect } from 'chai';
import fc from 'fast-check';
import { exhaustive, explore } from 'scatterlist/explore';
import type { ExhaustiveOptions } from 'scatterlist/explore';
import { poolProgram, poolShapes } from './pool-programs.ts';
import type { PoolShape } from './pool-programs.ts';
import { createMachine } from 'scatterlist';
import { WaitQueue, kmap, kmapLocalPage, kunmapLocal, preemptDisable, runAlone } from 'scatterlist/machine';
import type { Machine, MachineOptions } from 'scatterlist/machine';
import { Hash } from '../../lib/base/hash.ts';
import { resolveConfig } from '../../lib/machine/config.ts';
import { Observer, Resources } from '../../lib/explore/observer.ts';
import { addMachine, followsPlaces, followsSlots } from '../../lib/explore/state-key.ts';

function key(
  work: (machine: Machine) => void,
  { followSlots = true, ...options }: MachineOptions & { readonly followSlots?: boolean } = {},
): number {
  const machine = createMachine({ pageSize: 256, callSites: false, ...options });
  const observer = new Observer(machine, new Resources(), false, followSlots);
  machine.hardware.trace = observer;
  machine.task('a');
  const page = machine.allocPage({ zone: 'highmem' });
  const keep = kmapLocalPage(machine.task('b'), page);
  keep.store8(1, 1);
  work(machine);
  const hash = new Hash();
  addMachine(hash, machine, observer);
  return hash.value;
}

/** Larger trees are not compared. */
const MOST = 250;

describe('state key of a machine', () => {
  const [nothing, counts, memory, maps, frames] = [
    () => undefined,
    (m: Machine) => {
      preemptDisable(m.tasks[0]!);
    },
    (m: Machine) => {
      [...m.live][0]!.store8(0, 1);
    },
    (m: Machine) => {
      kmapLocalPage(m.tasks[1]!, [...m.live][0]!.page);
    },
    (m: Machine) => {
      m.allocPage({ zone: 'lowmem' });
    },
  ];

  it('tells states apart', () => {
    const keys = [nothing, counts, memory, maps, frames].map((work) => key(work));
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('is the same for the same state, whatever it cost to get there', () => {
    expect(key(nothing)).to.equal(key(nothing));
    const thereAndBack = key((m) => {
      const task = m.tasks[1]!;
      kunmapLocal(task, kmapLocalPage(task, [...m.live][0]!.page));
    });
    expect(thereAndBack).to.equal(key(nothing));
  });

  it('follows places in the kmap pool only where something but an address tells them apart', () => {
    expect(followsPlaces({ tasks: {} }, resolveConfig({}))).to.equal(false);
    expect(followsPlaces({ tasks: {} }, resolveConfig({ pkmapSlots: 4, dcacheColours: 0 }))).to.equal(false);
    for (const machine of [
      { semantics: 'compatible' },
      { dcacheColours: 2 },
      { pkmapColours: 2 },
      { kmapHighGet: true },
    ] as const)
      expect(followsPlaces({ tasks: {} }, resolveConfig(machine)), JSON.stringify(machine)).to.equal(true);
    expect(followsPlaces({ tasks: {}, allow: ['unmap-order'] }, resolveConfig({}))).to.equal(true);
    expect(followsPlaces({ tasks: {}, parts: {} }, resolveConfig({}))).to.equal(true);
  });

  it('follows slots only where a switch could show', () => {
    expect(followsSlots({ tasks: {} })).to.equal(false);
    expect(followsSlots({ tasks: {}, allow: ['unmap-order'] })).to.equal(true);
    expect(followsSlots({ tasks: {}, interrupts: { i: { kind: 'nmi', run: () => undefined } } })).to.equal(
      true,
    );
  });
});

describe('each part of the state makes a difference', () => {
  const parts: Readonly<Record<string, (machine: Machine) => void>> = {
    'the CPU of a task': (m) => {
      m.migrate(m.tasks[0]!, 1);
    },
    'preemption disabled': (m) => {
      m.tasks[0]!.preemptCount += 1;
    },
    'page faults disabled': (m) => {
      m.tasks[0]!.pagefaultDisabled += 1;
    },
    'migration disabled': (m) => {
      m.tasks[0]!.migrateDisabled += 1;
    },
    'a key held': (m) => {
      m.tasks[0]!.keyGrants += 1;
    },
    'an exit': (m) => {
      m.tasks[0]!.exited = true;
    },
    'a task asleep on a queue': (m) => {
      m.tasks[0]!.asleepOn = new WaitQueue('one');
    },
    'a task asleep on another queue': (m) => {
      m.tasks[0]!.asleepOn = new WaitQueue('two');
    },
    'a local map more': (m) => {
      m.tasks[1]!.localMaps.idx += 1;
    },
    'another page in a local map': (m) => {
      m.tasks[1]!.localMaps.entries[0] = 99;
    },
    'a hard interrupt': (m) => {
      m.hardware.cpus[1]!.hardirqDepth += 1;
    },
    'a softirq': (m) => {
      m.hardware.cpus[1]!.softirqDepth += 1;
    },
    'an NMI': (m) => {
      m.hardware.cpus[1]!.nmiDepth += 1;
    },
    'interrupts off': (m) => {
      m.hardware.cpus[1]!.irqsDisabled = true;
    },
    'a translation kept': (m) => {
      m.hardware.cpus[1]!.tlb.fill(m.hardware.addresses.local(0), 7);
    },
    'an entry of the page table': (m) => {
      m.hardware.pageTable.local.set(3, 7);
    },
    'a use of the pool': (m) => {
      void runAlone(m.tasks[0]!, kmap(m.tasks[0]!, m.allocPage({ zone: 'highmem' })));
    },
    'a page that was freed while it is mapped': (m) => {
      m.freePage([...m.live][0]!.page);
    },
  };

  const keys = new Map(
    [['as it was', () => undefined] as const, ...Object.entries(parts)].map(([name, work]) => [
      name,
      key(work, { cpus: 2, onViolation: 'record' }),
    ]),
  );

  for (const name of Object.keys(parts)) {
    it(name, () => {
      const same = [...keys].filter(([other, value]) => other !== name && value === keys.get(name));
      expect(same.map(([other]) => other)).to.deep.equal([]);
    });
  }

  it('but the slots of a program whose switches are free make none', () => {
    const free = { followSlots: false, cpus: 2 };
    const [plain, set, kept] = [
      () => undefined,
      parts['an entry of the page table']!,
      parts['a translation kept']!,
    ].map((work) => key(work, free));
    expect([set, kept]).to.deep.equal([plain, plain]);
  });

  it('nor does it matter which task was last on a CPU, unless the next switch costs something', () => {
    const last = (work: (machine: Machine) => void, options = {}): readonly number[] =>
      [0, 1].map((which) =>
        key(
          (m) => {
            m.enter(m.tasks[which]!);
            work(m);
          },
          { followSlots: false, ...options },
        ),
      );
    const differs = ([one, two]: readonly number[]): boolean => one !== two;
    expect(differs(last(() => undefined))).to.equal(false);
    expect(differs(last(() => undefined, { followSlots: true }))).to.equal(true);
    for (const work of [
      (m: Machine) => (m.hardware.cpus[0]!.softirqDepth += 1),
      (m: Machine) => (m.hardware.cpus[0]!.irqsDisabled = true),
      (m: Machine) => m.tasks.map((task) => (task.preemptCount += 1)),
    ]) {
      expect(differs(last(work))).to.equal(true);
    }
  });
});

describe('a state without places in the kmap pool', () => {
  const reach = (shape: PoolShape, options: ExhaustiveOptions): readonly [readonly string[], number] => {
    const found = new Set<string>();
    const { counts } = explore(poolProgram(shape, found), exhaustive(options), {
      budget: { schedules: MOST },
      shrink: false,
      onSchedule: ({ violation }) => {
        if (violation !== undefined) found.add(`${violation.rule} by ${violation.context?.name ?? '-'}`);
        return true;
      },
    });
    return [[...found].sort(), counts.schedules < MOST ? counts.steps : Infinity];
  };

  it('leads to the ends and violations that brute force reaches, with a pool of any size', () => {
    let compared = 0;
    fc.assert(
      fc.property(poolShapes, (shape) => {
        const [ends, steps] = reach(shape, { sleepSets: false, visited: false });
        if (steps === Infinity) return;
        compared += 1;
        for (const options of [{}, { races: false }, { sleepSets: false }])
          expect(reach(shape, options)[0], JSON.stringify(options)).to.deep.equal(ends);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 40), seed: Number(process.env['SEED'] ?? 3) },
    );
    expect(compared).to.be.greaterThan(20);
  });

  it('depends on a pass that found no slot to free', () => {
    const tasks = [
      [{ do: 'map', page: 0 } as const, { do: 'recycle' } as const],
      [{ do: 'recycle' } as const],
      [{ do: 'map', page: 0 } as const, { do: 'drop', page: 0 } as const],
    ];
    const shape = { slots: 4, pages: 1, tasks, looks: true };
    expect(reach(shape, {})[0]).to.deep.equal(reach(shape, { sleepSets: false, visited: false })[0]);
  });

  it('is one state for maps made in any order, unless the program looks at addresses', () => {
    const map = { do: 'map' } as const;
    const statesOf = (looks: boolean): number => {
      const tasks = [0, 1, 2].map((page) => [{ ...map, page }]);
      const program = poolProgram({ slots: 4, pages: 3, tasks, looks }, new Set());
      return explore(program, exhaustive({ races: false })).counts.states;
    };
    expect(statesOf(false)).to.be.lessThan(statesOf(true) / 2);
  });
});
