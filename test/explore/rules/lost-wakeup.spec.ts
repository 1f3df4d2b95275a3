import { expect } from 'chai';
import { Mutex, explain, explore, parseSchedule } from 'scatterlist/explore';
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

  it('is not told where tasks wait for each other, too', () => {
    const outcome = explain(
      {
        setup: (machine) => ({
          queue: new WaitQueue('event'),
          a: new Mutex(machine, 'a'),
          b: new Mutex(machine, 'b'),
        }),
        tasks: {
          *one({ task, a, b }) {
            yield* a.lock(task);
            yield;
            yield* b.lock(task);
          },
          *two({ task, a, b, queue }) {
            queue.wakeAll();
            yield* b.lock(task);
            yield;
            yield* a.lock(task);
          },
          *sleeper({ task, queue }) {
            queue.add(task);
            yield { sleepOn: queue };
          },
        },
      },
      parseSchedule('0.1.2.0.1'),
    );
    expect([outcome.exact, outcome.violation?.rule]).to.deep.equal([true, 'deadlock']);
  });
});
