import { expect } from 'chai';
import { Mutex, SpinLock, explore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import {
  Semaphore,
  WaitQueue,
  kmap,
  kunmap,
  preemptDisable,
  preemptEnable,
  waitEvent,
} from 'scatterlist/machine';
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
      what: '"one" waits for sem and no actor is left to release it',
    });
  });

  it('follows what the program says is owed, and shows what each waiter holds', () => {
    const program: Program<{ budget: WaitQueue; m: Mutex; state: { units: number } }> = {
      setup: (machine) => ({
        budget: new WaitQueue('budget'),
        m: new Mutex(machine, 'm'),
        state: { units: 0 },
      }),
      tasks: {
        *user({ task, budget, m, state, machine }) {
          yield* m.lock(task);
          const held = yield* kmap(task, machine.allocPage({ zone: 'highmem' }));
          yield* waitEvent(task, budget, () => state.units > 0);
          kunmap(task, held);
          m.unlock(task);
        },
        *refill({ task, budget, m, state }) {
          yield* m.lock(task);
          state.units = 1;
          budget.wakeAll();
          m.unlock(task);
        },
      },
      owes: { budget: ['refill'] },
    };
    const { violation } = found(explore(program));
    expect(violation.rule).to.equal('deadlock');
    expect(violation.what).to.match(/^"user" → "refill" → "user"|^"refill" → "user" → "refill"/);
    const text = violation.details.map(({ label, text: detail }) => `${label} ${detail}`);
    expect(text).to.include('user waits for budget, owed by "refill"');
    expect(text).to.include('user holds m; 1 mapping (kmap, slot 1)');
    expect(text).to.include('refill waits for m, held by "user"');
    expect(() => explore({ ...program, owes: { budget: ['nurse'] } })).to.throw(
      'owes: budget is owed by "nurse", which is no actor of the program',
    );
  });

  it('goes through handlers that spin on two CPUs for what the tasks below hold', () => {
    const outcome = explore<{ a: SpinLock; b: SpinLock }>({
      machine: { cpus: 2 },
      setup: (machine) => ({ a: new SpinLock(machine, 'a'), b: new SpinLock(machine, 'b') }),
      tasks: {
        *one({ task, a }) {
          yield* a.lock(task);
          yield;
          a.unlock(task);
        },
        two: {
          cpu: 1,
          *run({ task, b }) {
            yield* b.lock(task);
            yield;
            b.unlock(task);
          },
        },
      },
      interrupts: {
        first: {
          kind: 'hardirq',
          *run({ irq, b }) {
            yield* b.lock(irq);
            b.unlock(irq);
          },
        },
        second: {
          kind: 'hardirq',
          cpu: 1,
          *run({ irq, a }) {
            yield* a.lock(irq);
            a.unlock(irq);
          },
        },
      },
    });
    const { violation } = found(outcome);
    expect(violation.rule).to.equal('deadlock');
    expect(violation.what).to.match(/"first" → "second" → "first"|"second" → "first" → "second"/);
    const text = violation.details.map(({ label, text: detail }) => `${label} ${detail}`);
    expect(text).to.include('first waits for b, held by "two"');
  });

  it('sees a handler that spins for a lock whose holder has ended, when all tasks have', () => {
    const outcome = explore<{ lock: SpinLock }>({
      machine: { cpus: 2 },
      setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
      allow: ['count-imbalance'],
      tasks: {
        *one({ task, lock }) {
          yield* lock.lock(task);
          preemptEnable(task);
        },
      },
      interrupts: {
        irq: {
          kind: 'hardirq',
          cpu: 1,
          *run({ irq, lock }) {
            yield* lock.lock(irq);
            lock.unlock(irq);
          },
        },
      },
    });
    expect(found(outcome).violation.what).to.equal('"irq" waits for lock and no actor is left to release it');
  });
});
