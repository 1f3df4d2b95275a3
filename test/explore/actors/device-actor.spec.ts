import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import {
  Completion,
  SpinLock,
  exhaustive,
  explain,
  explore,
  parseSchedule,
  waitEvent,
} from 'scatterlist/explore';
import type { DeviceEnv, DeviceSpec, Program } from 'scatterlist/explore';
import { WaitQueue } from 'scatterlist/machine';
import type { Sleeping } from 'scatterlist/machine';
import { Hash } from '../../../lib/base/hash.ts';
import { DeviceWaiter } from '../../../lib/kernel/parts/device-waiter.ts';
import { found, onMachine } from '../programs.ts';
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

  it('waits while a lock that it waits for is held, and on a bare queue until it is woken', () => {
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
    const bell = new WaitQueue('bell');
    const actor = new DeviceActor(4, 'card', stage, {
      *run() {
        yield { sleepOn: bell };
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
    expect([bell.waiters, actor.sleepsOn]).to.deep.equal([[actor.device], bell]);
    bell.wakeAll();
    seen.push(choices());
    actor.act();
    seen.push(choices());
    lock.unlock(task);
    seen.push(choices());
    actor.act();
    seen.push(choices());
    actor.act();
    seen.push(choices());
    expect(seen).to.deep.equal([[4], [], [4], [], [4], [4], []]);
    expect(bell.active).to.equal(false);
  });

  const hash = (actor: DeviceActor): number => {
    const state = new Hash();
    actor.addTo(state);
    return state.value;
  };

  it('has in its state whether it was woken', () => {
    const stage = {
      ...onMachine(createMachine()),
      program: { tasks: {} },
      shared: {},
      softirqFirst: () => false,
    };
    const bell = new WaitQueue('bell');
    const actor = new DeviceActor(0, 'card', stage, {
      *run() {
        yield { sleepOn: bell };
      },
    });
    actor.act();
    const asleep = hash(actor);
    bell.wakeAll();
    expect(hash(actor)).to.not.equal(asleep);
  });
});

/** A driver that fills a ring and rings; a card that takes what is in it. */
interface Ring {
  readonly bell: WaitQueue;
  readonly done: Completion;
  posted: number;
  taken: number;
}

type Wait = (env: DeviceEnv<Ring>) => Sleeping<void>;

const WAITS: Readonly<Record<string, Wait>> = {
  waitEvent: (env) => waitEvent(env.self, env.bell, () => env.posted > env.taken),
  *'a bare queue'({ bell }) {
    yield { sleepOn: bell };
  },
  *'a queue that it joined itself'(env) {
    env.bell.add(env.self);
    if (env.posted <= env.taken) yield { sleepOn: env.bell };
    env.bell.remove(env.self);
  },
};

function ring(wait: Wait, card: Partial<DeviceSpec<Ring>> = {}, owes = {}): Program<Ring> {
  return {
    setup: (machine) => ({
      bell: new WaitQueue('bell'),
      done: new Completion(machine, 'done'),
      posted: 0,
      taken: 0,
    }),
    owes,
    tasks: {
      *driver(env): Sleeping<void> {
        env.posted += 1;
        env.bell.wakeAll();
        yield* env.done.wait(env.task);
      },
    },
    devices: {
      card: {
        *run(env): Sleeping<void> {
          for (;;) {
            yield* wait(env);
            env.taken += 1;
            env.done.complete(env.self);
          }
        },
        ...card,
      },
    },
    check: ({ posted, taken }) => posted === taken,
  };
}

describe('a device that waits', () => {
  for (const name of ['waitEvent', 'a queue that it joined itself'])
    it(`by ${name} takes what was posted and is idle for ever after`, () => {
      const wait = WAITS[name];
      if (wait === undefined) throw new Error(name);
      for (const strategy of [exhaustive(), exhaustive({ sleepSets: false, visited: false })])
        expect(explore(ring(wait), strategy).kind).to.equal('exhausted');
    });

  it('without a test of its condition loses the ring that came before', () => {
    const wait = WAITS['a bare queue'];
    if (wait === undefined) throw new Error('no such row');
    for (const strategy of [exhaustive(), exhaustive({ sleepSets: false, visited: false })])
      expect(found(explore(ring(wait), strategy)).violation.rule).to.equal('lost-wakeup');
    const { violation } = found(explore(ring(wait)));
    expect(violation.what).to.match(/"card" sleeps on bell, which "driver" woke/);
  });

  it('is reported where it must finish', () => {
    const { waitEvent: wait } = WAITS;
    if (wait === undefined) throw new Error('no such row');
    const { violation } = found(explore(ring(wait, { mustFinish: true })));
    expect(violation.rule).to.equal('deadlock');
    expect(violation.what).to.equal('"card" waits for bell and no actor is left to release it');
  });

  it('is in the circle of those that wait for each other, where the program says who owes', () => {
    const program = ring(
      (env) => waitEvent(env.self, env.bell, () => env.posted > 1),
      {},
      { done: ['card'], bell: ['driver'] },
    );
    const { violation } = found(explore(program));
    expect(violation.rule).to.equal('deadlock');
    expect(violation.what).to.include('"driver" → "card" → "driver"');
    expect(violation.details.map(({ text }) => text)).to.include('waits for bell, owed by "driver"');
  });

  it('waits for a completion, too, and completes all', () => {
    const order: string[] = [];
    const outcome = explore({
      setup: (machine) => ({ start: new Completion(machine, 'start'), end: new Completion(machine, 'end') }),
      tasks: {
        *driver({ task, start, end }): Sleeping<void> {
          start.complete(task);
          yield* end.wait(task);
        },
      },
      devices: {
        *card({ self, start, end }): Sleeping<void> {
          yield* start.wait(self);
          end.completeAll(self);
        },
      },
      check: ({ end }) => {
        order.push(String(end.free));
      },
    });
    expect([outcome.kind, new Set(order)]).to.deep.equal(['exhausted', new Set(['true'])]);
    const device = new DeviceWaiter('card', createMachine());
    const other = new Completion(createMachine(), 'other');
    expect(() => {
      other.complete(device);
    }).to.throw(ConfigError, 'device "card"');
    expect(() => other.wait(device).next()).to.throw(ConfigError, 'device "card"');
  });
});
