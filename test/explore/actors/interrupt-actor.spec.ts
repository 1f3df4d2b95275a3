import { expect } from 'chai';
import { SpinLock, exhaustive, explain, explore, parseSchedule } from 'scatterlist/explore';
import type { InterruptSpec, Program, Strategy } from 'scatterlist/explore';
import { WaitQueue, kmapLocalPage, kunmapLocal, localIrqDisable, localIrqEnable } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import { createMachine } from 'scatterlist';
import { onMachine } from '../programs.ts';
import { Hash } from '../../../lib/base/hash.ts';
import type { Stage } from '../../../lib/explore/actor.ts';
import { InterruptActor } from '../../../lib/explore/actors/interrupt-actor.ts';
import type { Cpu } from '../../../lib/machine/cpu.ts';
import { onCpu } from '../../../lib/explore/choice.ts';
import { found } from '../programs.ts';

function stageOf(): Stage {
  return {
    ...onMachine(createMachine({ cpus: 2 })),
    program: { tasks: {} },
    shared: {},
    softirqFirst: () => false,
  };
}

describe('InterruptActor', () => {
  it('reports an interrupt that sleeps', () => {
    const outcome = explore({
      setup: () => ({ queue: new WaitQueue('q') }),
      tasks: { *idle() {} },
      interrupts: {
        irq: {
          kind: 'softirq',
          *run({ queue }) {
            yield { sleepOn: queue };
          },
        },
      },
    });
    expect(found(outcome).violation.rule).to.equal('sleep-in-atomic');
  });

  const spin = (irqOff: boolean): Program<{ lock: SpinLock }> => ({
    setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
    tasks: {
      *one({ task, lock }) {
        yield* irqOff ? lock.lockIrq(task) : lock.lock(task);
        yield;
        if (irqOff) lock.unlockIrq(task);
        else lock.unlock(task);
      },
    },
    interrupts: {
      irq: {
        kind: 'hardirq',
        *run({ irq, lock }) {
          yield* lock.lock(irq);
          lock.unlock(irq);
        },
      },
    },
  });

  it('finds the spinlock that an interrupt takes from the task it interrupted', () => {
    const { violation } = found(explore(spin(false)));
    expect([violation.rule, violation.context?.name, violation.what]).to.deep.equal([
      'deadlock',
      'irq',
      'hardirq "irq" spins for lock, held by "one", which it interrupted',
    ]);
    expect(explore(spin(true)).kind).to.equal('exhausted');
  });

  it('finds the spinlock that a handler takes from a handler below it, or from itself', () => {
    const nested = found(
      explore<{ lock: SpinLock }>({
        setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
        tasks: { *idle() {} },
        interrupts: {
          soft: {
            kind: 'softirq',
            *run({ irq, lock }) {
              yield* lock.lock(irq);
              yield;
              lock.unlock(irq);
            },
          },
          hard: {
            kind: 'hardirq',
            *run({ irq, lock }) {
              yield* lock.lock(irq);
              lock.unlock(irq);
            },
          },
        },
      }),
    );
    expect(nested.violation.what).to.equal(
      'hardirq "hard" spins for lock, held by "soft", which it interrupted',
    );
    const twice = found(
      explore<{ lock: SpinLock }>({
        setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
        tasks: { *idle() {} },
        interrupts: {
          irq: {
            kind: 'hardirq',
            *run({ irq, lock }) {
              yield* lock.lock(irq);
              yield* lock.lock(irq);
            },
          },
        },
      }),
    );
    expect(twice.violation.what).to.equal('hardirq "irq" spins for lock, which it holds itself');
  });

  const atMarkedPoint = (holderCpu: number): Program<{ lock: SpinLock; page: Page }> => ({
    machine: { cpus: 2 },
    setup: (machine) => ({
      lock: new SpinLock(machine, 'lock'),
      page: machine.allocPage({ zone: 'highmem' }),
    }),
    tasks: {
      *mapper({ task, page, lock }) {
        if (holderCpu === 0) yield* lock.lock(task);
        kunmapLocal(task, kmapLocalPage(task, page));
        if (holderCpu === 0) lock.unlock(task);
      },
      other: {
        cpu: 1,
        *run({ task, lock }) {
          if (holderCpu === 0) return;
          yield* lock.lockIrq(task);
          yield;
          lock.unlockIrq(task);
        },
      },
    },
    interrupts: {
      irq: {
        kind: 'hardirq',
        *run({ irq, lock }) {
          yield* lock.lock(irq);
          lock.unlock(irq);
        },
      },
    },
  });

  it('finds it at a marked point inside a map function, too', () => {
    expect(found(explore(atMarkedPoint(0))).violation.what).to.match(
      /^hardirq "irq" spins for lock, held by "mapper", which it interrupted$/,
    );
  });

  it('does not call it a deadlock where another CPU will free the lock', () => {
    // What the other CPU does inside of the step cannot be explored, so this is no end.
    expect(explore(atMarkedPoint(1))).to.deep.include({
      kind: 'outOfBudget',
      limit: 'handlers',
      what: 'hardirq "irq" arrived inside a step and waits for lock, which another CPU holds',
    });
  });

  const seen: Program<{ log: string[] }> = {
    machine: { cpus: 2 },
    setup: () => ({ log: [] }),
    tasks: { *idle() {} },
    interrupts: {
      fixed: {
        kind: 'hardirq',
        cpu: 1,
        run({ irq, log }) {
          log.push(`fixed ${String(irq.cpu.id)}`);
        },
      },
      any: {
        kind: 'hardirq',
        cpu: 'any',
        run({ irq, log }) {
          log.push(`any ${String(irq.cpu.id)}`);
        },
      },
    },
    check: ({ log }) => {
      throw new Error(log.join(', '));
    },
  };

  it('runs the handler on the CPU that the program or the schedule names', () => {
    const told = explain(seen, parseSchedule('0.1.2@1'));
    expect(told.exact).to.equal(true);
    expect(told.violation?.what).to.include('fixed 1, any 1');
    expect(told.steps.map(({ cpu }) => cpu)).to.deep.equal([0, 1, 1]);
    expect(explain(seen, parseSchedule('0.1.2@0')).violation?.what).to.include('fixed 1, any 0');
  });

  const nested: Program = {
    tasks: { *idle() {} },
    interrupts: {
      soft: {
        kind: 'softirq',
        *run() {
          yield;
        },
      },
      hard: {
        kind: 'hardirq',
        *run() {
          yield;
        },
      },
    },
  };

  it('lets a hard interrupt arrive inside a softirq, and not the other way round', () => {
    expect(explain(nested, parseSchedule('0.1.2.2.1')).exact).to.equal(true);
    expect(explain(nested, parseSchedule('0.2.1')).exact).to.equal(false);
  });

  const choicesOf = (actor: InterruptActor): readonly number[] => {
    const choices: number[] = [];
    actor.addChoices(choices);
    return choices;
  };
  const arrivalsOn = (actor: InterruptActor, stage: Stage, cpu: number): readonly number[] => {
    const choices: number[] = [];
    actor.addArrival(stage.machine.hardware.cpu(cpu), choices);
    return choices;
  };
  const make = (stage: Stage, spec: Partial<InterruptSpec<object>> = {}): InterruptActor =>
    new InterruptActor(3, 'irq', stage, { kind: 'hardirq', run: () => undefined, ...spec });

  // What a CPU is in the middle of, and which kinds it still takes.
  const takes: readonly (readonly [state: Partial<Cpu>, softirq: boolean, hardirq: boolean, nmi: boolean])[] =
    [
      [{}, true, true, true],
      [{ irqsDisabled: true }, false, false, true],
      [{ softirqDepth: 1 }, false, true, true],
      [{ hardirqDepth: 1 }, false, true, true],
      [{ hardirqDepth: 1, irqsDisabled: true }, false, false, true],
      [{ nmiDepth: 1 }, false, false, false],
    ];
  for (const [state, ...expected] of takes) {
    it(`arrives, by its kind, on a CPU with ${JSON.stringify(state)}`, () => {
      for (const [i, kind] of (['softirq', 'hardirq', 'nmi'] as const).entries()) {
        const stage = stageOf();
        const actor = make(stage, { kind });
        Object.assign(stage.machine.hardware.cpu(0), state);
        const choices = expected[i] === true ? [3] : [];
        expect(choicesOf(actor), kind).to.deep.equal(choices);
        expect(arrivalsOn(actor, stage, 0), kind).to.deep.equal(choices);
        expect(arrivalsOn(actor, stage, 1), kind).to.deep.equal([]);
      }
    });
  }

  it('nests as brute force nests: in a handler that lets interrupts in, on the way out, an NMI anywhere', () => {
    const outcomes = (strategy: Strategy): readonly string[] => {
      const orders = new Set<string>();
      const program: Program<{ log: string }> = {
        setup: () => ({ log: '' }),
        tasks: {
          *a(env) {
            env.log += 'a';
            yield;
            env.log += 'A';
          },
        },
        interrupts: {
          opens: {
            kind: 'hardirq',
            run: function* (env) {
              env.log += 'o';
              localIrqEnable(env.irq);
              yield;
              env.raise('soft');
              localIrqDisable(env.irq);
              env.log += 'O';
            },
          },
          hard: {
            kind: 'hardirq',
            run: (env) => {
              env.log += 'h';
            },
          },
          soft: {
            kind: 'softirq',
            onlyRaised: true,
            run: (env) => {
              env.log += 's';
            },
          },
          nmi: {
            kind: 'nmi',
            run: (env) => {
              env.log += 'n';
            },
          },
        },
        check: ({ log }) => {
          orders.add(log);
        },
      };
      const outcome = explore(program, strategy);
      expect(outcome.kind, JSON.stringify(outcome)).to.equal('exhausted');
      return [...orders].sort();
    };
    const all = outcomes(exhaustive({ sleepSets: false, visited: false }));
    for (const order of ['aonhOsA', 'aohOnsA', 'ohnOsaA'])
      expect(all.map((one) => one.slice(0, order.length))).to.include(order);
    // The softirq runs before the task goes on.
    expect(all.filter((order) => /O[hn]*[aA]/.test(order))).to.deep.equal([]);
    for (const options of [{}, { sleepSets: false }, { visited: false }])
      expect(outcomes(exhaustive(options))).to.deep.equal(all);
  });

  it('names the CPU in its choice only where several are possible', () => {
    const stage = stageOf();
    expect(choicesOf(make(stage, { cpu: 1 }))).to.deep.equal([3]);
    const any = make(stage, { cpu: 'any', kind: 'softirq', times: 2 });
    expect(choicesOf(any)).to.deep.equal([onCpu(3, 0), onCpu(3, 1)]);
    expect(arrivalsOn(any, stage, 1)).to.deep.equal([onCpu(3, 1)]);
    expect([any.cpuFor(onCpu(3, 1))?.id, any.cpuFor(3)?.id]).to.deep.equal([1, 0]);
    any.raise(stage.machine.task('t', { cpu: 1 }));
    expect([choicesOf(any), any.cpuFor(3)?.id, any.cpuFor(onCpu(3, 0))?.id]).to.deep.equal([[3], 1, 0]);
  });

  it('stays on the CPU on which it arrived until it ends', () => {
    const actor = make(stageOf(), {
      cpu: 'any',
      *run() {
        yield;
      },
    });
    actor.act(onCpu(3, 1));
    expect([actor.context?.cpu.id, actor.cpuFor(3)?.id]).to.deep.equal([1, 1]);
  });

  it('must run before the task of a CPU goes on if a hard interrupt there raised it, and it is a softirq', () => {
    const must = (kind: 'softirq' | 'hardirq', by: 'task' | 'hardirq' | 'softirq' | 'device'): unknown => {
      const stage = stageOf();
      const actor = make(stage, { kind, onlyRaised: true, cpu: 1 });
      const { machine } = stage;
      if (by === 'device') actor.raise(undefined);
      else if (by === 'task') actor.raise(machine.task());
      else
        machine.interrupt(by, (irq) => {
          actor.raise(irq);
        });
      return [0, 1].map((cpu) => actor.mustRunOn(machine.hardware.cpu(cpu)));
    };
    expect(must('softirq', 'hardirq')).to.deep.equal([true, false]);
    for (const by of ['task', 'softirq', 'device'] as const)
      expect(must('softirq', by), by).to.deep.equal([false, false]);
    expect(must('hardirq', 'hardirq')).to.deep.equal([false, false]);
  });

  it('has no such haste once it was served, or while its CPU takes none', () => {
    const stage = stageOf();
    const cpu = stage.machine.hardware.cpu(0);
    const actor = make(stage, { kind: 'softirq', onlyRaised: true });
    stage.machine.interrupt('hardirq', (irq) => {
      actor.raise(irq);
      expect(actor.mustRunOn(cpu), 'inside the interrupt').to.equal(false);
    });
    expect(actor.mustRunOn(cpu)).to.equal(true);
    actor.act(3);
    expect([actor.mustRunOn(cpu), choicesOf(actor)]).to.deep.equal([false, []]);
    const done = make(stage, { kind: 'softirq', onlyRaised: true, when: () => false });
    stage.machine.interrupt('hardirq', (irq) => {
      done.raise(irq);
    });
    expect(done.mustRunOn(cpu)).to.equal(false);
  });

  it('goes on only while nothing is on top of it, and arrives no second time before it ends', () => {
    const stage = stageOf();
    const { machine } = stage;
    const actor = make(stage, {
      times: 2,
      *run() {
        yield;
      },
    });
    actor.act(3);
    expect([actor.context?.kind, choicesOf(actor), arrivalsOn(actor, stage, 0)]).to.deep.equal([
      'hardirq',
      [3],
      [],
    ]);
    machine.interrupt('nmi', () => {
      expect(choicesOf(actor)).to.deep.equal([]);
    });
    const during = keyOf(actor);
    actor.act(3);
    expect([actor.context, choicesOf(actor), arrivalsOn(actor, stage, 0)]).to.deep.equal([
      undefined,
      [3],
      [3],
    ]);
    expect(keyOf(actor)).to.not.equal(during);
  });

  it('waits while a spinlock that it wants is held, and goes on when it is free', () => {
    const stage = stageOf();
    const { machine } = stage;
    const lock = new SpinLock(machine, 'lock');
    const holder = machine.task('holder', { cpu: 1 });
    machine.enter(holder);
    expect(lock.tryLock(holder)).to.equal(true);
    const actor = make(stage, {
      *run({ irq }) {
        yield* lock.lock(irq);
        lock.unlock(irq);
      },
    });
    actor.act(3);
    expect(choicesOf(actor)).to.deep.equal([]);
    machine.enter(holder);
    lock.unlock(holder);
    expect(choicesOf(actor)).to.deep.equal([3]);
    actor.act(3);
    expect([actor.context, lock.free]).to.deep.equal([undefined, true]);
  });

  it('is another state after each arrival, and on each CPU', () => {
    const keys = [0, 1].flatMap((cpu) => {
      const stage = stageOf();
      const actor = make(stage, {
        cpu: 'any',
        times: 2,
        *run() {
          yield;
        },
      });
      const before = keyOf(actor);
      actor.act(onCpu(3, cpu));
      return [before, keyOf(actor)];
    });
    expect(new Set(keys).size).to.equal(3);
  });
});

function keyOf(actor: InterruptActor): number {
  const hash = new Hash();
  actor.addTo(hash);
  return hash.value;
}
