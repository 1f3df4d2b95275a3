import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { BouncePool, DmaDevice } from 'scatterlist/machine';
import type { DmaDeviceOptions } from 'scatterlist/machine';
import { resolveDmaOptions } from '../../../lib/kernel/dma/dma-device-options.ts';

describe('the options of a DMA device', () => {
  const machine = createMachine({ bounceSlots: 8 });
  const pool = new BouncePool(machine);
  const foreign = new BouncePool(createMachine({ bounceSlots: 8 }));

  const refused: readonly (readonly [options: Readonly<Record<string, unknown>>, why: RegExp])[] = [
    [{ maxSegmentSize: 512 }, /has no option maxSegmentSize; it has name, iommu, bounce/],
    [{ name: 5 }, /^name of a DMA device is 5; it must be a string$/],
    [{ iommu: 5 }, /^the value for iommu is 5; it must be an object$/],
    [{ iommu: null }, /^the value for iommu is null; it must be an object$/],
    [{ bounce: true }, /^the value for bounce is true; it must be an object$/],
    [{ bounce: {} }, /^bounce.pool of a DMA device is undefined; it must be an object$/],
    [{ iommu: { page: 4 } }, /iommu has no option page; it has pages, merges/],
    [{ bounce: { pool, allways: true } }, /bounce has no option allways; it has pool, always/],
    [{ bounce: { pool: foreign } }, /bounce pool .* of another machine/],
    [{ bounce: { pool, always: 1 } }, /bounce\.always .* is 1; it must be true or false/],
    [{ iommu: { merges: 'no' } }, /iommu\.merges .* is no; it must be true or false/],
    [{ untrusted: 'yes', iommu: {}, bounce: { pool } }, /untrusted .* is yes/],
    [{ untrusted: true }, /untrusted DMA device needs iommu and bounce/],
    [{ untrusted: true, iommu: {} }, /untrusted DMA device needs iommu and bounce/],
    [{ untrusted: true, bounce: { pool } }, /untrusted DMA device needs iommu and bounce/],
    [{ peerToPeer: 'bus' }, /peerToPeer .* is bus; it must be busAddress, hostBridge, unsupported/],
    [{ segmentBoundaryMask: 0x1000 }, /segmentBoundaryMask .* is 4096; it must be a power of two, less one/],
    [{ minAlignMask: 6, bounce: { pool } }, /minAlignMask .* is 6; it must be a power of two, less one/],
    [{ minAlignMask: 2 ** 18 * 2 - 1, bounce: { pool } }, /minAlignMask .* is 524287; .* from 0 to 262143/],
    [{ minAlignMask: 8191, iommu: {} }, /its IOMMU keeps no more bits than those inside a page/],
    ...['mask', 'maxSegmentBytes', 'segmentBoundaryMask', 'minAlignMask', 'busOffset'].flatMap((name) =>
      [NaN, 1.5, '4096'].map(
        (value) => [{ [name]: value }, new RegExp(`${name} of a DMA device is `)] as const,
      ),
    ),
    ...['mask', 'maxSegmentBytes', 'segmentBoundaryMask', 'minAlignMask'].map(
      (name) => [{ [name]: -1 }, new RegExp(`${name} of a DMA device is -1`)] as const,
    ),
    [{ maxSegmentBytes: 0 }, /maxSegmentBytes .* is 0; it must be a whole number of 1 or more/],
    ...[NaN, 0, -1, 0.5, Infinity].map(
      (pages) => [{ iommu: { pages } }, /iommu\.pages of a DMA device is/] as const,
    ),
  ];
  for (const [options, why] of refused) {
    const text = JSON.stringify(options, (key, value: unknown) => (key === 'pool' ? 'pool' : value));
    it(`refuses ${text}${Object.values(options).includes(NaN) ? ' (NaN)' : ''}`, () => {
      const given: DmaDeviceOptions = options;
      expect(() => new DmaDevice(machine, given)).to.throw(ConfigError, why);
    });
  }

  it('takes everything that means something', () => {
    const all: readonly DmaDeviceOptions[] = [
      {},
      { name: 'nic', mask: Infinity, maxSegmentBytes: 1, segmentBoundaryMask: 1, busOffset: -4096 },
      { mask: 0, bounce: { pool, always: true }, minAlignMask: 4095 },
      { mask: 2 ** 64 - 1, iommu: { pages: 1, merges: false }, bounce: { pool }, untrusted: true },
      { minAlignMask: 0xfff, iommu: {}, peerToPeer: 'hostBridge', untrusted: false },
      { segmentBoundaryMask: 2 ** 32 - 1 },
      { segmentBoundaryMask: 2 ** 64 - 1 },
    ];
    for (const options of all) expect(() => new DmaDevice(machine, options)).to.not.throw();
  });

  it('has defaults: bus addresses are physical, and nothing is asked of a buffer', () => {
    expect(resolveDmaOptions(machine, {})).to.deep.equal({
      name: 'device',
      iommu: undefined,
      bounce: undefined,
      untrusted: false,
      mask: Infinity,
      maxSegmentBytes: 65536,
      boundaryBytes: Infinity,
      minAlignMask: 0,
      peerToPeer: 'busAddress',
      busOffset: 0,
    });
    expect(resolveDmaOptions(machine, { bounce: { pool } }).bounce?.always).to.equal(false);
    expect(resolveDmaOptions(machine, { segmentBoundaryMask: 0xfff }).boundaryBytes).to.equal(4096);
  });

  it('takes numbers up to their bounds, and no more', () => {
    const bounds: readonly (readonly [last: DmaDeviceOptions, past: DmaDeviceOptions])[] = [
      [{ iommu: { pages: 2 ** 32 } }, { iommu: { pages: 2 ** 32 + 1 } }],
      [{ minAlignMask: 2 ** 18 - 1 }, { minAlignMask: 2 ** 18 }],
      [
        { minAlignMask: 4095, iommu: {} },
        { minAlignMask: 8191, iommu: {} },
      ],
      [{ busOffset: Number.MAX_SAFE_INTEGER }, { busOffset: 2 ** 53 }],
      [{ busOffset: Number.MIN_SAFE_INTEGER }, { busOffset: -(2 ** 53) }],
      [{ maxSegmentBytes: 1 }, { maxSegmentBytes: 0 }],
      [{ segmentBoundaryMask: 1 }, { segmentBoundaryMask: 0 }],
      [{ mask: 0 }, { mask: -1 }],
    ];
    for (const [last, past] of bounds) {
      expect(() => resolveDmaOptions(machine, last)).to.not.throw();
      expect(() => resolveDmaOptions(machine, past)).to.throw(ConfigError);
    }
    expect(() => resolveDmaOptions(machine, { segmentBoundaryMask: 2 ** 40 })).to.throw(ConfigError);
  });
});

describe('a mask of low bits', () => {
  it('is a power of two less one, also where the logarithm is too coarse to tell', () => {
    const machine = createMachine();
    for (let bits = 1; bits <= 60; bits += 1) {
      const mask = 2 ** bits - 1;
      expect(resolveDmaOptions(machine, { segmentBoundaryMask: mask }).boundaryBytes).to.equal(2 ** bits);
      for (const wrong of [2 ** bits, 2 ** bits + 2 ** Math.max(1, bits - 51)])
        if (bits > 1 && bits < 53)
          expect(() => resolveDmaOptions(machine, { segmentBoundaryMask: wrong }), String(wrong)).to.throw(
            ConfigError,
          );
    }
  });
});
