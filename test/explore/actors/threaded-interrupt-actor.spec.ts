import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { explain, explore, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { Semaphore } from 'scatterlist/machine';
import { onMachine } from '../programs.ts';
import { Hash } from '../../../lib/base/hash.ts';
import { ThreadedInterruptActor } from '../../../lib/explore/actors/threaded-interrupt-actor.ts';

describe('ThreadedInterruptActor', () => {
  const program: Program<{ sem: Semaphore; log: string[] }> = {
    machine: { preemptRt: true },
    setup: (machine) => ({ sem: new Semaphore(machine, 'sem', 0), log: [] }),
    tasks: {
      *one({ task, raise, sem }) {
        raise('irq');
        yield;
        sem.up(task);
      },
    },
    interrupts: {
      irq: {
        kind: 'hardirq',
        onlyRaised: true,
        *run({ irq, sem, log }) {
          log.push(irq.kind);
          if (irq.kind === 'task') yield* sem.down(irq);
          log.push('done');
        },
      },
    },
    check: ({ log }) => log.join(' ') === 'task done',
  };

  it('runs the handler in a task, which may sleep', () => {
    expect(explore(program).kind).to.equal('exhausted');
  });

  it('arrives only after it was raised', () => {
    expect(explain(program, parseSchedule('0.1')).exact).to.equal(true);
    expect(explain(program, parseSchedule('1.0')).exact).to.equal(false);
  });

  it('is another state while its handler runs than when it has ended', () => {
    const stage = {
      ...onMachine(createMachine({ preemptRt: true })),
      program: { tasks: {} },
      shared: {},
      softirqFirst: () => false,
    };
    const [ended, runs] = [
      () => undefined,
      function* () {
        yield;
      },
    ].map((run) => {
      const actor = new ThreadedInterruptActor(0, 'irq', stage, { kind: 'hardirq', run });
      actor.act(0);
      const hash = new Hash();
      actor.addTo(hash);
      const choices: number[] = [];
      actor.addChoices(choices);
      return { key: hash.value, choices };
    });
    expect([ended?.choices, runs?.choices]).to.deep.equal([[], [0]]);
    expect(ended?.key).to.not.equal(runs?.key);
  });
});
