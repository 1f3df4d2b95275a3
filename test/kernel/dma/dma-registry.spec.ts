import { expect } from 'chai';
import { dmaAddr } from 'scatterlist';
import {
  DmaDevice,
  dmaAllocCoherent,
  dmaMapPage,
  dmaSyncSingleRangeForCpu,
  dmaUnmapPage,
} from 'scatterlist/machine';
import type { DmaDirection } from 'scatterlist/machine';
import { at, dmaFixture, must } from './dma-fixture.ts';

describe('one of several mappings at an address', () => {
  const skip = { skipCpuSync: true };

  it('ends by its length and direction, whichever was made last', () => {
    const directions: readonly DmaDirection[] = ['fromDevice', 'toDevice', 'bidirectional'];
    for (const lengths of [
      [64, 64, 64],
      [64, 64, 32],
      [32, 64, 64],
    ])
      for (const first of [0, 1, 2]) {
        const b = dmaFixture();
        const device = new DmaDevice(b.machine);
        const wanted = directions.map((direction, i) => ({ direction, length: at(lengths, i) }));
        const addresses = wanted.map(({ direction, length }) =>
          must(dmaMapPage(b.task, device, at(b.low, 0), 0, length, direction, skip)),
        );
        expect(new Set(addresses).size).to.equal(1);
        for (let i = 0; i < 3; i += 1) {
          const { direction, length } = at(wanted, (first + i) % 3);
          dmaUnmapPage(b.task, device, at(addresses, 0), length, direction, skip);
        }
        expect(device.liveMappings).to.equal(0);
      }
  });

  it('is the one of its length where none has the direction, which is reported', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const device = new DmaDevice(b.machine);
    const address = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 64, 'toDevice', skip));
    must(dmaMapPage(b.task, device, at(b.low, 0), 0, 32, 'toDevice', skip));
    dmaUnmapPage(b.task, device, address, 64, 'bidirectional', skip);
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['dma-mismatch']);
    dmaUnmapPage(b.task, device, address, 32, 'toDevice', skip);
    expect([b.machine.violations.length, device.liveMappings]).to.deep.equal([1, 0]);
  });
});

describe('the bounce buffer of a mapping', () => {
  it('is told to the trace when it is taken, synced and given back', () => {
    const b = dmaFixture({ trace: true });
    const device = new DmaDevice(b.machine, { bounce: { pool: b.pool, always: true } });
    const events = (act: () => void): readonly string[] => {
      const before = b.machine.events.length;
      act();
      return b.machine.events
        .slice(before)
        .map(({ event }) => event)
        .filter((event) => event.startsWith('bounce'));
    };
    let address = dmaAddr(0);
    expect(
      events(() => {
        address = must(dmaMapPage(b.task, device, at(b.low, 0), 0, 64, 'fromDevice'));
      }),
    ).to.deep.equal(['bounce-map']);
    expect(
      events(() => {
        device.sync(b.task, 'cpu', address, 64, 'fromDevice');
      }),
    ).to.deep.equal(['bounce-sync']);
    expect(
      events(() => {
        dmaUnmapPage(b.task, device, address, 64, 'fromDevice');
      }),
    ).to.deep.equal(['bounce-unmap']);
  });
});

describe('what a device sees of its own mapping', () => {
  it('is where it is, its direction, and which side owns the byte', () => {
    const b = dmaFixture({ trace: true });
    const device = new DmaDevice(b.machine);
    const address = must(dmaMapPage(b.task, device, at(b.low, 0), 64, 128, 'bidirectional'));
    const mapping = { address, lengthBytes: 128, direction: 'bidirectional' };
    expect(device.look(address + 100)).to.deep.equal({ ...mapping, owner: 'device' });
    dmaSyncSingleRangeForCpu(b.task, device, address, 64, 64, 'bidirectional');
    expect(device.look(address + 100)).to.deep.equal({ ...mapping, owner: 'cpu' });
    expect(device.look(address + 63)?.owner).to.equal('device');
    expect([device.look(address + 128), device.look(address - 1), device.look(NaN)]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    dmaUnmapPage(b.task, device, address, 128, 'bidirectional');
    expect(device.look(address)).to.equal(undefined);
    expect(b.machine.events.at(-1)).to.deep.include({ event: 'dma', verb: 'look', direction: 'none' });
  });

  it('is both sides for coherent memory', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine);
    const { handle } = must(dmaAllocCoherent(b.task, device, 64));
    expect(device.look(handle)?.owner).to.equal('both');
  });
});
