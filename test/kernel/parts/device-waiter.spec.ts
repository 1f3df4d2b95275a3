import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { WaitQueue, waitEvent } from 'scatterlist/machine';
import { DeviceWaiter } from '../../../lib/kernel/parts/device-waiter.ts';

describe('DeviceWaiter', () => {
  it('waits on a queue of its machine, in no context', () => {
    const machine = createMachine();
    const device = new DeviceWaiter('card', machine);
    const queue = new WaitQueue('bell');
    let rung = false;
    const waiting = waitEvent(device, queue, () => rung);
    expect(waiting.next()).to.deep.equal({ done: false, value: { sleepOn: queue } });
    expect(device.asleepOn).to.equal(queue);
    rung = true;
    queue.wakeAll();
    expect([device.asleepOn, waiting.next().done, queue.active]).to.deep.equal([undefined, true, false]);
    const other = new DeviceWaiter('other', createMachine());
    expect(() => waitEvent(other, queue, () => true).next()).to.throw(ConfigError, '"other"');
  });
});
