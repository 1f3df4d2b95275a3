import { expect } from 'chai';
import { explore } from 'scatterlist/explore';
import { WaitQueue } from 'scatterlist/machine';
import { found } from '../programs.ts';

describe('lost-wakeup', () => {
  const sleeper = (wakes: boolean) =>
    explore({
      setup: () => ({ queue: new WaitQueue('event') }),
      tasks: {
        *sleeper({ task, queue }) {
          yield;
          queue.add(task);
          yield { sleepOn: queue };
          queue.remove(task);
        },
        *waker({ queue }) {
          if (wakes) queue.wakeAll();
        },
      },
    });

  it('is told where the queue was woken too early', () => {
    expect(found(sleeper(true)).violation.rule).to.equal('lost-wakeup');
  });

  it('is a plain deadlock where nobody ever wakes it', () => {
    expect(found(sleeper(false)).violation.rule).to.equal('deadlock');
  });
});
