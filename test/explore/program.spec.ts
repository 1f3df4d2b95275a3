import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { actorNames, checkProgram } from '../../lib/explore/program.ts';
import { explore } from '../../lib/explore/explore.ts';
import type { Sleeping } from '../../lib/kernel/parts/wait-queue.ts';
import type { Program } from '../../lib/explore/program.ts';

describe('checkProgram', () => {
  const tick = (times: number): Partial<Program> => ({
    interrupts: { tick: { kind: 'hardirq', times, run: () => undefined } },
  });

  it('refuses numbers that no program has', () => {
    for (const [part, says] of [
      [{ maxSteps: 0 }, 'maxSteps is 0'],
      [{ maxSteps: 1.5 }, 'maxSteps is 1.5'],
      [{ starvationBound: -1 }, 'starvationBound is -1'],
      [
        { ...tick(1), interrupts: { tick: { kind: 'hardirq', cpu: 7, run: () => undefined } } },
        'cpu of interrupt "tick" is 7',
      ],
      [tick(-1), 'times of interrupt "tick" is -1'],
      [{ machine: { cpus: 0 } }, 'cpus is 0'],
    ] as const)
      expect(() => {
        checkProgram({ tasks: { *idle() {} }, ...part });
      }, says).to.throw(ConfigError, says);
  });

  it('takes the least of them, and no bound', () => {
    for (const part of [
      { maxSteps: 1 },
      { maxSteps: Infinity },
      { starvationBound: 0 },
      { starvationBound: Infinity },
      tick(0),
      tick(Infinity),
      { interrupts: { tick: { kind: 'hardirq', run: () => undefined } as const } },
    ])
      expect(() => {
        checkProgram({ tasks: { *idle() {} }, ...part });
      }, JSON.stringify(part)).not.to.throw();
  });
});

describe('a program that is none', () => {
  const idle = function* (): Sleeping<void> {};
  const later = async (): Promise<void> => {
    await Promise.resolve();
  };
  const here = (queue: unknown) =>
    function* (): Generator<unknown, void> {
      yield queue;
    };

  // As a caller without types would write them.
  for (const [name, program, says] of [
    ['no task', { tasks: {} }, /at least one task; this one has none/],
    ['no tasks', {}, /at least one task/],
    ['an unknown machine option', { machine: { cpu: 2 }, tasks: { idle } }, /no option 'cpu'/],
    ['a machine option of another type', { machine: { highmem: 1 }, tasks: { idle } }, /highmem is 1/],
    ['a task that is null', { tasks: { a: null } }, /task "a" takes an object .* null/],
    ['a task that is a number', { tasks: { a: 5 } }, /task "a" .* 5/],
    ['a task without run', { tasks: { a: {} } }, /run of task "a" is undefined/],
    [
      'a task with an unknown option',
      { tasks: { a: { run: idle, cpus: 1 } } },
      /task "a" has no option 'cpus'/,
    ],
    [
      'a plain task',
      { tasks: { a: () => undefined } },
      /task "a" is no generator function: it returned undefined/,
    ],
    ['a plain task with a result', { tasks: { a: { run: () => 5 } } }, /task "a" is no generator .* number/],
    ['a plain device', { tasks: { idle }, devices: { nic: () => 1 } }, /device "nic" is no generator/],
    ['an async task', { tasks: { a: later } }, /task "a" is an async function/],
    ['an async generator', { tasks: { async *a() {} } }, /task "a" is an async function/],
    [
      'a task that returns a promise',
      { tasks: { a: () => Promise.resolve() } },
      /task "a" returned a promise/,
    ],
    ['an async check', { tasks: { idle }, check: later }, /check is an async function/],
    [
      'a check that returns a promise',
      { tasks: { idle }, check: () => Promise.resolve(true) },
      /check returned a/,
    ],
    ['an async setup', { tasks: { idle }, setup: later }, /setup is an async function/],
    [
      'a setup that returns a promise',
      { tasks: { idle }, setup: () => Promise.resolve({}) },
      /setup returned a p/,
    ],
    ['a setup that returns a number', { tasks: { idle }, setup: () => 5 }, /setup returned number/],
    ['a step that is a number', { tasks: { a: here(5) } }, /"a" yields 5, which is no step/],
    ['a step that is null', { tasks: { a: here(null) } }, /"a" yields null/],
    [
      'a step that is a generator',
      { tasks: { a: here(idle()) } },
      /"a" yields a generator \(write yield\*\)/,
    ],
    ['a step without a queue', { tasks: { a: here({ sleepOn: 1 }) } }, /"a" yields an object/],
    ['a step of a device', { tasks: { idle }, devices: { nic: here(5) } }, /"nic" yields 5/],
    [
      'an unknown kind',
      irq({ kind: 'soft', run: idle }),
      /kind is 'soft'; it must be 'softirq' or 'hardirq'/,
    ],
    ['no kind', irq({ run: idle }), /kind of interrupt "i" is undefined/],
    ['an interrupt without a handler', irq({ kind: 'nmi' }), /run of interrupt "i" is undefined/],
    ['an unknown option of an interrupt', irq({ kind: 'nmi', run: idle, time: 2 }), /has no option 'time'/],
    ['an async handler', irq({ kind: 'nmi', run: later }), /interrupt "i" is an async function/],
    [
      'a handler with a promise',
      irq({ kind: 'nmi', run: () => Promise.resolve() }),
      /"i" returned a promise/,
    ],
    [
      'a handler with an object',
      irq({ kind: 'nmi', run: () => ({}) }),
      /interrupt "i" is no generator function/,
    ],
    ['a step of a handler', irq({ kind: 'hardirq', run: here(5) }), /interrupt "i" yields 5/],
    ['a threaded handler', rt({ kind: 'hardirq', run: here(5) }), /"irq\/i" yields 5/],
    ['a threaded promise', rt({ kind: 'hardirq', run: () => Promise.resolve() }), /"i" returned a promise/],
    ['an async condition', irq({ kind: 'nmi', when: later, run: idle }), /when of interrupt "i" is/],
    [
      'a promised condition',
      irq({ kind: 'nmi', when: () => Promise.resolve(true), run: idle }),
      /returned a/,
    ],
  ] as const) {
    it(`is refused in one line: ${name}`, () => {
      expect(() => explore(program as unknown as Program)).to.throw(ConfigError, says);
      expect(() => explore(program as unknown as Program)).to.throw(/^.*$/);
    });
  }

  function irq(spec: object): object {
    return { tasks: { idle }, interrupts: { i: spec } };
  }

  function rt(spec: object): object {
    return { ...irq(spec), machine: { preemptRt: true } };
  }

  it('may have interrupts only', () => {
    expect(explore({ tasks: {}, interrupts: { i: { kind: 'nmi', run: () => undefined } } }).kind).to.equal(
      'exhausted',
    );
  });
});

describe('actorNames', () => {
  it('numbers tasks, then interrupts, then devices', () => {
    expect(actorNames({ devices: { nic: 1 }, tasks: { a: 1, b: 1 }, interrupts: { rx: 1 } })).to.deep.equal([
      'a',
      'b',
      'rx',
      'nic',
    ]);
  });
});
