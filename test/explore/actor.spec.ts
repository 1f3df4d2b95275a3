import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { InterruptSpec } from 'scatterlist/explore';
import { onMachine } from './programs.ts';
import { Hash } from '../../lib/base/hash.ts';
import type { Actor } from '../../lib/explore/actor.ts';
import { DeviceActor } from '../../lib/explore/actors/device-actor.ts';
import { InterruptActor } from '../../lib/explore/actors/interrupt-actor.ts';
import { TaskActor } from '../../lib/explore/actors/task-actor.ts';
import { ThreadedInterruptActor } from '../../lib/explore/actors/threaded-interrupt-actor.ts';

describe('actors', () => {
  const machine = createMachine({ cpus: 2 });
  const stage = {
    ...onMachine(machine),
    program: { tasks: {} },
    shared: {},
    softirqFirst: () => false,
  };
  const irq: InterruptSpec<object> = { kind: 'hardirq', run: () => undefined };
  const actors: readonly Actor[] = [
    new TaskActor(0, 'task', stage, { *run() {}, cpu: 1 }),
    new InterruptActor(1, 'irq', stage, irq),
    new ThreadedInterruptActor(2, 'thread', stage, irq),
    new DeviceActor(3, 'device', stage, { *run() {} }),
  ];

  it('name what each of their steps changes', () => {
    expect(actors.map(({ resources }) => resources)).to.deep.equal([
      ['actor 0'],
      ['actor 1', 'interrupt irq'],
      ['actor 2', 'interrupt thread'],
      ['actor 3'],
    ]);
  });

  it('can be raised only if they are interrupts', () => {
    expect(actors.map((actor) => actor.raise !== undefined)).to.deep.equal([false, true, true, false]);
  });

  it('know the CPU of a choice', () => {
    expect(actors.map((actor) => actor.cpuFor(actor.index)?.id)).to.deep.equal([1, 0, 0, undefined]);
  });

  it('are another state after each step, and after each thing that they learn', () => {
    const keyOf = (actor: Actor): number => {
      const hash = new Hash();
      actor.addTo(hash);
      return hash.value;
    };
    for (const actor of actors) {
      const before = keyOf(actor);
      expect(keyOf(actor), actor.name).to.equal(before);
      actor.stepEnded();
      const later = keyOf(actor);
      actor.learnt.add(7);
      actor.stepEnded();
      expect(new Set([before, later, keyOf(actor)]).size, actor.name).to.equal(3);
    }
  });
});
