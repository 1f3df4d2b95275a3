import { expect } from 'chai';
import { Mutex, explain, explore, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue, waitEvent } from 'scatterlist/machine';
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

  /** A server is woken for each request; `steals` takes the request before the server runs. */
  const served = (steals: boolean): Program<{ queue: WaitQueue; state: { requests: number } }> => ({
    setup: () => ({ queue: new WaitQueue('requests'), state: { requests: 0 } }),
    tasks: {
      *server({ task, queue, state }) {
        for (let served = 0; served < (steals ? 1 : 2); served += 1) {
          yield* waitEvent(task, queue, () => state.requests > 0);
          state.requests -= 1;
        }
      },
      *client({ queue, state }) {
        state.requests += 1;
        queue.wakeAll();
        yield;
        if (steals && state.requests > 0) state.requests -= 1;
      },
    },
  });

  it('is not told where the wake-up was consumed: nobody makes the second one', () => {
    const { violation } = found(explore(served(false)));
    expect([violation.rule, violation.what]).to.deep.equal([
      'deadlock',
      '"server" waits for requests and no actor is left to release it',
    ]);
  });

  it('is not told where the sleeper tested its condition after the wake-up', () => {
    expect(found(explore(served(true))).violation.rule).to.equal('deadlock');
  });

  it('names the waker, and who waits for what the sleeper holds', () => {
    const { violation } = found(
      explore<{ queue: WaitQueue; state: { ready: boolean }; lock: Mutex }>({
        setup: (machine) => ({
          queue: new WaitQueue('event'),
          state: { ready: false },
          lock: new Mutex(machine, 'm'),
        }),
        tasks: {
          *sleeper({ task, queue, state, lock }) {
            yield* lock.lock(task);
            if (!state.ready) {
              yield;
              queue.add(task);
              yield { sleepOn: queue };
              queue.remove(task);
            }
            lock.unlock(task);
          },
          *waker({ queue, state }) {
            state.ready = true;
            queue.wakeAll();
          },
          *other({ task, lock }) {
            yield* lock.lock(task);
            lock.unlock(task);
          },
        },
      }),
    );
    expect([violation.rule, violation.what]).to.deep.equal([
      'lost-wakeup',
      '"sleeper" sleeps on event, which "waker" woke after "sleeper" had last tested its condition and before it slept',
    ]);
    expect(violation.details.map(({ label, text }) => `${label} ${text}`)).to.include('sleeper holds m');
  });
});
