/**
 * How a device reaches memory: which bus addresses pieces get (their physical addresses, those of an IOMMU, of bounce
 * buffers, or of the PCI bus), and how these are freed.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ErrorOf } from '../../base/errors.ts';
import { dmaAddr } from '../../base/units.ts';
import type { DmaAddr } from '../../base/units.ts';
import { MOST_32 } from '../../base/whole.ts';
import type { Machine } from '../core/machine.ts';
import type { BounceRun } from '../device/bounce-pool.ts';
import { DmaMapping } from '../parts/dma-mapping.ts';
import type { DmaDirection, DmaPiece } from '../parts/dma-mapping.ts';
import { unreachable } from '../parts/dma-unreachable.ts';
import { Iova } from '../parts/iova.ts';
import type { IovaRun } from '../parts/iova.ts';
import { DmaBounce } from './dma-bounce.ts';
import type { DmaDeviceConfig } from './dma-device-options.ts';

/** The errors of a mapping for a device. */
export type DmaMapError = ErrorOf<
  'BounceExhausted' | 'TooBig' | 'NoVirtualSpace' | 'NotSupported' | 'Unmappable' | 'InvalidArgument'
>;

/** A range of bus addresses. */
export interface DmaSegment {
  readonly address: DmaAddr;
  readonly lengthBytes: number;
  /** A PCI bus address, which needs no mapping. */
  readonly isBusAddress: boolean;
}

/** The resources that are freed when a mapping ends. */
export interface Held {
  /** By piece. */
  readonly runs: readonly (BounceRun | undefined)[];
  readonly iova: { readonly run: IovaRun; left: number } | undefined;
}

/** A new mapping with its resources. */
export interface Made {
  readonly mapping: DmaMapping;
  readonly held: Held;
}

/** Pieces that get their addresses together. */
export type DmaGroup = readonly [DmaPiece, ...DmaPiece[]];

const HOLDS_NOTHING: Held = { runs: [], iova: undefined };

/** The bus addresses of one device. */
export class DmaReach {
  readonly bounce: DmaBounce;
  private readonly machine: Machine;
  private readonly config: DmaDeviceConfig;
  private iova: Iova | undefined;
  private maskNow: number;

  constructor(machine: Machine, config: DmaDeviceConfig) {
    this.machine = machine;
    this.config = config;
    this.bounce = new DmaBounce(machine, config);
    this.maskNow = config.mask;
    this.iova = this.#newIova(config.mask);
  }

  #newIova(mask: number): Iova | undefined {
    const { iommu } = this.config;
    return iommu && new Iova(this.machine.pageSize, iommu, mask);
  }

  get mask(): number {
    return this.maskNow;
  }

  /** Sets another mask if memory can be reached with it and no live mapping could lie above it. */
  setMask(mask: number, liveMappings: number): boolean {
    const { machine } = this;
    if (!(mask === Infinity || Number.isInteger(mask))) return false;
    // As in dma_direct_supported, 24 bits or all of memory; an IOMMU needs a second page.
    const needed =
      this.iova === undefined
        ? Math.min(2 ** 24, machine.hardware.memory.endPfn * machine.pageSize)
        : 2 * machine.pageSize;
    if (mask < needed - 1 || (this.iova !== undefined && liveMappings > 0)) return false;
    this.maskNow = mask;
    this.iova = this.#newIova(mask);
    return true;
  }

  /** Whether a piece is memory of another device, which is reached over the PCI bus and is not mapped. */
  isBus(piece: DmaPiece): boolean {
    return piece.page.kind === 'iomem' && this.config.peerToPeer === 'busAddress';
  }

  busSegment({ page, offset, length }: DmaPiece): DmaSegment {
    const address = dmaAddr(page.phys + offset + this.config.busOffset);
    return { address, lengthBytes: length, isBusAddress: true };
  }

  /** The physical address for a PCI bus address. */
  physicalOf(busAddress: number): number {
    return busAddress - this.config.busOffset;
  }

  /** Splits pieces into groups: an IOMMU maps all pieces between two that it does not translate together. */
  groupsOf(pieces: readonly DmaPiece[]): readonly DmaGroup[] {
    const groups: [DmaPiece, ...DmaPiece[]][] = [];
    for (const piece of pieces) {
      const last = groups.at(-1);
      if (this.iova === undefined || last === undefined || this.isBus(piece) || this.isBus(last[0]))
        groups.push([piece]);
      else last.push(piece);
    }
    return groups;
  }

  /** Gives a group its addresses; makes no mapping for a PCI bus address, which needs none. */
  place(group: DmaGroup, direction: DmaDirection): Result<readonly Made[], DmaMapError> {
    const [first] = group;
    if (!this.isBus(first))
      return this.iova === undefined
        ? this.#placePiece(group, direction)
        : this.#translate(this.iova, group, direction);
    const { address, lengthBytes } = this.busSegment(first);
    const { page } = first;
    if (address < 0) return err({ code: 'Unmappable', pfn: page.pfn, kind: page.kind });
    return address + lengthBytes - 1 <= this.maskNow
      ? ok([])
      : unreachable(first, this.physicalOf(this.maskNow));
  }

  #translate(
    iova: Iova,
    pieces: readonly DmaPiece[],
    direction: DmaDirection,
  ): Result<readonly Made[], DmaMapError> {
    const { maxSegmentBytes, boundaryBytes } = this.config;
    const refused = pieces.map((piece) => this.#refusal(piece)).find((error) => error !== undefined);
    if (refused !== undefined) return err(refused);
    const bounced = this.bounce.takeAll(pieces);
    if (!bounced.ok) return bounced;
    const buffers = bounced.value;
    const reached = pieces.map((piece, i) => buffers[i]?.buffer ?? piece);
    // No device has a limit above the greatest value of `sg_dma_len`.
    const run = iova.take(reached, Math.min(maxSegmentBytes, MOST_32), boundaryBytes);
    if (run === undefined) {
      this.bounce.give(buffers.map((buffer) => buffer?.run));
      return err(iova.noSpaceFor(reached, boundaryBytes));
    }
    const shared = { run, left: run.segments.length };
    return ok(
      run.segments.map(({ address, first, count }) => {
        const own = buffers.slice(first, first + count);
        const mapping = new DmaMapping(
          address,
          direction,
          pieces.slice(first, first + count),
          own.map((buffer) => buffer?.buffer),
        );
        return { mapping, held: { runs: own.map((buffer) => buffer?.run), iova: shared } };
      }),
    );
  }

  #refusal({ page }: DmaPiece): ErrorOf<'NotSupported'> | undefined {
    if (page.kind !== 'iomem' || this.config.peerToPeer === 'hostBridge') return undefined;
    return { code: 'NotSupported', operation: `DMA of ${this.config.name} to memory of another device` };
  }

  // Without an IOMMU a group has one piece; the mapping keeps the group as its list of pieces.
  #placePiece(group: DmaGroup, direction: DmaDirection): Result<readonly Made[], DmaMapError> {
    const [piece] = group;
    const { page, offset, length } = piece;
    const refused = this.#refusal(piece);
    if (refused !== undefined) return err(refused);
    const physical = page.phys + offset;
    const reaches = physical + length - 1 <= this.maskNow;
    if (reaches && this.config.bounce?.always !== true) {
      const mapping = new DmaMapping(dmaAddr(physical), direction, group);
      return ok([{ mapping, held: HOLDS_NOTHING }]);
    }
    if (page.kind === 'iomem') return unreachable(piece, this.maskNow);
    const bounced = this.bounce.take(piece, this.maskNow);
    if (!bounced.ok) return bounced;
    const { run, buffer } = bounced.value;
    const address = dmaAddr(buffer.page.phys + buffer.offset);
    const mapping = new DmaMapping(address, direction, group, [buffer]);
    return ok([{ mapping, held: { runs: [run], iova: undefined } }]);
  }

  /** Gives coherent memory, which is never bounced, as many pages of the bus as were allocated for it. */
  placeCoherent(piece: DmaPiece, pages: number): Result<Made, ErrorOf<'NoVirtualSpace' | 'Unmappable'>> {
    const { iova } = this;
    const { page, length } = piece;
    if (iova === undefined) {
      // The piece is the lowest free memory: if the device does not reach it, it reaches no other free pages.
      if (page.phys + length - 1 > this.maskNow) return unreachable(piece, this.maskNow);
      const mapping = new DmaMapping(dmaAddr(page.phys), 'bidirectional', [piece]);
      return ok({ mapping, held: HOLDS_NOTHING });
    }
    const whole = [{ ...piece, length: pages * this.machine.pageSize }];
    const run = iova.take(whole, Infinity);
    const [segment] = run?.segments ?? [];
    if (run === undefined || segment === undefined) return err(iova.noSpaceFor(whole));
    const mapping = new DmaMapping(segment.address, 'bidirectional', [piece]);
    return ok({ mapping, held: { runs: [], iova: { run, left: 1 } } });
  }

  /** Frees the resources of a mapping; the bus addresses of a list are freed when its last mapping ends. */
  giveBack({ runs, iova }: Held): void {
    this.bounce.give(runs);
    if (iova === undefined) return;
    iova.left -= 1;
    if (iova.left === 0) this.iova?.give(iova.run);
  }
}
