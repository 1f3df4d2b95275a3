import { expect } from 'chai';
import { ConfigError, createMachine, runAlone } from 'scatterlist';
import { Semaphore, exhaustive, explore } from 'scatterlist/explore';
import type { Sleeping } from 'scatterlist/machine';
import { preemptDisable } from 'scatterlist/machine';
import { Hash } from '../../../lib/base/hash.ts';
import { violationOf } from '../violations.ts';

describe('Semaphore', () => {
  it('lets through while there are units, all at once', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b')];
    const units = new Semaphore(machine, 'units', 3);
    runAlone(a, units.down(a, 2));
    const waiting = units.down(b, 2);
    expect(waiting.next().done).to.equal(false);
    expect(b.asleepOn).to.equal(units.queue);
    units.up(a, 2);
    expect(waiting.next().done).to.equal(true);
    expect(units.free).to.equal(true);
  });

  it('takes and gives one unit where no number is said', () => {
    const machine = createMachine();
    const task = machine.task();
    const units = new Semaphore(machine, 'units', 2);
    runAlone(task, units.down(task));
    expect(units.free).to.equal(true);
    runAlone(task, units.down(task));
    expect(units.free).to.equal(false);
    units.up(task);
    expect(units.free).to.equal(true);
    expect(new Semaphore(machine, 'none', 0).free).to.equal(false);
  });

  it('is taken without sleeping where there are units, in any context', () => {
    const machine = createMachine({ trace: true });
    const task = machine.task();
    const units = new Semaphore(machine, 'units', 3);
    preemptDisable(task);
    expect([units.tryDown(task, 2), units.tryDown(task, 2), units.tryDown(task)]).to.deep.equal([
      true,
      false,
      true,
    ]);
    expect(machine.events.slice(1).map(({ event }) => event)).to.deep.equal([
      'acquire',
      'refused',
      'acquire',
    ]);
    expect(machine.interrupt('hardirq', (irq) => units.tryDown(irq))).to.equal(false);
    expect(units.holders).to.deep.equal([task, task]);
    expect(violationOf(() => units.tryDown(task, 0))).to.equal('bad-number');
    units.up(task, 3);
    expect(machine.interrupt('softirq', (irq) => units.tryDown(irq, 3))).to.equal(true);
  });

  it('that is tried can be found taken, and both cases are explored', () => {
    const seen = new Set<string>();
    const outcome = explore(
      {
        setup: (machine) => ({ units: new Semaphore(machine, 'units', 1) }),
        tasks: {
          *one({ task, units }): Sleeping<string> {
            yield* units.down(task);
            yield;
            units.up(task);
            return 'one';
          },
          *two({ task, units }): Sleeping<string> {
            if (!units.tryDown(task)) return 'refused';
            yield;
            units.up(task);
            return 'taken';
          },
        },
        check: ({ results }) => {
          seen.add(String(results['two']));
        },
      },
      exhaustive({ visited: false }),
    );
    expect(outcome.kind).to.equal('exhausted');
    expect(seen).to.deep.equal(new Set(['refused', 'taken']));
  });

  it('takes whole numbers of units only, from one to what an int holds', () => {
    const machine = createMachine();
    const task = machine.task();
    const units = new Semaphore(machine, 'units', 1);
    for (const n of [0, -1, 1.5, NaN, 2 ** 31]) {
      expect(violationOf(() => runAlone(task, units.down(task, n)))).to.equal('bad-number');
      expect(
        violationOf(() => {
          units.up(task, n);
        }),
      ).to.equal('bad-number');
    }
    units.up(task, 2 ** 31 - 1);
    runAlone(task, units.down(task, 2 ** 31 - 1));
    expect([units.free, units.holders]).to.deep.equal([true, [task]]);
    for (const n of [-1, 0.5, NaN])
      expect(() => new Semaphore(machine, 'units', n)).to.throw(ConfigError, 'units of semaphore "units"');
  });

  it('is not taken where sleeping is forbidden, whatever is free', () => {
    const task = createMachine().task();
    const units = new Semaphore(task.machine, 'units', 1);
    preemptDisable(task);
    expect(violationOf(() => runAlone(task, units.down(task)))).to.equal('sleep-in-atomic');
    expect(units.free).to.equal(true);
  });

  it('has its units, holders and name in the state key', () => {
    const machine = createMachine();
    const key = (name: string, units: number): number => {
      const hash = new Hash();
      new Semaphore(machine, name, units).addTo(hash);
      return hash.value;
    };
    expect(key('a', 1)).to.equal(key('a', 1));
    expect(new Set([key('a', 1), key('a', 2), key('b', 1)]).size).to.equal(3);
  });
});
