import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { WaitQueue } from 'scatterlist/machine';
import { findCycle } from '../../../lib/explore/rules/waits-for.ts';

describe('findCycle', () => {
  const machine = createMachine();
  const [a, b, c] = [machine.task('a'), machine.task('b'), machine.task('c')];
  const queue = new WaitQueue('q');
  const names = (cycle: ReturnType<typeof findCycle>): string => cycle.map(({ task }) => task.name).join(' ');

  it('follows the holders round', () => {
    expect(
      names(
        findCycle([
          { task: c, queue, holders: [a] },
          { task: a, queue, holders: [b] },
          { task: b, queue, holders: [a] },
        ]),
      ),
    ).to.equal('a b');
  });

  it('prefers a circle through others to one by itself', () => {
    expect(
      names(
        findCycle([
          { task: a, queue, holders: [a, b] },
          { task: b, queue, holders: [a, b] },
        ]),
      ),
    ).to.equal('a b');
    expect(names(findCycle([{ task: a, queue, holders: [a] }]))).to.equal('a');
  });

  it('finds none where somebody holds and does not wait', () => {
    expect(findCycle([{ task: a, queue, holders: [b] }])).to.deep.equal([]);
  });
});
