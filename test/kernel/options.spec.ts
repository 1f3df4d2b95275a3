/** Options of the machine and of what is around it: unknown names, values and numbers are refused in one line. */
import { expect } from 'chai';
import {
  ConfigError,
  createMachine,
  sgAllocTableFromPages,
  sgCompare,
  sgCopyList,
  sgSetFolio,
} from 'scatterlist';
import { conformance } from 'scatterlist/conformance';
import {
  SpinLock,
  checkDeterminism,
  exhaustive,
  explore,
  formatReport,
  pct,
  preemptionBound,
  random,
} from 'scatterlist/explore';
import { faultInjection, iomemBounce, kmapLocal } from 'scatterlist/backends';
import { BouncePool, Folio, resolveConfig } from 'scatterlist/machine';
import type { MachineConfig } from 'scatterlist/machine';

// What TypeScript would refuse: callers without types are the point.
const untyped = (value: unknown): never => value as never;

const config = resolveConfig({});
const NUMBERS = Object.entries(config).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));
const BOOLEANS = Object.entries(config).flatMap(([name, value]) =>
  typeof value === 'boolean' ? [name] : [],
);
const STRINGS: readonly (keyof MachineConfig)[] = ['mode', 'linux', 'semantics', 'onViolation', 'pkmapFlush'];

const PROGRAM = { tasks: { a: function* () {} } };

describe('options', () => {
  it('of a lock, of a folio in an entry, and of the range of two lists: unknown names are refused', () => {
    const machine = createMachine();
    const backend = kmapLocal(machine.task());
    const page = machine.allocPage({ zone: 'lowmem' });
    const made = sgAllocTableFromPages([page], { size: 4096 });
    if (!made.ok || made.value.sgl === null) throw new Error('no table');
    const { value: table } = made;
    const { sgl } = made.value;
    const wrong = untyped({ lengthBytes: 8, skipFirst: 8 });
    for (const act of [
      () => new SpinLock(machine, 'l', untyped({ Raw: true })),
      () => sgSetFolio(sgl, new Folio(page, 1), 8, 0, untyped({ semantic: 'compatible' })),
      () => sgCopyList(table, table, wrong, backend),
      () => sgCompare(table, table, wrong, backend),
    ])
      expect(act).to.throw(ConfigError, /has no option '(Raw|semantic|skipFirst)'/);
    expect(machine.liveMappings).to.equal(0);
  });

  it('of a machine: every number is whole and in range, -0 is 0', () => {
    expect(NUMBERS).to.have.length(13);
    for (const name of NUMBERS) {
      for (const bad of [-1, 1.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53]) {
        expect(() => createMachine(untyped({ [name]: bad })), `${name} ${String(bad)}`).to.throw(
          ConfigError,
          `is ${String(bad)}; it must be a`,
        );
      }
      for (const bad of ['2', null, {}, true, 2n])
        expect(() => createMachine(untyped({ [name]: bad })), name).to.throw(ConfigError, `${name} is `);
    }
    for (const bad of [-1, 1.5, NaN, 2 ** 53])
      expect(() => createMachine({ gapSections: [bad] })).to.throw(
        ConfigError,
        `is ${String(bad)}; it must be`,
      );
    expect(createMachine({ protectedPages: -0 }).hardware.memory.freePages('protected')).to.equal(0);
  });

  it('of a machine: every name and every value of another type is refused', () => {
    for (const name of BOOLEANS)
      for (const bad of ['yes', 1, null, 0])
        expect(() => createMachine(untyped({ [name]: bad })), name).to.throw(
          ConfigError,
          /^\w+ is .*; it must be true or false$/,
        );
    for (const name of STRINGS)
      for (const bad of ['fast', '', 7, null, {}])
        expect(() => createMachine(untyped({ [name]: bad })), name).to.throw(ConfigError, `${name} is `);
    expect(NUMBERS.length + BOOLEANS.length + STRINGS.length + 1).to.equal(Object.keys(config).length);
    for (const bad of [{ Mode: 'direct' }, { cpu: 1 }, { constructor: 1 }])
      expect(() => createMachine(untyped(bad))).to.throw(ConfigError, /^createMachine has no option/);
    expect(() => createMachine(untyped(null))).to.throw(ConfigError, 'not null');
    expect(() => createMachine({ gapSections: untyped('1') })).to.throw(ConfigError, 'gapSections');
    expect(() => createMachine({ lowmemPages: 2 ** 30, highmemPages: 2 ** 30 })).to.throw(
      ConfigError,
      'the sum of all pages',
    );
  });

  it('of what a machine has', () => {
    const machine = createMachine();
    const task = machine.task();
    const cases: readonly (readonly [act: () => unknown, says: string])[] = [
      [() => machine.task('a', { cpu: 99 }), 'no cpu 99'],
      [() => machine.task('a', { cpu: 0.5 }), 'no cpu 0.5'],
      [() => machine.task('a', untyped({ cpus: 1 })), "task has no option 'cpus'"],
      [() => machine.allocPages(1.5, { zone: 'lowmem' }), 'count of allocPages is 1.5'],
      [() => machine.allocPages(-1, { zone: 'lowmem' }), 'count of allocPages is -1'],
      [() => machine.allocPages(NaN, { zone: 'lowmem', layout: 'scattered' }), 'count of allocPages is NaN'],
      [() => machine.allocPages(2 ** 31, { zone: 'lowmem' }), '2147483648 contiguous lowmem pages asked for'],
      [() => machine.allocPages(2 ** 52, { zone: 'lowmem', layout: 'scattered' }), 'pages asked for'],
      [
        () => machine.allocPages(1, { zone: untyped('himem') }),
        "zone is 'himem'; it must be 'lowmem' or 'highmem'",
      ],
      [() => machine.allocPages(1, { zone: untyped('iomem') }), "zone is 'iomem'"],
      [() => machine.allocPages(1, untyped({})), 'zone is undefined'],
      [() => machine.allocPages(1, { zone: 'lowmem', layout: untyped('random') }), "layout is 'random'"],
      [
        () => machine.allocPages(1, untyped({ zone: 'lowmem', zones: 1 })),
        "allocPages has no option 'zones'",
      ],
      [() => machine.tryAllocPage(untyped('himem')), "zone is 'himem'"],
      [() => machine.ioRegion(NaN), 'pages of an ioRegion is NaN'],
      [() => machine.ioRegion(0), 'pages of an ioRegion is 0'],
      [() => machine.ioRegion(2 ** 31), 'pages of an ioRegion is 2147483648'],
      [() => machine.ioRegion(1, { widths: [untyped(3)] }), 'a width of an ioRegion is 3'],
      [() => machine.ioRegion(1, untyped({ width: [4] })), "ioRegion has no option 'width'"],
      [() => machine.ioRegion(1, { handlers: untyped({ read: 1 }) }), 'handlers.read of an ioRegion is 1'],
      [() => machine.irqEnter(untyped('irq'), 'x'), "the kind of an interrupt is 'irq'"],
      [() => machine.irqEnter('hardirq', 'x', 7), 'no cpu 7'],
      [() => machine.interrupt('hardirq', () => 1, untyped({ CPU: 1 })), "interrupt has no option 'CPU'"],
      [() => createMachine({}, untyped({ tlb: () => 1 })), "parts of createMachine has no option 'tlb'"],
      [
        () => iomemBounce(task, { prefill: untyped('some') }),
        "prefill is 'some'; it must be 'copy' or 'zero' or 'none'",
      ],
      [() => iomemBounce(task, untyped({ fill: 'copy' })), "iomemBounce has no option 'fill'"],
      [() => iomemBounce(task, { pool: new BouncePool(createMachine()) }), 'of another machine'],
      [() => faultInjection(kmapLocal(task), { failAt: 1.5 }), 'failAt is 1.5'],
      [() => faultInjection(kmapLocal(task), untyped({ failat: 1 })), "has no option 'failat'"],
    ];
    for (const [act, says] of cases) expect(act, says).to.throw(ConfigError, says);
    expect(machine.tasks).to.have.length(1);
    expect(machine.hardware.memory.zones).to.have.length(2);
  });

  it('of the explorer and of the conformance suite', () => {
    const cases: readonly (readonly [act: () => unknown, says: string])[] = [
      [() => explore(PROGRAM, exhaustive(), { budget: { steps: NaN } }), 'budget.steps is NaN'],
      [
        () => explore(PROGRAM, exhaustive(), { budget: untyped({ seconds: 1 }) }),
        "budget has no option 'seconds'",
      ],
      [() => explore(PROGRAM, exhaustive(), untyped({ strategy: 1 })), "explore has no option 'strategy'"],
      [() => explore({ ...PROGRAM, maxSteps: 1.5 }), 'maxSteps is 1.5'],
      [() => explore({ ...PROGRAM, starvationBound: -1 }), 'starvationBound is -1'],
      [() => explore(untyped({ ...PROGRAM, task: {} })), "a program has no option 'task'"],
      [
        () =>
          explore({ ...PROGRAM, interrupts: { t: { kind: 'hardirq', run: () => undefined, times: NaN } } }),
        'times of interrupt "t" is NaN',
      ],
      [() => explore({ ...PROGRAM, machine: untyped({ mode: 'fast' }) }), "mode is 'fast'"],
      [() => exhaustive({ preemptions: -1 }), 'preemptions is -1'],
      [() => exhaustive(untyped({ sleepsets: true })), "has no option 'sleepsets'"],
      [() => preemptionBound(1.5), 'preemptions is 1.5'],
      [() => pct({ depth: 0 }), 'depth is 0'],
      [() => pct(untyped({ depht: 1 })), "pct has no option 'depht'"],
      [() => random(untyped({ sed: 1 })), "random has no option 'sed'"],
      [() => formatReport(untyped({}), untyped({ widht: 80 })), "formatReport has no option 'widht'"],
      [() => pct({ seed: NaN }), 'seed is NaN'],
      [() => random({ schedules: -1 }), 'schedules is -1'],
      [() => checkDeterminism(PROGRAM, untyped({ runs: 1 })), "has no option 'runs'"],
      [() => formatReport(untyped({}), { width: NaN }), 'width is NaN'],
      [
        () => {
          conformance(untyped({}), untyped({ backends: kmapLocal }));
        },
        "conformance has no option 'backends'",
      ],
    ];
    for (const [act, says] of cases) expect(act, says).to.throw(ConfigError, says);
  });
});
