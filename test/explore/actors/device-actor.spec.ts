import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { SpinLock, explain, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue } from 'scatterlist/machine';
import { onMachine } from '../programs.ts';
import { DeviceActor } from '../../../lib/explore/actors/device-actor.ts';

describe('DeviceActor', () => {
  const program: Program<{ lock: SpinLock }> = {
    setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
    tasks: {
      *one({ task, lock }) {
        yield* lock.lock(task);
        yield;
        lock.unlock(task);
      },
    },
    devices: {
      *card() {
        yield;
      },
    },
  };

  it('takes its steps on no CPU', () => {
    const told = explain(program, parseSchedule('1.0.0.1'));
    expect(told.exact).to.equal(true);
    expect(told.steps.map(({ cpu }) => cpu)).to.deep.equal([-1, 0, 0, -1]);
  });

  it('waits while a lock that it waits for is held, and goes on from any other queue', () => {
    const machine = createMachine();
    const stage = {
      ...onMachine(machine),
      program: { tasks: {} },
      shared: {},
      softirqFirst: () => false,
    };
    const task = machine.task();
    machine.enter(task);
    const lock = new SpinLock(machine, 'lock');
    expect(lock.tryLock(task)).to.equal(true);
    const actor = new DeviceActor(4, 'card', stage, {
      *run() {
        yield { sleepOn: new WaitQueue('other') };
        yield { sleepOn: lock.queue };
        yield;
      },
    });
    const choices = (): readonly number[] => {
      const found: number[] = [];
      actor.addChoices(found);
      return found;
    };
    const seen = [choices()];
    actor.act();
    seen.push(choices());
    actor.act();
    seen.push(choices());
    lock.unlock(task);
    seen.push(choices());
    actor.act();
    seen.push(choices());
    actor.act();
    seen.push(choices());
    expect(seen).to.deep.equal([[4], [4], [], [4], [4], []]);
  });
});
