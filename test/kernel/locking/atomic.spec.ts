import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import {
  defineProgram,
  exhaustive,
  explain,
  explore,
  formatReport,
  parseSchedule,
} from 'scatterlist/explore';
import type { Outcome, TaskEnv } from 'scatterlist/explore';
import { Atomic, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { Hash } from '../../../lib/base/hash.ts';
import { AS_LINUX, violationOf } from '../violations.ts';

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

/** An operation on an atomic of 5: its result and the value after it. */
const OPERATIONS: Readonly<
  Record<string, readonly [act: (a: Atomic) => unknown, result: unknown, after: number]>
> = {
  read: [(a) => a.read(), 5, 5],
  set: [(a) => a.set(-7), undefined, -7],
  add: [(a) => a.add(3), undefined, 8],
  sub: [(a) => a.sub(3), undefined, 2],
  inc: [(a) => a.inc(), undefined, 6],
  dec: [(a) => a.dec(), undefined, 4],
  addReturn: [(a) => a.addReturn(-6), -1, -1],
  subReturn: [(a) => a.subReturn(6), -1, -1],
  incReturn: [(a) => a.incReturn(), 6, 6],
  decReturn: [(a) => a.decReturn(), 4, 4],
  fetchAdd: [(a) => a.fetchAdd(3), 5, 8],
  fetchSub: [(a) => a.fetchSub(3), 5, 2],
  fetchOr: [(a) => a.fetchOr(2), 5, 7],
  fetchAnd: [(a) => a.fetchAnd(4), 5, 4],
  decAndTest: [(a) => a.decAndTest(), false, 4],
  incAndTest: [(a) => a.incAndTest(), false, 6],
  addUnless: [(a) => [a.addUnless(2, 5), a.addUnless(2, 6)], [false, true], 7],
  incNotZero: [(a) => a.incNotZero(), true, 6],
  decIfPositive: [(a) => a.decIfPositive(), 4, 4],
  xchg: [(a) => a.xchg(9), 5, 9],
  cmpxchg: [(a) => [a.cmpxchg(4, 1), a.cmpxchg(5, 2)], [5, 5], 2],
};

describe('Atomic', () => {
  it('has a row here for every operation', () => {
    const own = Object.getOwnPropertyNames(Atomic.prototype);
    expect(own.filter((name) => name !== 'constructor' && name !== 'addTo')).to.have.members(
      Object.keys(OPERATIONS),
    );
  });

  for (const [name, [act, result, after]] of Object.entries(OPERATIONS))
    it(`${name} does what Linux does, and records it`, () => {
      const machine = createMachine({ trace: true });
      const atomic = new Atomic(machine, 'refs', 5);
      expect(act(atomic)).to.deep.equal(result);
      expect(machine.events.at(-1)).to.deep.include({ event: 'atomic', name: 'refs', value: after });
      expect(atomic.read()).to.equal(after);
    });

  it('says when it reaches zero, and stays there if asked to', () => {
    const atomic = new Atomic(createMachine(), 'refs', 1);
    expect([atomic.decAndTest(), atomic.incNotZero(), atomic.decIfPositive()]).to.deep.equal([
      true,
      false,
      -1,
    ]);
    expect([atomic.read(), atomic.decReturn(), atomic.incAndTest()]).to.deep.equal([0, -1, true]);
  });

  it('wraps around as 32 bits with a sign', () => {
    const atomic = new Atomic(createMachine(), 'a', MOST);
    expect([atomic.incReturn(), atomic.decReturn(), atomic.fetchAdd(MOST)]).to.deep.equal([
      LEAST,
      MOST,
      MOST,
    ]);
    expect(atomic.read()).to.equal(-2);
    atomic.set(LEAST);
    expect([atomic.decIfPositive(), atomic.read()]).to.deep.equal([MOST, MOST]);
  });

  it('takes whole numbers of 32 bits; a compatible machine converts others as C does', () => {
    for (const n of [0.5, NaN, Infinity, 2 ** 31, LEAST - 1])
      for (const act of [
        (a: Atomic) => a.set(n),
        (a: Atomic) => a.add(n),
        (a: Atomic) => a.subReturn(n),
        (a: Atomic) => a.fetchOr(n),
        (a: Atomic) => a.addUnless(1, n),
        (a: Atomic) => a.cmpxchg(n, 0),
      ])
        expect(violationOf(() => act(new Atomic(createMachine(), 'a')))).to.equal('bad-number');
    expect(() => new Atomic(createMachine(), 'a', 0.5)).to.throw(
      ConfigError,
      'the value of atomic "a" is 0.5',
    );
    const converted = new Atomic(createMachine(AS_LINUX), 'a');
    converted.set(2 ** 32 + 3);
    expect(converted.read()).to.equal(3);
  });

  it('has its value in the state key', () => {
    const machine = createMachine();
    const key = (initial: number): number => {
      const hash = new Hash();
      new Atomic(machine, 'a', initial).addTo(hash);
      return hash.value;
    };
    expect(key(1)).to.equal(key(1));
    expect(key(1)).to.not.equal(key(2));
  });
});

/** Two tasks that each run `add`; the number must be 2 at the end. */
function adders(add: (env: TaskEnv<{ n: Atomic }>) => Generator<undefined, void, void>): Outcome {
  return explore(
    defineProgram({
      setup: (machine) => ({ n: new Atomic(machine, 'n') }),
      tasks: { one: add, two: add },
      check: ({ n }) => n.read() === 2,
    }),
  );
}

describe('Atomic in a program', () => {
  it('loses no update if it is changed in one operation, and loses one if it is read first', () => {
    const whole = adders(function* ({ n }) {
      n.inc();
      yield;
    });
    expect(whole.kind).to.equal('exhausted');
    const torn = adders(function* ({ n }) {
      const seen = n.read();
      yield;
      n.set(seen + 1);
    });
    expect(torn.kind).to.equal('violation');
  });

  it('is told in the timeline', () => {
    const program = defineProgram({
      setup: (machine) => ({ n: new Atomic(machine, 'n') }),
      tasks: {
        *one({ n }) {
          n.inc();
          if (n.read() === 1) yield;
        },
      },
      check: ({ n }) => n.read() === 0,
    });
    const report = formatReport(explain(program, parseSchedule('0.0')));
    expect(report).to.include('n: 0 becomes 1').and.to.include('reads n: 1');
    expect(report.match(/reads n/g)).to.have.length(1);
  });

  it('is followed also where only a function holds it', () => {
    const program = defineProgram({
      setup: (machine) => {
        const hidden = new Atomic(machine, 'hidden');
        return { put: (n: number) => hidden.xchg(n), get: () => hidden.read() };
      },
      tasks: {
        *one({ put }) {
          put(1);
          yield;
        },
        *two({ put }) {
          put(2);
          yield;
        },
      },
      check: ({ get }) => get() === 2,
    });
    for (const strategy of [exhaustive(), exhaustive({ sleepSets: false }), exhaustive({ visited: false })])
      expect(explore(program, strategy).kind).to.equal('violation');
  });

  it('of two with one name, each has its own value', () => {
    const program = defineProgram({
      setup: (machine) => ({ a: new Atomic(machine, 'same'), b: new Atomic(machine, 'same') }),
      tasks: {
        *one({ a, b }) {
          a.set(1);
          yield;
          b.set(1);
          yield;
        },
        *two({ a, b }) {
          b.set(2);
          yield;
          a.set(2);
          yield;
        },
      },
      check: ({ a, b }) => !(a.read() === 1 && b.read() === 2),
    });
    const everything = explore(program, exhaustive({ sleepSets: false, visited: false }));
    expect(explore(program).kind).to.equal(everything.kind);
  });

  it('orders accesses around an exchange, not around a plain read and set', () => {
    const outcome = (isExchange: boolean): Outcome =>
      explore(
        defineProgram({
          dataRaces: true,
          setup: (machine) => ({
            page: machine.allocPage({ zone: 'lowmem' }),
            ready: new Atomic(machine, 'ready'),
          }),
          tasks: {
            *writer({ task, page, ready }) {
              const m = kmapLocalPage(task, page);
              m.store8(0, 1);
              kunmapLocal(task, m);
              if (isExchange) ready.xchg(1);
              else ready.set(1);
              yield;
            },
            *reader({ task, page, ready }) {
              const isReady = isExchange ? ready.cmpxchg(1, 0) === 1 : ready.read() === 1;
              yield;
              if (!isReady) return;
              const m = kmapLocalPage(task, page);
              m.load8(0);
              kunmapLocal(task, m);
            },
          },
        }),
      );
    expect(outcome(true).kind).to.equal('exhausted');
    expect(outcome(false).kind).to.equal('violation');
  });
});
