import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { WaitQueue } from 'scatterlist/machine';
import type { Sleeping } from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

describe('runAlone', () => {
  it('runs over plain yields to the answer', () => {
    function* work(): Sleeping<number> {
      yield;
      yield;
      return 7;
    }
    expect(runAlone(createMachine().task(), work())).to.equal(7);
  });

  it('goes on after a sleep that is over already', () => {
    const task = createMachine().task();
    const queue = new WaitQueue('q');
    function* work(): Sleeping<string> {
      queue.add(task);
      queue.wakeAll();
      yield { sleepOn: queue };
      queue.remove(task);
      return 'woken';
    }
    expect(runAlone(task, work())).to.equal('woken');
  });

  it('reports a sleep that nobody ends, on a machine that records, too', () => {
    for (const onViolation of ['throw', 'record'] as const) {
      const task = createMachine({ onViolation }).task();
      const queue = new WaitQueue('q');
      function* work(): Sleeping<void> {
        queue.add(task);
        yield { sleepOn: queue };
      }
      expect(violationOf(() => runAlone(task, work()))).to.equal('deadlock');
    }
  });
});
