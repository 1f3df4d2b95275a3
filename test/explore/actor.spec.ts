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
    keepsHistories: true,
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

  const keyOf = (actor: Actor): number => {
    const hash = new Hash();
    actor.addTo(hash);
    return hash.value;
  };

  it('are another state after each step, and after each thing that they learn', () => {
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

  it('are the same state, whatever they have learnt, once none of their variables is left', () => {
    const forgets = { ...stage, keepsHistories: false };
    const ended = (result: unknown, learnt: number, where = forgets): number => {
      const task = new TaskActor(0, 'task', where, {
        *run() {
          return result;
        },
      });
      task.learnt.add(learnt);
      task.act(0);
      task.stepEnded();
      return keyOf(task);
    };
    expect(ended(5, 1)).to.equal(ended(5, 2));
    expect(ended('5', 1)).not.to.equal(ended(5, 1));
    expect(ended({ n: 5 }, 1)).not.to.equal(ended({ n: 5 }, 2));
    expect(ended(5, 1, stage)).not.to.equal(ended(5, 2, stage));
    const idle = new InterruptActor(1, 'irq', forgets, irq);
    const before = keyOf(idle);
    idle.learnt.add(3);
    idle.stepEnded();
    expect(keyOf(idle)).to.equal(before);
  });

  it('tell addresses in the kmap pool only where they are followed', () => {
    const keyAt = (address: number, followsPlaces: boolean): number => {
      const task = new TaskActor(0, 'task', { ...stage, followsPlaces }, { *run() {} });
      task.learnt.addPlace(address);
      task.stepEnded();
      return keyOf(task);
    };
    expect(keyAt(4096, false)).to.equal(keyAt(8192, false));
    expect(keyAt(4096, true)).not.to.equal(keyAt(8192, true));
  });
});
