import { expect } from 'chai';
import { explore } from 'scatterlist/explore';
import type { TaskEnv } from 'scatterlist/explore';
import {
  IoMapping,
  ioMappingMapAtomicWc,
  ioMappingUnmapAtomic,
  kmapAtomic,
  kunmapAtomic,
} from 'scatterlist/machine';
import type { Sleeping } from 'scatterlist/machine';
import { dataRace } from '../../../lib/explore/rules/data-race.ts';
import type { End } from '../../../lib/explore/rules/rule.ts';
import { counter, found } from '../programs.ts';

const races = { dataRaces: true, check: () => true } as const;

describe('data-race', () => {
  it('is two stores with nothing between them, whatever the values', () => {
    const { violation } = found(explore(counter(false, races)));
    expect(violation.rule).to.equal('data-race');
    expect(violation.what).to.match(/"one".*"two"|"two".*"one"/);
    const said = violation.details.map(({ label, text }) => `${label}: ${text}`);
    expect(said[0]).to.match(/^first: (load|store) of byte 0 by "\w+" at programs\.ts:\d+ in step \d$/);
    expect(said[1]).to.match(/^second: (load|store) of byte 0 by "\w+" at programs\.ts:\d+ in step \d$/);
  });

  it('is not there under a lock', () => {
    expect(explore(counter(true, races)).kind).to.equal('exhausted');
  });

  it('is not there between atomic sections of one cpu', () => {
    const program = counter(false, {
      ...races,
      tasks: Object.fromEntries(
        ['one', 'two'].map((name) => [
          name,
          function* ({ task, page }) {
            const m = kmapAtomic(task, page);
            m.store8(0, 1);
            yield;
            kunmapAtomic(task, m);
          },
        ]),
      ),
    });
    expect(explore(program).kind).to.equal('exhausted');
  });

  for (const [preemptRt, kind] of [
    [false, 'exhausted'],
    [true, 'violation'],
  ] as const)
    it(`knows the atomic sections of io_mapping as well, PREEMPT_RT ${String(preemptRt)}`, () => {
      function* store({ task, aperture }: TaskEnv<{ readonly aperture: IoMapping }>): Sleeping<void> {
        const m = ioMappingMapAtomicWc(task, aperture, 0);
        m.store8(0, 1);
        yield;
        ioMappingUnmapAtomic(task, m);
      }
      const outcome = explore<{ readonly aperture: IoMapping }>({
        machine: { cpus: 1, pageSize: 256, preemptRt },
        dataRaces: true,
        setup: (machine) => ({ aperture: new IoMapping(machine, machine.ioRegion(1)[0]!.phys, 256) }),
        tasks: { one: store, two: store },
        check: () => true,
      });
      expect(outcome.kind).to.equal(kind);
    });

  it('is asked for only by programs that say so', () => {
    expect(explore(counter(false, { check: () => true })).kind).to.equal('exhausted');
  });

  // Events as a machine would tell them: who, what, and where in page 64.
  type Told = readonly [by: string, event: string, at?: number | string, cpu?: number];
  const racesIn = (told: readonly Told[], preemptRt = false): boolean => {
    const events = told.map(([name, event, at = 0, cpu = 0]) => {
      const by = { name, cpu };
      if (event === 'load' || event === 'store')
        return { event, by, pfn: 64, serial: 1, offset: at, lengthBytes: 4 };
      const pool = at === 'kmap' ? 'kmap pool' : undefined;
      return { event, by, lock: at, on: at, mechanism: at, pool, isAtomic: at === 'kmap_atomic' };
    });
    const program = { tasks: {}, dataRaces: true };
    const end = { program, events, machine: { config: { preemptRt } } } as unknown as End;
    return dataRace.judge(end) !== undefined;
  };

  it('is two accesses that overlap, one of them a store, by two contexts', () => {
    for (const [a, b, races] of [
      ['load', 'store', true],
      ['store', 'load', true],
      ['store', 'store', true],
      ['load', 'load', false],
    ] as const)
      expect(
        racesIn([
          ['x', a],
          ['y', b],
        ]),
        `${a} ${b}`,
      ).to.equal(races);
    expect(
      racesIn([
        ['x', 'store'],
        ['x', 'store'],
      ]),
    ).to.equal(false);
    for (const [at, races] of [
      [0, false],
      [1, true],
      [4, true],
      [7, true],
      [8, false],
    ] as const)
      expect(
        racesIn([
          ['x', 'store', 4],
          ['y', 'store', at],
        ]),
        String(at),
      ).to.equal(races);
  });

  // What the first gives and the second takes orders them; another thing does not.
  const orders: readonly (readonly [give: Told, take: Told, other: Told])[] = [
    [
      ['x', 'release', 'a'],
      ['y', 'acquire', 'a'],
      ['y', 'acquire', 'b'],
    ],
    [
      ['x', 'irq-exit'],
      ['y', 'irq-enter'],
      ['y', 'irq-enter', 0, 1],
    ],
    [
      ['x', 'unmap', 'kmap_atomic'],
      ['y', 'map', 'kmap_atomic'],
      ['y', 'map', 'kmap_atomic', 1],
    ],
    [
      ['x', 'wake', 'kmap pool'],
      ['y', 'map', 'kmap'],
      ['y', 'map', 'kmap_local'],
    ],
  ];
  for (const [give, take, other] of orders) {
    it(`is not there between ${give.join(' ')} and ${take.join(' ')}`, () => {
      const store = (by: string): Told => [by, 'store'];
      expect(racesIn([store('x'), give, take, store('y')])).to.equal(false);
      expect(racesIn([store('x'), give, other, store('y')])).to.equal(true);
      expect(racesIn([store('x'), take, give, store('y')])).to.equal(true);
      expect(racesIn([store('x'), give, store('x'), take, store('y')]), 'after it').to.equal(true);
      const through: readonly Told[] = [
        ['y', 'release', 'through'],
        ['z', 'acquire', 'through'],
      ];
      expect(racesIn([store('x'), give, take, ...through, store('z')]), 'through a third').to.equal(false);
    });
  }

  it('is there between atomic mappings on PREEMPT_RT, which stay preemptible', () => {
    const told: readonly Told[] = [
      ['x', 'store'],
      ['x', 'unmap', 'kmap_atomic'],
      ['y', 'map', 'kmap_atomic'],
      ['y', 'store'],
    ];
    expect([racesIn(told), racesIn(told, true)]).to.deep.equal([false, true]);
  });

  it('keeps what a second giver did not know', () => {
    expect(
      racesIn([
        ['x', 'store'],
        ['x', 'release', 'a'],
        ['z', 'release', 'a'],
        ['y', 'acquire', 'a'],
        ['y', 'store'],
      ]),
    ).to.equal(false);
  });
});
