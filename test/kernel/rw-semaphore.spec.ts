import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { RwSemaphore } from 'scatterlist/explore';

describe('RwSemaphore', () => {
  it('has many readers or one writer', () => {
    const machine = createMachine();
    const [a, b, c] = [machine.task('a'), machine.task('b'), machine.task('c')];
    const mmap = new RwSemaphore(machine, 'mmap_lock');
    runAlone(a, mmap.downRead(a));
    runAlone(b, mmap.downRead(b));
    const writer = mmap.downWrite(c);
    expect(writer.next().done).to.equal(false);
    mmap.upRead(a);
    expect(writer.next().done).to.equal(false);
    mmap.upRead(b);
    expect(writer.next().done).to.equal(true);
    expect(mmap.downRead(a).next().done).to.equal(false);
    mmap.upWrite(c);
    expect(mmap.free).to.equal(true);
  });
});
