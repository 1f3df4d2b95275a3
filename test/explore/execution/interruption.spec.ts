import { expect } from 'chai';
import { SpinLock, exhaustive, explain, explore, formatSchedule, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { found } from '../programs.ts';

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

describe('an interrupt at a marked point', () => {
  it('arrives inside a map, where _ means none', () => {
    const program: Program<{ page: object }> = {
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: {
        *one({ task, machine }) {
          kunmapLocal(task, kmapLocalPage(task, machine.allocPage({ zone: 'highmem' })));
        },
      },
      interrupts: { irq: { kind: 'hardirq', run: () => undefined } },
    };
    const seen = schedulesOf(program as Program);
    expect(seen).to.include('1.0');
    expect(seen).to.include('0.1');
    expect(seen.some((text) => /^0(\._)+\.1$/.test(text))).to.equal(true);
    expect(seen.length).to.be.greaterThan(4);
  });

  it('runs a handler of several steps to its end at a marked point, and interleaves it anywhere else', () => {
    const program: Program<{ log: string[] }> = {
      machine: { cpus: 2 },
      setup: () => ({ log: [] as string[] }),
      tasks: {
        *one({ task, machine, log }) {
          const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
          log.push('mapped');
          kunmapLocal(task, m);
        },
        other: { cpu: 1, *run() {} },
      },
      interrupts: {
        irq: {
          kind: 'hardirq',
          *run({ log }) {
            log.push('first');
            yield;
            yield;
            log.push('last');
          },
        },
      },
      check: ({ log }) => log.includes('last') && log.indexOf('last') > log.indexOf('first'),
    };
    const seen = schedulesOf(program as Program);
    expect(seen.some((text) => /^0(\._)+\.2(\._)*\.1$/.test(text))).to.equal(true);
    expect(seen).to.include('2.1.2.2.0');
  });

  it('finds a handler of several steps that spins at a marked point for what its CPU holds', () => {
    const spinning: Program<{ lock: SpinLock }> = {
      setup: (machine) => ({ lock: new SpinLock(machine, 'lock') }),
      tasks: {
        *one({ task, machine, lock }) {
          const page = machine.allocPage({ zone: 'highmem' });
          yield* lock.lock(task);
          kunmapLocal(task, kmapLocalPage(task, page));
          lock.unlock(task);
        },
      },
      interrupts: {
        irq: {
          kind: 'hardirq',
          *run({ irq, lock }) {
            yield* lock.lock(irq);
            lock.unlock(irq);
          },
        },
      },
    };
    const { violation, schedule } = found(explore(spinning));
    expect([violation.rule, /^0(\._)*\.1$/.test(schedule)]).to.deep.equal(['deadlock', true]);
    expect(violation.what).to.equal('hardirq "irq" spins for lock, held by "one", which it interrupted');
  });

  const interrupted = (several: boolean): Program<{ log: string[] }> => ({
    machine: { cpus: 2 },
    setup: () => ({ log: [] as string[] }),
    tasks: {
      *idle() {},
      one: {
        cpu: 1,
        *run({ task, machine, log }) {
          const page = machine.allocPage({ zone: 'highmem' });
          kunmapLocal(task, kmapLocalPage(task, page));
          log.push('one');
        },
      },
    },
    interrupts: {
      irq: {
        kind: 'hardirq',
        cpu: 1,
        run: several
          ? function* ({ log, irq }) {
              log.push(`begins on ${String(irq.cpu.id)}`);
              yield;
              log.push('ends');
            }
          : ({ log, irq }) => {
              log.push(`on ${String(irq.cpu.id)}`);
            },
      },
    },
  });

  for (const several of [false, true]) {
    it(`tells in a report who runs after an interrupt at a marked point (${several ? 'generator' : 'function'})`, () => {
      const program = interrupted(several) as Program;
      const inside = schedulesOf(program).find((text) => /^1(\._)+\.2(\._)*\.0$/.test(text));
      const told = explain(program, parseSchedule(inside ?? ''));
      expect(told.exact).to.equal(true);
      expect(told.steps.map(({ actor, cpu }) => [actor, cpu])).to.deep.equal([
        [1, 1],
        [2, 1],
        [1, 1],
        [0, 0],
      ]);
      const [first, second, third] = told.steps;
      const words = (inside ?? '').split('.');
      expect([first?.at, second?.at, third?.at]).to.deep.equal([0, words.indexOf('2'), words.indexOf('2')]);
      const events = told.events.slice(second?.firstEvent, third?.firstEvent).map(({ event }) => event);
      expect([events.at(0), events.at(-1)]).to.deep.equal(['irq-enter', 'irq-exit']);
    });
  }

  it('lets an interrupt arrive at a marked point only on the CPU that reaches it', () => {
    const program = (cpu: number | 'any'): Program => {
      const base = interrupted(false) as Program;
      return {
        ...base,
        interrupts: { irq: { kind: 'hardirq', cpu, times: 2, run: () => undefined } },
      };
    };
    const inside = (cpu: number | 'any'): readonly string[] => [
      ...new Set(schedulesOf(program(cpu)).flatMap((text) => /_\.(2[^.]*)\._/.exec(text)?.[1] ?? [])),
    ];
    expect(inside(0)).to.deep.equal([]);
    expect(inside(1)).to.deep.equal(['2']);
    expect(inside('any')).to.deep.equal(['2@1']);
  });
});
