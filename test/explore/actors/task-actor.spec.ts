import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import type { Machine, Task } from 'scatterlist';
import { SpinLock, explain, explore, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue, preemptDisable } from 'scatterlist/machine';
import { onMachine } from '../programs.ts';
import { Hash } from '../../../lib/base/hash.ts';
import type { Cpu } from '../../../lib/machine/cpu.ts';
import { onCpu } from '../../../lib/explore/choice.ts';
import { TaskActor } from '../../../lib/explore/actors/task-actor.ts';
import { found } from '../programs.ts';

describe('TaskActor', () => {
  it('reports a sleep in an atomic section', () => {
    const outcome = explore({
      setup: () => ({ queue: new WaitQueue('q') }),
      tasks: {
        *one({ task, queue }) {
          preemptDisable(task);
          queue.add(task);
          yield { sleepOn: queue };
        },
      },
    });
    expect(found(outcome).violation.rule).to.equal('sleep-in-atomic');
  });

  const woken = (starvationBound: number): Program<{ queue: WaitQueue }> => ({
    starvationBound,
    setup: () => ({ queue: new WaitQueue('q') }),
    tasks: {
      *starved({ task, queue }) {
        for (let i = 0; i < 4; i += 1) {
          queue.add(task);
          yield { sleepOn: queue };
          queue.remove(task);
        }
      },
      *noisy({ queue }) {
        for (let i = 0; i < 4; i += 1) {
          queue.wakeAll();
          yield;
        }
      },
    },
  });

  it('bounds how often a task may be woken in vain', () => {
    const schedule = parseSchedule('0.1.0.1.0.1.0.1.0.1');
    const told = explain(woken(2), schedule);
    expect(told.violation?.rule).to.equal('starvation');
    expect(told.violation?.what).to.include('woken 3 times').and.to.include('the bound is 2');
    expect(told.steps).to.have.length(7);
    expect(explain(woken(3), schedule).violation).to.equal(undefined);
  });

  it('tells starvation from a lost wake-up', () => {
    expect(explain(woken(3), parseSchedule('1.1.1.1.1.0')).violation?.rule).to.equal('lost-wakeup');
  });

  it('is another state when it has ended', () => {
    const stage = {
      ...onMachine(createMachine()),
      program: { tasks: {} },
      shared: {},
      softirqFirst: () => false,
    };
    const keys = [
      function* () {
        yield;
      },
      function* () {
        // Ends at once.
      },
    ].map((run, i) => {
      const actor = new TaskActor(i, `t${String(i)}`, stage, { run });
      actor.act(i);
      const hash = new Hash();
      actor.addTo(hash);
      const choices: number[] = [];
      actor.addChoices(choices);
      return [hash.value, choices.length];
    });
    expect(keys.map(([, choices]) => choices)).to.deep.equal([1, 0]);
    expect(keys[0]?.[0]).to.not.equal(keys[1]?.[0]);
  });

  // What holds a task, or a CPU, and where the task may go on then: 0 is its own CPU, 1 the other one.
  const holds: readonly (readonly [
    what: string,
    hold: (machine: Machine, task: Task, other: Task) => void,
    goes: readonly number[],
  ])[] = [
    ['nothing', () => undefined, [0, 1]],
    ['migration disabled', (_, task) => (task.migrateDisabled += 1), [0]],
    ['preemption disabled', (_, task) => (task.preemptCount += 1), [0]],
    ['a sleep', (_, task) => (task.asleepOn = new WaitQueue('q')), []],
    ['interrupts off on its CPU', (machine) => (machine.hardware.cpu(0).irqsDisabled = true), [0]],
    ['a softirq on its CPU', (machine) => (machine.hardware.cpu(0).softirqDepth += 1), [0]],
    ['interrupts off on the other CPU', (machine) => (machine.hardware.cpu(1).irqsDisabled = true), [0]],
    ['a softirq on the other CPU', (machine) => (machine.hardware.cpu(1).softirqDepth += 1), [0]],
    ['a task there that cannot be preempted', (_, __, other) => (other.preemptCount += 1), [0]],
    [
      'a task there that cannot be preempted, but sleeps',
      (_, __, other) => {
        other.preemptCount += 1;
        other.asleepOn = new WaitQueue('q');
      },
      [0, 1],
    ],
    [
      'a task there that cannot be preempted, and spins',
      (machine, __, other) => {
        other.preemptCount += 1;
        other.asleepOn = new SpinLock(machine, 'lock').queue;
      },
      [0],
    ],
    ['a hard interrupt on the other CPU', (machine) => machine.irqEnter('hardirq', 'irq', 1), [0]],
    ['a hard interrupt on its CPU', (machine) => machine.irqEnter('hardirq', 'irq', 0), []],
  ];
  for (const [what, hold, goes] of holds)
    for (const migrate of [true, false])
      it(`goes on where it may: ${what}, ${migrate ? 'with' : 'without'} migration`, () => {
        const machine = createMachine({ cpus: 2 });
        const stage = {
          ...onMachine(machine),
          program: { tasks: {}, migrate },
          shared: {},
          softirqFirst: () => false,
        };
        const actor = new TaskActor(5, 'task', stage, { *run() {} });
        const other = machine.task('other', { cpu: 1 });
        machine.enter(other);
        machine.enter(actor.task);
        hold(machine, actor.task, other);
        const choices: number[] = [];
        actor.addChoices(choices);
        const expected = migrate ? goes : goes.filter((cpu) => cpu === 0);
        expect(choices).to.deep.equal(expected.map((cpu) => (cpu === 0 ? 5 : onCpu(5, cpu))));
      });

  it('waits on a CPU where a softirq must run first', () => {
    const machine = createMachine({ cpus: 2 });
    const stage = {
      ...onMachine(machine),
      program: { tasks: {}, migrate: true },
      shared: {},
      softirqFirst: ({ id }: Cpu) => id === 0,
    };
    const choices: number[] = [];
    new TaskActor(5, 'task', stage, { *run() {} }).addChoices(choices);
    expect(choices).to.deep.equal([onCpu(5, 1)]);
  });

  it('keeps what its body returned, and takes no step after its end', () => {
    const stage = {
      ...onMachine(createMachine()),
      program: { tasks: {} },
      shared: {},
      softirqFirst: () => false,
    };
    const actor = new TaskActor(0, 'task', stage, {
      *run() {
        yield;
        return 7;
      },
    });
    actor.act(0);
    expect([actor.done, actor.result, actor.task.exited]).to.deep.equal([false, undefined, false]);
    actor.act(0);
    expect([actor.done, actor.result, actor.task.exited]).to.deep.equal([true, 7, true]);
  });

  it('refuses to sleep on a queue that it has not joined, which would be no sleep', () => {
    const program = (
      joins: boolean,
    ): Program<{ queue: WaitQueue; other: WaitQueue; s: { ready: boolean } }> => ({
      machine: { cpus: 2 },
      setup: () => ({ queue: new WaitQueue('q'), other: new WaitQueue('other'), s: { ready: false } }),
      tasks: {
        *sleeper({ task, queue, other, s }) {
          if (s.ready) return;
          (joins ? queue : other).add(task);
          yield { sleepOn: queue };
          queue.remove(task);
        },
        waker: {
          cpu: 1,
          *run({ queue, s }) {
            s.ready = true;
            queue.wakeAll();
            yield;
          },
        },
      },
    });
    expect(explore(program(true)).kind).to.equal('exhausted');
    expect(() => explore(program(false))).to.throw(
      ConfigError,
      '"sleeper" yields { sleepOn: q } and is not on that queue; call q.add(task) before, or use waitEvent',
    );
  });
});
