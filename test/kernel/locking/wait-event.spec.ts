import { expect } from 'chai';
import { explore, waitEvent } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue } from 'scatterlist/machine';
import { found } from '../../explore/programs.ts';

interface Shared {
  readonly queue: WaitQueue;
  readonly state: { ready: boolean };
}

function program(inOrder: boolean): Program<Shared> {
  return {
    setup: () => ({ queue: new WaitQueue('event'), state: { ready: false } }),
    tasks: {
      *sleeper({ task, queue, state }) {
        yield;
        if (inOrder) {
          yield* waitEvent(task, queue, () => state.ready);
          return;
        }
        while (!state.ready) {
          yield;
          queue.add(task);
          yield { sleepOn: queue };
          queue.remove(task);
        }
      },
      *waker({ queue, state }) {
        state.ready = true;
        queue.wakeAll();
      },
    },
  };
}

describe('waitEvent', () => {
  it('loses no wake-up', () => {
    expect(explore(program(true)).kind).to.equal('exhausted');
  });

  it('unlike a test before the queueing', () => {
    expect(found(explore(program(false))).violation.rule).to.equal('lost-wakeup');
  });
});
