import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import {
  DmaDevice,
  dmaMapPage,
  dmaMapSingle,
  dmaMaxMappingSize,
  dmaSyncSingleRangeForCpu,
  dmaSyncSingleRangeForDevice,
  dmaUnmapPage,
  dmaUnmapSingle,
  pageAddress,
} from 'scatterlist/machine';
import { WRONG_ATTRS, at, dmaFixture, must } from './dma-fixture.ts';

describe('dma_map_page and relatives', () => {
  it('sync a range by its offset in the mapping', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const page = at(b.high, 0);
    const address = must(dmaMapPage(b.task, device, page, 0, 64, 'bidirectional'));
    device.write(address, new Uint8Array(64).fill(5));
    dmaSyncSingleRangeForCpu(b.task, device, address, 8, 4, 'bidirectional');
    expect([...b.machine.physical(page).subarray(7, 13)]).to.deep.equal([0, 5, 5, 5, 5, 0]);
    b.machine.physical(page).fill(6, 8, 12);
    dmaSyncSingleRangeForDevice(b.task, device, address, 9, 2, 'bidirectional');
    dmaSyncSingleRangeForDevice(b.task, device, address, 8, 1, 'bidirectional');
    expect([...device.read(address + 7, 4)]).to.deep.equal([5, 6, 6, 6]);
    expect(b.pool.slotsInUse).to.equal(1);
    dmaUnmapPage(b.task, device, address, 64, 'bidirectional');
    device.checkLeaks();
  });

  it('refuse attributes that do not exist, and leave the mapping as it was', () => {
    for (const [attrs, message] of WRONG_ATTRS) {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine);
      const page = at(b.low, 0);
      const virtual = pageAddress(b.task, page)!.vaddr;
      const refused = (act: () => unknown): void => void expect(act).to.throw(ConfigError, message);
      refused(() => dmaMapPage(b.task, device, page, 0, 64, 'toDevice', attrs as never));
      refused(() => dmaMapSingle(b.task, device, virtual, 64, 'toDevice', attrs as never));
      expect(device.liveMappings).to.equal(0);
      const one = must(dmaMapPage(b.task, device, page, 0, 64, 'toDevice', { skipCpuSync: false }));
      refused(() => dmaUnmapPage(b.task, device, one, 64, 'toDevice', attrs as never));
      dmaUnmapPage(b.task, device, one, 64, 'toDevice', {});
      const two = must(dmaMapSingle(b.task, device, virtual, 64, 'toDevice', { skipCpuSync: undefined }));
      refused(() => dmaUnmapSingle(b.task, device, two, 64, 'toDevice', attrs as never));
      dmaUnmapSingle(b.task, device, two, 64, 'toDevice');
      device.checkLeaks();
    }
  });

  it('say how much one mapping can have', () => {
    const b = dmaFixture();
    expect(dmaMaxMappingSize(new DmaDevice(b.machine))).to.equal(Infinity);
    expect(dmaMaxMappingSize(new DmaDevice(b.machine, { bounce: { pool: b.pool } }))).to.equal(8 * 2048);
  });
});
