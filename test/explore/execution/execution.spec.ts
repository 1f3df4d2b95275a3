import { expect } from 'chai';
import sinon from 'sinon';
import {
  Execution,
  explore,
  exhaustive,
  formatSchedule,
  localIrqDisable,
  localIrqEnable,
} from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { WaitQueue, kmapLocalPage, kunmapLocal, preemptDisable, preemptEnable } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import { ConfigError, InvariantError } from '../../../lib/base/invariant.ts';
import { runSchedule } from '../../../lib/explore/drive.ts';
import { replaySchedule } from '../../../lib/explore/strategies/replay.ts';
import { counter, found, steps } from '../programs.ts';

const brute = exhaustive.bind(undefined, { sleepSets: false, visited: false });

function schedulesOf(program: Program): readonly string[] {
  const seen: string[] = [];
  explore(program, brute(), {
    onSchedule: ({ schedule }) => {
      seen.push(formatSchedule(schedule));
    },
  });
  return seen.sort();
}

describe('Execution', () => {
  it('may be stopped inside a step that is known from the schedule before, which is no other end of it', () => {
    const program: Program<{ readonly pages: readonly Page[] }> = {
      machine: { cpus: 1, highmemPages: 4 },
      setup: (machine) => ({ pages: machine.allocPages(2, { zone: 'highmem' }) }),
      tasks: {
        *first({ task, pages: [page] }) {
          if (page !== undefined) kunmapLocal(task, kmapLocalPage(task, page));
          yield;
        },
        *second({ task, pages: [, page] }) {
          yield;
          if (page !== undefined) kunmapLocal(task, kmapLocalPage(task, page));
        },
      },
      interrupts: { receive: { kind: 'hardirq', run: () => undefined } },
    };
    // The time is looked at before each decision.
    let now = 0;
    const clock = sinon.stub(Date, 'now').callsFake(() => (now += 1000));
    try {
      const ends = new Set<string>();
      for (let most = 1; !ends.has('exhausted'); most += 11) {
        let looks = 0;
        const signal = {
          get aborted() {
            looks += 1;
            return looks > most;
          },
        };
        ends.add(explore(program, undefined, { budget: {}, signal }).kind);
      }
      expect(ends).to.deep.equal(new Set(['outOfBudget', 'exhausted']));
    } finally {
      clock.restore();
    }
  });

  it('keeps steps and events only for a report, or for a program that asks about data races', () => {
    const kept = (extra: Partial<Program>, keep?: boolean): readonly [boolean, number] => {
      const world = new Execution({ ...(counter() as Program), ...extra }, keep);
      runSchedule(world, replaySchedule([0, 1, 1, 0]));
      return [world.events.length > 0, world.steps.length];
    };
    expect(kept({})).to.deep.equal([false, 0]);
    expect(kept({ dataRaces: false })).to.deep.equal([false, 0]);
    expect(kept({ dataRaces: true })).to.deep.equal([true, 4]);
    expect(kept({}, true)).to.deep.equal([true, 4]);
  });

  it('takes what it cannot watch as read by every step, and as written by a step that changed it', () => {
    const program = {
      machine: { cpus: 4 },
      setup: () => ({ bytes: new Uint8Array(1), queue: new (class extends WaitQueue {})('q') }),
      tasks: Object.fromEntries(
        [
          () => undefined,
          (bytes: Uint8Array) => (bytes[0] = 1),
          (_: Uint8Array, queue: WaitQueue) => {
            queue.wakeAll();
          },
          () => undefined,
        ].map((act, cpu) => [
          `t${String(cpu)}`,
          {
            cpu,
            *run({ bytes, queue }: { bytes: Uint8Array; queue: WaitQueue }) {
              act(bytes, queue);
            },
          },
        ]),
      ),
    };
    const world = new Execution(program as unknown as Program);
    world.begin(() => 0);
    const [idle, writes, wakes, other] = [0, 1, 2, 3].map((actor) => {
      world.take(actor);
      return world.footprint;
    });
    if (!idle || !writes || !wakes || !other) throw new Error('no footprints');
    expect([writes, wakes, other].map((each) => idle.conflicts(each))).to.deep.equal([true, true, false]);
    const plain = new Execution({
      machine: { cpus: 2 },
      tasks: { a: { *run() {} }, b: { cpu: 1, *run() {} } },
    });
    plain.begin(() => 0);
    const [first, second] = [0, 1].map((actor) => {
      plain.take(actor);
      return plain.footprint;
    });
    expect(first !== undefined && second !== undefined && first.conflicts(second)).to.equal(false);
  });

  it('takes an array that an actor holds as touched by each of its steps, and by no step of another', () => {
    const program: Program<{ page: Page }> = {
      machine: { cpus: 3 },
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: {
        *holder({ task, page }) {
          const { bytes } = kmapLocalPage(task, page);
          yield;
          bytes[0] = 1;
          yield;
        },
        reader: {
          cpu: 1,
          *run({ task, page }) {
            const m = kmapLocalPage(task, page);
            yield;
            m.load8(0);
            yield;
          },
        },
        idle: {
          cpu: 2,
          *run() {
            yield;
          },
        },
      },
    };
    const world = new Execution(program as unknown as Program);
    world.begin(() => 0);
    const [, , holds, idles, reads] = [0, 1, 0, 2, 1].map((actor) => {
      world.take(actor);
      return world.footprint;
    });
    if (!holds || !idles || !reads) throw new Error('no footprints');
    expect([holds.conflicts(reads), idles.conflicts(reads), holds.conflicts(idles)]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it('lets nobody in where preemption is disabled, on the same cpu', () => {
    const section = (cpu: number): Program => ({
      machine: { cpus: 2 },
      tasks: {
        *one({ task }) {
          preemptDisable(task);
          yield;
          preemptEnable(task);
        },
        two: { cpu, *run() {} },
      },
    });
    expect(schedulesOf(section(0))).to.deep.equal(['0.0.1', '1.0.0']);
    expect(schedulesOf(section(1))).to.deep.equal(['0.0.1', '0.1.0', '1.0.0']);
  });

  it('delivers an interrupt at every yield where interrupts are enabled, and no other', () => {
    const program: Program = {
      tasks: {
        *one({ task }) {
          yield;
          localIrqDisable(task);
          yield;
          localIrqEnable(task);
        },
      },
      interrupts: { irq: { kind: 'hardirq', run: () => undefined } },
    };
    expect(schedulesOf(program)).to.deep.equal(['0.0.0.1', '0.1.0.0', '1.0.0.0']);
  });

  it('moves tasks to other cpus only where the program says so and the count allows it', () => {
    const program = (pinned: boolean, migrate = true): Program<{ page: object }> => ({
      machine: { cpus: 2 },
      migrate,
      mayKeepMappings: true,
      setup: (machine) => ({ page: machine.allocPage({ zone: pinned ? 'highmem' : 'lowmem' }) }),
      tasks: {
        *one({ task, machine }) {
          const page = machine.allocPage({ zone: pinned ? 'highmem' : 'lowmem' });
          const m = kmapLocalPage(task, page);
          yield;
          kunmapLocal(task, m);
        },
      },
    });
    expect(schedulesOf(program(false, false) as Program)).to.deep.equal(['0.0']);
    expect(schedulesOf(program(true) as Program)).to.deep.equal(['0.0', '0@1.0']);
  });

  it('moves a task to the CPU that its choice names, the first one too', () => {
    const cpus: string[] = [];
    const program: Program<{ log: number[] }> = {
      machine: { cpus: 2 },
      migrate: true,
      setup: () => ({ log: [] as number[] }),
      tasks: {
        one: {
          cpu: 1,
          *run({ task, log }) {
            log.push(task.cpu.id);
            yield;
            log.push(task.cpu.id);
          },
        },
      },
      check: ({ log }) => {
        cpus.push(log.join(' '));
      },
    };
    expect(schedulesOf(program as Program)).to.deep.equal(['0.0', '0.0@0', '0@0.0', '0@0.0@1']);
    expect(cpus.sort()).to.deep.equal(['0 0', '0 1', '1 0', '1 1']);
  });

  it('runs a raised softirq when the hard interrupt that raised it ends, before the task goes on', () => {
    const program: Program<{ log: string[] }> = {
      setup: () => ({ log: [] as string[] }),
      tasks: {
        *one({ log }) {
          log.push('task');
          yield;
          log.push('task');
        },
      },
      interrupts: {
        hard: {
          kind: 'hardirq',
          run({ log, raise }) {
            log.push('hard');
            raise('soft');
          },
        },
        soft: {
          kind: 'softirq',
          onlyRaised: true,
          run({ log }) {
            log.push('soft');
          },
        },
      },
      check: ({ log }) => log.join(' ').includes('hard soft'),
    };
    expect(explore(program).kind).to.equal('exhausted');
  });

  it('runs a raised softirq on the CPU that raised it', () => {
    const raisedBy = (who: 'task' | 'hard', cpu: number): Program<{ log: number[] }> => ({
      machine: { cpus: 3 },
      setup: () => ({ log: [] as number[] }),
      tasks: {
        one: {
          cpu,
          *run({ raise }) {
            if (who === 'task') raise('soft');
          },
        },
      },
      interrupts: {
        ...(who === 'hard' ? { hard: { kind: 'hardirq', cpu, run: ({ raise }) => raise('soft') } } : {}),
        soft: {
          kind: 'softirq',
          onlyRaised: true,
          run({ log, irq }) {
            log.push(irq.cpu.id);
          },
        },
      },
      check: ({ log }) => log.join(' ') === String(cpu) || `softirq on ${log.join(' ')}`,
    });
    for (const who of ['task', 'hard'] as const)
      for (const cpu of [0, 1, 2])
        expect(explore(raisedBy(who, cpu)).kind, `${who} ${String(cpu)}`).to.equal('exhausted');
  });

  it('lets devices reach memory beside every cpu, raw', () => {
    const program = counter(true, {
      devices: {
        *dma({ machine, page }) {
          machine.physical(page)[0] = 9;
          yield;
        },
      },
    });
    expect(found(explore(program)).violation.rule).to.be.oneOf(['final-check', 'lost-write']);
  });

  it('reports an error of the program as a violation, and a schedule that does not end', () => {
    const wrong = explore({
      tasks: {
        *one() {
          throw new TypeError('no such page');
        },
      },
    });
    expect(found(wrong).violation).to.include({ rule: 'exception', what: 'TypeError: no such page' });
    expect(found(explore({ ...steps(1000), maxSteps: 100 })).violation.rule).to.equal('no-progress');
  });

  it('makes interrupt handlers threads on PREEMPT_RT, which can be preempted', () => {
    const program = (preemptRt: boolean): Program => ({
      machine: { preemptRt, cpus: 1 },
      tasks: { *one() {} },
      interrupts: {
        irq: {
          kind: 'hardirq',
          *run() {
            yield;
          },
        },
      },
    });
    expect(schedulesOf(program(false))).to.deep.equal(['0.1.1', '1.1.0']);
    expect(schedulesOf(program(true))).to.deep.equal(['0.1.1', '1.0.1', '1.1.0']);
  });

  it('counts steps over all schedules', () => {
    const world = new Execution(steps(1));
    world.begin(() => -2);
    world.take(0);
    expect(world.totalSteps).to.equal(1);
  });

  // What an actor saw in something that cannot be watched is in its local variables after that is put back.
  it('tells apart what an actor saw in a list that cannot be watched', () => {
    const ends = (options: object): readonly string[] => {
      const seen = new Set<string>();
      const program: Program<{ list: Map<string, number> }> = {
        setup: () => ({ list: new Map([['x', 0]]) }),
        tasks: {
          *reader({ list }) {
            const first = list.get('x');
            yield;
            yield;
            return first;
          },
          *writer({ list }) {
            list.set('x', 1);
            yield;
            list.set('x', 0);
            yield;
          },
        },
        check: ({ results }) => {
          seen.add(JSON.stringify(results['reader']));
        },
      };
      explore(program as Program, exhaustive(options));
      return [...seen].sort();
    };
    for (const options of [
      {},
      { sleepSets: false },
      { visited: false },
      { sleepSets: false, visited: false },
    ])
      expect(ends(options), JSON.stringify(options)).to.deep.equal(['0', '1']);
  });

  it('tells apart what an actor saw in bytes that it kept from an earlier step', () => {
    const ends = (options: object, how: 'bytes' | 'physical'): readonly string[] => {
      const seen = new Set<string>();
      const program: Program<{ page: Page }> = {
        machine: { pageSize: 256, cpus: 1 },
        mayKeepMappings: true,
        setup: (machine) => ({ page: machine.allocPage({ zone: 'lowmem' }) }),
        tasks: {
          *reader({ task, machine, page }) {
            const bytes = how === 'bytes' ? kmapLocalPage(task, page).bytes : machine.physical(page);
            yield;
            const first = bytes[255];
            yield;
            yield;
            return first;
          },
          *writer({ task, page }) {
            const m = kmapLocalPage(task, page);
            yield;
            m.store8(255, 1);
            yield;
            m.store8(255, 0);
            yield;
          },
        },
        check: ({ results }) => {
          seen.add(JSON.stringify(results['reader']));
        },
      };
      explore(program as Program, exhaustive(options));
      return [...seen].sort();
    };
    for (const how of ['bytes', 'physical'] as const) {
      const brutal = ends({ sleepSets: false, visited: false }, how);
      expect(brutal).to.deep.equal(['0', '1']);
      for (const options of [{}, { sleepSets: false }, { visited: false }])
        expect(ends(options, how), `${how} ${JSON.stringify(options)}`).to.deep.equal(brutal);
    }
  });

  it('keeps mistakes in the set-up and in this library apart from what the program does wrong', () => {
    const throwing = (error: Error): Program => ({
      tasks: {
        *one() {
          yield;
          throw error;
        },
      },
    });
    for (const error of [new ConfigError('set up wrong'), new InvariantError('a bug of ours')])
      expect(() => explore(throwing(error))).to.throw(error.message);
    for (const error of [new TypeError('wrong type'), new RangeError('too far')]) {
      const { violation } = found(explore(throwing(error)));
      expect([violation.rule, violation.what]).to.deep.equal([
        'exception',
        `${error.name}: ${error.message}`,
      ]);
      expect(violation.details).to.have.length(1);
      const text = violation.details[0]?.text ?? '';
      // The frames of the test runner and of the library are no help.
      expect(text).to.match(/^[^\n]* at execution\.spec\.ts:\d+$/);
    }
    const raising = {
      tasks: {
        *one({ raise }) {
          raise('other');
        },
      },
    } satisfies Program;
    expect(() => explore(raising)).to.throw(ConfigError, 'no interrupt "other" in this program');
    const itself = {
      tasks: {
        *one({ raise }) {
          raise('one');
        },
      },
    } satisfies Program;
    expect(() => explore(itself)).to.throw(ConfigError, 'no interrupt "one" in this program');
    const world = new Execution(steps(1));
    world.begin(() => -2);
    expect(() => {
      world.take(7);
    }).to.throw(ConfigError, 'no actor 7 in this program');
  });

  it('takes a softirq that a task raised as not urgent, and one that a hard interrupt raised as urgent', () => {
    const program = (who: 'task' | 'hard'): Program => ({
      tasks: {
        *one({ raise }) {
          if (who === 'task') raise('soft');
          yield;
        },
      },
      interrupts: {
        soft: { kind: 'softirq', onlyRaised: true, run: () => undefined },
        ...(who === 'hard'
          ? {
              hard: {
                kind: 'hardirq',
                run: ({ raise }) => {
                  raise('soft');
                },
              },
            }
          : {}),
      },
    });
    expect(schedulesOf(program('task'))).to.deep.equal(['0.0.1', '0.1.0']);
    expect(schedulesOf(program('hard'))).to.deep.equal(['0.0.2.1', '0.2.1.0', '2.1.0.0']);
  });

  it('ends a schedule only after more steps than it may take', () => {
    for (const [maxSteps, kind] of [
      [3, 'violation'],
      [4, 'exhausted'],
    ] as const)
      expect(explore({ ...steps(3), maxSteps }).kind, String(maxSteps)).to.equal(kind);
  });
});
