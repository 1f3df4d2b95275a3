import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { Semaphore } from 'scatterlist/explore';

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
});
