import { expect } from 'chai';
import {
  DmaDevice,
  dmaMapPage,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  kmapLocalPage,
} from 'scatterlist/machine';
import { at, dmaFixture, must } from './dma-fixture.ts';

describe('the copies between bounce buffers and memory', () => {
  it('show the CPU old bytes where the wrong range is synced', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, 'fromDevice'));
    device.write(address, new Uint8Array(64).fill(5));
    dmaSyncSingleForCpu(b.task, device, address, 32, 'fromDevice');
    const window = kmapLocalPage(b.task, at(b.high, 0));
    expect([window.load8(31), window.load8(32)]).to.deep.equal([5, 0]);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['dma-cpu-access']);
  });

  it('take what the CPU wrote with a sync for the device, and not without', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const address = must(dmaMapPage(b.task, device, at(b.high, 0), 0, 64, 'toDevice'));
    const window = kmapLocalPage(b.task, at(b.high, 0));
    window.store8(0, 1);
    expect(device.read(address, 1)[0]).to.equal(0);
    dmaSyncSingleForDevice(b.task, device, address, 64, 'toDevice');
    expect(device.read(address, 1)[0]).to.equal(1);
  });

  it('go into a bounce buffer for the device alone, and only what may go there', () => {
    const syncs = { cpu: dmaSyncSingleForCpu, device: dmaSyncSingleForDevice };
    for (const direction of ['fromDevice', 'toDevice', 'bidirectional'] as const)
      for (const owner of ['cpu', 'device'] as const) {
        const b = dmaFixture();
        const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
        const page = at(b.high, 0);
        const address = must(dmaMapPage(b.task, device, page, 0, 64, direction));
        const run = b.pool.runAt(0, 64);
        run.bytes.fill(7);
        b.machine.physical(page).fill(8);
        syncs[owner](b.task, device, address, 64, direction);
        const [memory, buffer] = [b.machine.physical(page)[63], run.bytes[63]];
        const name = `${direction}, for the ${owner}`;
        expect(buffer, name).to.equal(owner === 'device' && direction !== 'fromDevice' ? 8 : 7);
        expect(memory, name).to.equal(owner === 'cpu' && direction !== 'toDevice' ? 7 : 8);
      }
  });
});
