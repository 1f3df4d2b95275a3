import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { Mutex } from 'scatterlist/explore';
import { WaitQueue, kmap, kmapLocalPage } from 'scatterlist/machine';
import type { End } from '../../../lib/explore/rules/rule.ts';
import { blockedTasks, findCycle } from '../../../lib/explore/rules/waits-for.ts';

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

describe('blockedTasks', () => {
  it('names the holders of a lock, and the makers of the mappings of a pool, and nobody else', () => {
    const machine = createMachine({ pkmapSlots: 2 });
    const [a, b, c] = [machine.task('a'), machine.task('b'), machine.task('c')];
    const lock = new Mutex(machine, 'm');
    const endOf = (): readonly string[] => {
      const tasks = [a, b, c].map((task) => ({ task }));
      const end = { machine, tasks, actors: [], program: {} } as unknown as End;
      return blockedTasks(end).map(
        ({ task, queue, holders }) =>
          `${task.name} ${queue.name}: ${holders.map(({ name }) => name).join(' ')}`,
      );
    };
    expect(endOf()).to.deep.equal([]);
    lock.tryLock(b);
    lock.lock(a).next();
    expect(endOf()).to.deep.equal(['a m: b']);
    const page = machine.allocPage({ zone: 'highmem' });
    kmap(c, page).next();
    kmapLocalPage(b, page);
    machine.pkmap.waitQueue(page).add(a);
    expect(endOf().map((text) => text.replace(/^.*: /, ''))).to.deep.equal(['c']);
  });
});
