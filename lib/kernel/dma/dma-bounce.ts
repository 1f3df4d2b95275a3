/**
 * The bounce buffers of one device: lowmem that the device uses in place of memory which it cannot address or must not
 * see.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ErrorOf } from '../../base/errors.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { Machine } from '../core/machine.ts';
import type { BounceRun } from '../device/bounce-pool.ts';
import type { DmaPiece } from '../parts/dma-mapping.ts';
import { unreachable } from '../parts/dma-unreachable.ts';
import type { DmaDeviceConfig } from './dma-device-options.ts';

/** A buffer of the bounce pool for a piece. */
export interface Bounced {
  readonly run: BounceRun;
  readonly buffer: DmaPiece;
}

/** The errors of getting a bounce buffer. */
type DmaBounceError = ErrorOf<'BounceExhausted' | 'TooBig' | 'Unmappable'>;

const SLOT = LIMITS.bounceSlotBytes;

/** Allocates and frees bounce buffers for a device. */
export class DmaBounce {
  private readonly machine: Machine;
  private readonly config: DmaDeviceConfig;

  constructor(machine: Machine, config: DmaDeviceConfig) {
    this.machine = machine;
    this.config = config;
  }

  /** Whether entries of lists may be bounced although there is an IOMMU; `sg_dma_is_swiotlb` returns this. */
  get bouncesLists(): boolean {
    const { bounce, untrusted, iommu } = this.config;
    return iommu !== undefined && (untrusted || bounce?.always === true);
  }

  /** The longest range of which every byte may have to be bounced; Infinity if whole pages never are. */
  get maxMappingBytes(): number {
    const { bounce, iommu } = this.config;
    return bounce === undefined || (iommu !== undefined && !this.bouncesLists) ? Infinity : this.#mostBytes;
  }

  // As swiotlb_max_mapping_size: a buffer that keeps bits of an address needs room for them in its set of slots.
  get #mostBytes(): number {
    const { bounce, minAlignMask } = this.config;
    return (bounce?.pool.mostBytes ?? 0) - Math.ceil(minAlignMask / SLOT) * SLOT;
  }

  /** Allocates a buffer below the mask; behind an IOMMU, which needs no mask, anywhere in the pool. */
  take(piece: DmaPiece, mask: number): Result<Bounced, DmaBounceError> {
    return this.#take(piece, SLOT, mask);
  }

  /**
   * Buffers for the pieces of a list that an IOMMU translates, `undefined` for those that need none. The IOMMU
   * translates whole pages, so a buffer has whole pages, and the bytes around the piece are zero.
   */
  takeAll(pieces: readonly DmaPiece[]): Result<readonly (Bounced | undefined)[], DmaBounceError> {
    if (!this.bouncesLists) return ok(pieces.map(() => undefined));
    const { pageSize } = this.machine;
    const always = this.config.bounce?.always === true;
    const bounced: (Bounced | undefined)[] = [];
    for (const piece of pieces) {
      const isWhole = piece.offset % pageSize === 0 && piece.length % pageSize === 0;
      if (piece.page.kind === 'iomem' || (isWhole && !always)) {
        bounced.push(undefined);
        continue;
      }
      const made = this.#take(piece, pageSize, Infinity);
      if (!made.ok) {
        this.give(bounced.map((buffer) => buffer?.run));
        return made;
      }
      const { run, buffer } = made.value;
      const from = buffer.offset - run.pageOffset;
      run.bytes.fill(0, 0, from).fill(0, from + buffer.length);
      bounced.push(made.value);
    }
    return ok(bounced);
  }

  give(runs: readonly (BounceRun | undefined)[]): void {
    for (const run of runs) if (run !== undefined) this.config.bounce?.pool.give(run);
  }

  // The buffer has whole granules, and its address keeps those bits of the piece's address that the device asks for.
  #take(piece: DmaPiece, granule: number, mask: number): Result<Bounced, DmaBounceError> {
    const { bounce, minAlignMask, boundaryBytes } = this.config;
    const { page, offset, length } = piece;
    if (bounce === undefined) return unreachable(piece, mask);
    const { memory } = page.zone;
    const far = memory.firstOfKind(page, offset + length, ({ kind }) => kind === 'unmappable');
    if (far !== undefined) return err({ code: 'Unmappable', pfn: far.pfn, kind: far.kind });
    const { pool } = bounce;
    const address = page.phys + offset;
    const slotOffset = address & minAlignMask & (Math.max(granule, SLOT) - 1);
    const bytes = granule > SLOT ? Math.ceil((slotOffset + length) / granule) * granule : slotOffset + length;
    if (bytes > pool.mostBytes || length > boundaryBytes) {
      const limitBytes = Math.min(this.#mostBytes, boundaryBytes);
      return err({ code: 'TooBig', needBytes: length, limitBytes });
    }
    if (pool.firstAddress + bytes - 1 > mask) {
      // The device can address no slot of the pool, or too few for this buffer.
      const [first] = pool.pages;
      if (first !== undefined) return err({ code: 'Unmappable', pfn: first.pfn, kind: first.kind });
    }
    const keepMask = minAlignMask & ~(Math.max(granule, SLOT) - 1);
    const plain = minAlignMask === 0 && mask === Infinity && boundaryBytes === Infinity;
    const needs = plain ? undefined : { keepMask, address, slotOffset, mask, boundaryBytes };
    const run = pool.take(bytes, needs);
    if (run === undefined) {
      this.machine.hardware.trace?.record({ event: 'refused', what: 'bounce pool' });
      const longest = pool.longestBelow(bytes, needs);
      const usable = granule > SLOT ? longest - (longest % granule) : longest;
      const largestRunBytes = Math.max(usable - slotOffset, 0);
      return err({ code: 'BounceExhausted', needBytes: length, freeBytes: pool.freeBytes, largestRunBytes });
    }
    return ok({ run, buffer: { page: run.page, offset: run.pageOffset + slotOffset, length } });
  }
}
