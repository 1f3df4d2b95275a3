import { expect } from 'chai';
import {
  ConfigError,
  DmaDevice,
  dmaMapSg,
  dmaSyncSgForCpu,
  dmaSyncSgForDevice,
  dmaUnmapSg,
  forEachSg,
  origNents,
  sgAllocTable,
  sgDmaAddress,
  sgDmaIsSwiotlb,
  sgDmaLen,
  sgSetPage,
} from 'scatterlist';
import type { DmaDeviceOptions, MemoryKind, SgTable } from 'scatterlist';
import { WRONG_ATTRS, at, codeOf, dmaFixture, must } from '../../kernel/dma/dma-fixture.ts';
import type { DmaFixture } from '../../kernel/dma/dma-fixture.ts';
import { violationOf } from '../../kernel/violations.ts';

function tableOf({ high }: DmaFixture, lengths: readonly number[]): SgTable {
  const table = must(sgAllocTable<MemoryKind>(lengths.length));
  for (const [i, sg] of [...table].entries()) sgSetPage(sg, at(high, i), lengths[i] ?? 0, 0);
  return table;
}

describe('dma_map_sg', () => {
  it('maps as many entries as it is told, and returns the number of segments', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { iommu: {} });
    const { sgl } = tableOf(b, [4096, 4096, 100]);
    const two = origNents(2);
    expect(must(dmaMapSg(b.task, device, sgl, two, 'fromDevice'))).to.equal(1);
    expect([...forEachSg(sgl, 3)].map(sgDmaLen)).to.deep.equal([8192, 0, 0]);
    device.write(sgDmaAddress(sgl!) + 4096, Uint8Array.of(7));
    dmaSyncSgForCpu(b.task, device, sgl, two, 'fromDevice');
    expect(violationOf(() => device.read(sgDmaAddress(sgl!), 1))).to.equal('dma-direction');
    expect(violationOf(() => device.write(sgDmaAddress(sgl!), Uint8Array.of(1)))).to.equal(
      'dma-device-access',
    );
    dmaSyncSgForDevice(b.task, device, sgl, two, 'fromDevice');
    device.write(sgDmaAddress(sgl!), Uint8Array.of(6));
    dmaUnmapSg(b.task, device, sgl, two, 'fromDevice');
    expect([b.machine.physical(at(b.high, 0))[0], b.machine.physical(at(b.high, 1))[0]]).to.deep.equal([
      6, 7,
    ]);
    device.checkLeaks();
  });

  it('refuses attributes that do not exist', () => {
    for (const [attrs, message] of WRONG_ATTRS) {
      const b = dmaFixture();
      const device = new DmaDevice(b.machine);
      const { sgl } = tableOf(b, [64]);
      const one = origNents(1);
      expect(() => dmaMapSg(b.task, device, sgl, one, 'toDevice', attrs as never)).to.throw(
        ConfigError,
        message,
      );
      expect(device.liveMappings).to.equal(0);
      must(dmaMapSg(b.task, device, sgl, one, 'toDevice', { skipCpuSync: false }));
      expect(() => {
        dmaUnmapSg(b.task, device, sgl, one, 'toDevice', attrs as never);
      }).to.throw(ConfigError, message);
      dmaUnmapSg(b.task, device, sgl, one, 'toDevice', {});
      device.checkLeaks();
    }
  });

  it('refuses no entries, and entries without a page', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine);
    const { sgl } = must(sgAllocTable<MemoryKind>(1));
    expect(violationOf(() => dmaMapSg(b.task, device, sgl, origNents(1), 'toDevice'))).to.equal(
      'sg-empty-entry',
    );
    expect(codeOf(dmaMapSg(b.task, device, sgl, origNents(0), 'toDevice'))).to.equal('InvalidArgument');
    expect(codeOf(dmaMapSg(b.task, device, null, origNents(1), 'toDevice'))).to.equal('InvalidArgument');
  });

  it('says what is wrong with a list, and takes no more of it than it is told', () => {
    const b = dmaFixture();
    const device = new DmaDevice(b.machine, { iommu: {} });
    const map = (nents: number, sgl = tableOf(b, [100, 100]).sgl) =>
      dmaMapSg(b.task, device, sgl, origNents(nents), 'toDevice');
    const none = {
      ok: false,
      error: { code: 'InvalidArgument', argument: 'table', got: 0, expected: 'at least one entry' },
    };
    expect([map(0), map(1, null)]).to.deep.equal([none, none]);
    expect(violationOf(() => map(-1))).to.equal('bad-number');
    const { sgl } = tableOf(b, [4096, 100]);
    expect(must(map(9, sgl))).to.equal(1);
    expect([...forEachSg(sgl, 2)].map(sgDmaLen)).to.deep.equal([4196, 0]);
    expect([...forEachSg(sgl, 2)].map((sg) => sgDmaAddress(sg) > 0)).to.deep.equal([true, false]);
    dmaUnmapSg(b.task, device, sgl, origNents(2), 'toDevice');
    device.checkLeaks();
    expect(sgDmaIsSwiotlb(sgl!)).to.equal(false);
  });

  it('reports the end of a list that was never mapped, once', () => {
    const b = dmaFixture({ onViolation: 'record' });
    const { sgl } = tableOf(b, [100, 100, 100]);
    dmaUnmapSg(b.task, new DmaDevice(b.machine), sgl, origNents(3), 'toDevice');
    expect(b.machine.violations.map(({ rule }) => rule)).to.deep.equal(['dma-not-mapped']);
  });

  it('marks lists that may be bounced in front of an IOMMU', () => {
    const marks = (options: (b: DmaFixture) => DmaDeviceOptions): boolean => {
      const b = dmaFixture();
      const { sgl } = tableOf(b, [100]);
      must(dmaMapSg(b.task, new DmaDevice(b.machine, options(b)), sgl, origNents(1), 'toDevice'));
      return sgDmaIsSwiotlb(sgl!);
    };
    expect(marks(({ pool }) => ({ iommu: {}, bounce: { pool }, untrusted: true }))).to.equal(true);
    expect(marks(({ pool }) => ({ iommu: {}, bounce: { pool, always: true } }))).to.equal(true);
    expect(marks(({ pool }) => ({ iommu: {}, bounce: { pool } }))).to.equal(false);
    expect(marks(({ pool }) => ({ bounce: { pool, always: true } }))).to.equal(false);
  });
});
