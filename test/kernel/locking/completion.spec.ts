import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { Completion } from 'scatterlist/explore';

describe('Completion', () => {
  it('lets one waiter through for each completion, early ones too', () => {
    const machine = createMachine();
    const [a, b] = [machine.task('a'), machine.task('b')];
    const done = new Completion(machine, 'done');
    done.complete(b);
    runAlone(a, done.wait(a));
    const waiting = done.wait(a);
    expect(waiting.next().done).to.equal(false);
    done.complete(b);
    expect(waiting.next().done).to.equal(true);
    expect(done.free).to.equal(false);
  });
});
