/**
 * The options of a device, their defaults, and the check of their values.
 */
import { ConfigError } from '../../base/invariant.ts';
import { checkChoice } from '../../base/options.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { BouncePool } from '../device/bounce-pool.ts';
import type { IommuOptions } from '../parts/iova.ts';
import type { Machine } from '../core/machine.ts';

/** The options of a device. Without any, bus addresses are physical addresses. */
export interface DmaDeviceOptions {
  readonly name?: string;
  /** An IOMMU translates its addresses. */
  readonly iommu?: IommuOptions;
  /** Bounces memory that it cannot address, or all memory (`swiotlb=force`), even if it has an IOMMU. */
  readonly bounce?: { readonly pool: BouncePool; readonly always?: boolean };
  /**
   * The device must not see memory that was not mapped for it. Its IOMMU maps whole pages, so parts of pages are
   * bounced. Needs `iommu` and `bounce`.
   */
  readonly untrusted?: boolean;
  /** The highest bus address that it can put on the bus (`dma_mask`). Default: any. */
  readonly mask?: number;
  /** The longest segment that it accepts, merged or not (`dma_set_max_seg_size`). Default 65536. */
  readonly maxSegmentBytes?: number;
  /** No segment may cross a multiple of this number plus one (`dma_set_seg_boundary`). Default: no limit. */
  readonly segmentBoundaryMask?: number;
  /** Low bits of an address that a bounce buffer keeps (`dma_set_min_align_mask`). Default 0: none. */
  readonly minAlignMask?: number;
  /** How it reaches memory of other devices: by bus address, through the host bridge, or not at all. */
  readonly peerToPeer?: 'busAddress' | 'hostBridge' | 'unsupported';
  /** The PCI bus address of another device's memory minus its physical address. Default 0. */
  readonly busOffset?: number;
}

/** The options with every default filled in. */
export interface DmaDeviceConfig {
  readonly name: string;
  readonly iommu: IommuOptions | undefined;
  readonly bounce: { readonly pool: BouncePool; readonly always: boolean } | undefined;
  readonly untrusted: boolean;
  readonly mask: number;
  readonly maxSegmentBytes: number;
  /** No segment may cross a multiple of this number of bytes. */
  readonly boundaryBytes: number;
  readonly minAlignMask: number;
  readonly peerToPeer: 'busAddress' | 'hostBridge' | 'unsupported';
  readonly busOffset: number;
}

const KEYS: Readonly<Record<keyof DmaDeviceOptions, true>> = {
  name: true,
  iommu: true,
  bounce: true,
  untrusted: true,
  mask: true,
  maxSegmentBytes: true,
  segmentBoundaryMask: true,
  minAlignMask: true,
  peerToPeer: true,
  busOffset: true,
};
const IOMMU_KEYS: Readonly<Record<keyof IommuOptions, true>> = { pages: true, merges: true };
const BOUNCE_KEYS = { pool: true, always: true };
const PEER_TO_PEER: readonly unknown[] = ['busAddress', 'hostBridge', 'unsupported'];

function checkKeys(what: string, given: object, known: object): void {
  checkChoice(`the value for ${what}`, given, 'object');
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(known, key));
  if (unknown !== undefined)
    throw new ConfigError(`${what} has no option ${unknown}; it has ${Object.keys(known).join(', ')}`);
}

function checkNumber(name: string, value: number, least: number, most: number): void {
  if (value === Infinity && most === Infinity) return;
  if (!Number.isInteger(value) || value < least || value > most) {
    const bound =
      most === Infinity ? `of ${String(least)} or more` : `from ${String(least)} to ${String(most)}`;
    throw new ConfigError(`${name} of a DMA device is ${String(value)}; it must be a whole number ${bound}`);
  }
}

function checkBits(name: string, mask: number): void {
  if (2 ** Math.round(Math.log2(mask + 1)) !== mask + 1)
    throw new ConfigError(`${name} of a DMA device is ${String(mask)}; it must be a power of two, less one`);
}

function checkSwitch(name: string, value: unknown): void {
  if (typeof value !== 'boolean')
    throw new ConfigError(`${name} of a DMA device is ${String(value)}; it must be true or false`);
}

/** Fills in the defaults. Refuses values that no device could have, and options that would have no effect. */
export function resolveDmaOptions(machine: Machine, options: DmaDeviceOptions): DmaDeviceConfig {
  checkKeys('a DMA device', options, KEYS);
  const { iommu, bounce, untrusted = false, mask = Infinity, maxSegmentBytes = 65536 } = options;
  const { segmentBoundaryMask = Infinity, minAlignMask = 0, busOffset = 0 } = options;
  const { peerToPeer = 'busAddress' } = options;
  if (iommu !== undefined) {
    checkKeys('iommu', iommu, IOMMU_KEYS);
    checkNumber('iommu.pages', iommu.pages ?? 1, 1, 2 ** 32);
    checkSwitch('iommu.merges', iommu.merges ?? true);
  }
  if (bounce !== undefined) {
    checkKeys('bounce', bounce, BOUNCE_KEYS);
    checkSwitch('bounce.always', bounce.always ?? false);
    checkChoice('bounce.pool of a DMA device', bounce.pool, 'object');
    if (bounce.pool.machine !== machine)
      throw new ConfigError('the bounce pool of a DMA device is one of another machine');
  }
  checkChoice('name of a DMA device', options.name ?? 'device', 'string');
  checkSwitch('untrusted', untrusted);
  if (untrusted && (iommu === undefined || bounce === undefined))
    throw new ConfigError('an untrusted DMA device needs iommu and bounce: nothing else keeps bytes from it');
  checkNumber('mask', mask, 0, Infinity);
  checkNumber('maxSegmentBytes', maxSegmentBytes, 1, Infinity);
  checkNumber('segmentBoundaryMask', segmentBoundaryMask, 1, Infinity);
  checkBits('segmentBoundaryMask', segmentBoundaryMask);
  checkNumber('minAlignMask', minAlignMask, 0, LIMITS.bounceSlotBytes * LIMITS.bounceSetSlots - 1);
  checkBits('minAlignMask', minAlignMask);
  if (iommu !== undefined && minAlignMask >= machine.pageSize)
    throw new ConfigError(
      `minAlignMask of a DMA device is ${String(minAlignMask)}; its IOMMU keeps no more bits than those inside a page of ${String(machine.pageSize)} bytes`,
    );
  checkNumber('busOffset', busOffset, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (!PEER_TO_PEER.includes(peerToPeer))
    throw new ConfigError(
      `peerToPeer of a DMA device is ${peerToPeer}; it must be ${PEER_TO_PEER.join(', ')}`,
    );
  return {
    name: options.name ?? 'device',
    iommu,
    bounce: bounce && { pool: bounce.pool, always: bounce.always ?? false },
    untrusted,
    mask,
    maxSegmentBytes,
    boundaryBytes: segmentBoundaryMask + 1,
    minAlignMask,
    peerToPeer,
    busOffset,
  };
}
