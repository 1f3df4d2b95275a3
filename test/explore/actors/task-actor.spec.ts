import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { explain, explore, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue, preemptDisable } from 'scatterlist/machine';
import { Hash } from '../../../lib/base/hash.ts';
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
      machine: createMachine(),
      program: { tasks: {} },
      shared: {},
      raise: () => undefined,
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
});
