import { expect } from 'chai';
import { WaitQueue } from 'scatterlist/machine';

describe('WaitQueue', () => {
  const waiter = (name: string): { name: string; asleepOn: WaitQueue | undefined } => ({
    name,
    asleepOn: undefined,
  });

  it('wakes everybody; each leaves when it runs', () => {
    const queue = new WaitQueue('slots');
    const [a, b] = [waiter('a'), waiter('b')];
    queue.add(a);
    queue.add(b);
    expect([queue.active, a.asleepOn, b.asleepOn]).to.deep.equal([true, queue, queue]);
    queue.wakeAll();
    expect([queue.active, a.asleepOn, b.asleepOn]).to.deep.equal([true, undefined, undefined]);
    queue.remove(a);
    expect(queue.waiters).to.deep.equal([b]);
    queue.remove(b);
    expect(queue.active).to.equal(false);
  });

  it('counts wake-ups that found nobody', () => {
    const queue = new WaitQueue('slots');
    queue.wakeAll();
    const late = waiter('late');
    queue.add(late);
    expect([queue.wakeUps, late.asleepOn]).to.deep.equal([1, queue]);
    queue.remove(waiter('stranger'));
    expect(queue.waiters).to.deep.equal([late]);
  });
});
