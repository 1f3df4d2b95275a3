import { expect } from 'chai';
import { Mutex, explore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { Semaphore, preemptDisable } from 'scatterlist/machine';
import { found } from '../programs.ts';

interface Two {
  readonly a: Mutex;
  readonly b: Mutex;
}

function program(sameOrder: boolean): Program<Two> {
  return {
    setup: (machine) => ({ a: new Mutex(machine, 'a'), b: new Mutex(machine, 'b') }),
    tasks: {
      *one({ task, a, b }) {
        yield* a.lock(task);
        yield;
        yield* b.lock(task);
        b.unlock(task);
        a.unlock(task);
      },
      *two({ task, a, b }) {
        const [first, second] = sameOrder ? [a, b] : [b, a];
        yield* first.lock(task);
        yield;
        yield* second.lock(task);
        second.unlock(task);
        first.unlock(task);
      },
    },
  };
}

describe('deadlock', () => {
  it('names the circle: who holds what, who waits for what', () => {
    const { violation } = found(explore(program(false)));
    expect(violation.rule).to.equal('deadlock');
    expect(violation.what).to.match(/"one" → "two" → "one"|"two" → "one" → "two"/);
    const text = violation.details.map(({ label, text: detail }) => `${label} ${detail}`);
    expect(text).to.include('one waits for b, held by "two"');
    expect(text).to.include('two waits for a, held by "one"');
  });

  it('is not there where all take the locks in one order', () => {
    expect(explore(program(true)).kind).to.equal('exhausted');
  });

  it('is not claimed of a task that only ends badly', () => {
    const outcome = explore({
      tasks: {
        *one({ task }) {
          preemptDisable(task);
          yield;
        },
      },
    });
    expect(found(outcome).violation.rule).to.equal('count-imbalance');
  });

  it('is no circle where a task waits for what it holds itself', () => {
    const outcome = explore({
      setup: (machine) => ({ sem: new Semaphore(machine, 'sem', 1) }),
      tasks: {
        *one({ task, sem }) {
          yield* sem.down(task);
          yield* sem.down(task);
        },
      },
    });
    expect(found(outcome).violation).to.include({
      rule: 'deadlock',
      what: '"one" waits for sem and nobody is left to give it',
    });
  });
});
