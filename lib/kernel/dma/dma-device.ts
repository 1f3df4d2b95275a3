/**
 * A device that reaches memory by itself: how its addresses come about (direct, through an IOMMU, through
 * bounce buffers, over the PCI bus), what is mapped for it, and its own reads and writes.
 */
import { ConfigError } from '../../base/invariant.ts';
import { err, ok } from '../../base/result.ts';
import type { Ok, Result } from '../../base/result.ts';
import type { ErrorOf } from '../../base/errors.ts';
import { dmaAddr, hex, virtAddr } from '../../base/units.ts';
import type { DmaAddr, VirtAddr } from '../../base/units.ts';
import { MOST_32, isWhole, requireWhole, wholeFrom } from '../../base/whole.ts';
import { callSite } from '../../machine/call-site.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { Page } from '../../machine/memory.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { DmaVerb } from '../../machine/trace.ts';
import type { BounceRun } from '../device/bounce-pool.ts';
import { checkDmaDirection, refusePieces } from './dma-arguments.ts';
import { resolveDmaOptions } from './dma-device-options.ts';
import type { DmaDeviceConfig, DmaDeviceOptions } from './dma-device-options.ts';
import { DmaMapping, crosses, eachPageOf } from '../parts/dma-mapping.ts';
import type { DmaCall, DmaDirection, DmaOwner, DmaPiece } from '../parts/dma-mapping.ts';
import { Iova } from '../parts/iova.ts';
import type { IovaRun } from '../parts/iova.ts';
import { DeviceMappings } from './device-mappings.ts';
import type { Context, Machine } from '../core/machine.ts';
import { checkTouch, isReachable } from '../core/page-lifetime.ts';

/** What mapping for a device fails with. */
export type DmaMapError = ErrorOf<
  'BounceExhausted' | 'TooBig' | 'NoVirtualSpace' | 'NotSupported' | 'Unmappable' | 'InvalidArgument'
>;

/** What allocating memory that is shared with a device fails with. */
export type DmaAllocError = ErrorOf<'NoMemory' | 'NoVirtualSpace' | 'Unmappable' | 'InvalidArgument'>;

/** Memory that belongs to the CPU and to a device at any time. */
export interface CoherentMemory {
  readonly cpuAddress: VirtAddr;
  /** Where the device finds it. */
  readonly handle: DmaAddr;
  /** The first of its pages, which follow each other. */
  readonly page: Page<'lowmem'>;
}

/** Bytes as the device addresses them. */
export interface DmaSegment {
  readonly address: DmaAddr;
  readonly lengthBytes: number;
  /** A PCI bus address: nothing was mapped for it. */
  readonly isBusAddress: boolean;
}

/** Bytes that were mapped, by their bus addresses. */
export interface DmaRange {
  readonly address: number;
  readonly lengthBytes: number;
}

/** The attributes of a call (`DMA_ATTR_*`). */
export interface DmaAttrs {
  /** `DMA_ATTR_SKIP_CPU_SYNC`: the driver syncs by itself; the call maintains no cache and copies nothing back. */
  readonly skipCpuSync?: boolean;
}

/** What a call says beside its range: by which function, and of how many entries. */
export interface DmaHow extends DmaAttrs {
  /** The function that makes or ends the mapping. Without it functions are not compared. */
  readonly call?: DmaCall;
  /** Entries of the list that is ended or synced. */
  readonly entries?: number;
}

/** What a mapping gives back when it ends. */
interface Held {
  /** By piece. */
  readonly runs: readonly (BounceRun | undefined)[];
  readonly iova: { readonly run: IovaRun; left: number } | undefined;
}

const HOLDS_NOTHING: Held = { runs: [], iova: undefined };

interface Made {
  readonly mapping: DmaMapping;
  readonly held: Held;
}

/** Where a piece goes: a buffer of the bounce pool. */
interface Bounced {
  readonly run: BounceRun;
  readonly buffer: DmaPiece;
}

const SLOT = LIMITS.bounceSlotBytes;

/** The functions of Linux that make and end each kind of mapping. */
const CALLS: Readonly<Record<DmaCall, { readonly make: string; readonly end: string }>> = {
  page: { make: 'dma_map_page', end: 'dma_unmap_page' },
  single: { make: 'dma_map_single', end: 'dma_unmap_single' },
  sg: { make: 'dma_map_sg', end: 'dma_unmap_sg' },
  coherent: { make: 'dma_alloc_coherent', end: 'dma_free_coherent' },
};

/** A device with the mappings made for it. */
export class DmaDevice {
  readonly machine: Machine;
  readonly name: string;
  private readonly config: DmaDeviceConfig;
  private maskNow: number;
  private iova: Iova | undefined;
  private readonly live: DeviceMappings<Held>;

  constructor(machine: Machine, options: DmaDeviceOptions = {}) {
    this.machine = machine;
    this.config = resolveDmaOptions(machine, options);
    this.name = this.config.name;
    this.maskNow = this.config.mask;
    this.iova = this.#newIova(this.maskNow);
    this.live = new DeviceMappings(machine.pageSize);
  }

  #newIova(mask: number): Iova | undefined {
    const { iommu } = this.config;
    return iommu && new Iova(this.machine.pageSize, iommu, mask);
  }

  /** `dma_mask`: the highest bus address that it can put on the bus. */
  get mask(): number {
    return this.maskNow;
  }

  /** Takes another mask; returns whether memory can be reached with it, and nothing is mapped behind an IOMMU. */
  setMask(mask: number): boolean {
    const { machine } = this;
    if (!(mask === Infinity || Number.isInteger(mask))) return false;
    // As dma_direct_supported: 24 bits, or all of memory; an IOMMU needs a page beside the first.
    const needed =
      this.iova === undefined
        ? Math.min(2 ** 24, machine.hardware.memory.endPfn * machine.pageSize)
        : 2 * machine.pageSize;
    if (mask < needed - 1 || (this.iova !== undefined && this.live.size > 0)) return false;
    this.maskNow = mask;
    this.iova = this.#newIova(mask);
    return true;
  }

  /** `dma_max_mapping_size`: the longest range that can be mapped at once. */
  get maxMappingBytes(): number {
    const { bounce, untrusted } = this.config;
    if (bounce === undefined || (this.iova !== undefined && !untrusted && !bounce.always)) return Infinity;
    return this.#mostBounceBytes;
  }

  // As swiotlb_max_mapping_size: what bits of the address are kept costs room in the set of slots.
  get #mostBounceBytes(): number {
    const { bounce, minAlignMask } = this.config;
    return (bounce?.pool.mostBytes ?? 0) - Math.ceil(minAlignMask / SLOT) * SLOT;
  }

  /** Whether entries of lists may be bounced in front of its IOMMU, which `sg_dma_is_swiotlb` tells of the list. */
  get bouncesLists(): boolean {
    const { bounce, untrusted } = this.config;
    return this.iova !== undefined && (untrusted || bounce?.always === true);
  }

  /** Mappings made and not ended. */
  get liveMappings(): number {
    return this.live.size;
  }

  /** Mappings that searches have looked at so far; for tests of what they cost. */
  get mappingsLookedAt(): number {
    return this.live.looks;
  }

  #enter(context: Context, direction: DmaDirection): void {
    const { machine } = this;
    if (context.machine !== machine)
      throw new ConfigError(
        `"${context.name}" is a context of another machine than the DMA device ${this.name}`,
      );
    machine.enter(context);
    checkDmaDirection(context, direction);
  }

  /** Maps a list, all of it or nothing. */
  map(
    context: Context,
    pieces: readonly DmaPiece[],
    direction: DmaDirection,
    how: DmaHow = {},
  ): Result<readonly DmaSegment[], DmaMapError> {
    const { machine } = this;
    this.#enter(context, direction);
    const refused = refusePieces(context, pieces);
    if (refused !== undefined) return err(refused);
    const isList = how.call === undefined || how.call === 'sg';
    if (isList) this.#checkLengths(context, pieces);
    for (const piece of pieces) this.#checkPiece(context, piece);
    const mappedAt = machine.guard !== undefined && machine.config.callSites ? callSite() : undefined;
    const mapped: DmaMapping[] = [];
    const segments: DmaSegment[] = [];
    try {
      for (const group of this.#groupsOf(pieces)) {
        const made = this.#make(group, direction);
        if (!made.ok) {
          // As Linux: what was mapped ends without copying anything back.
          for (const mapping of mapped) this.#end(mapping);
          return made;
        }
        if (made.value.length === 0) segments.push(this.#busSegment(group[0]));
        for (const { mapping, held } of made.value) {
          mapping.deviceName = this.name;
          mapping.mappedAt = mappedAt;
          mapping.call = how.call;
          if (how.call === 'sg') mapping.entries = pieces.length;
          this.live.add(mapping, held);
          mapped.push(mapping);
        }
        for (const { mapping } of made.value) {
          const { address, lengthBytes } = mapping;
          if (isList) this.#checkBoundary(context, address, lengthBytes);
          this.#begin(context, mapping, how);
          segments.push({ address, lengthBytes, isBusAddress: false });
        }
      }
    } catch (error) {
      for (const mapping of mapped) this.#end(mapping);
      throw error;
    }
    return ok(segments);
  }

  #begin(context: Context, mapping: DmaMapping, { skipCpuSync = false }: DmaHow): void {
    const { machine } = this;
    const { runs = [] } = this.live.heldBy(mapping) ?? {};
    for (const [i, run] of runs.entries())
      if (run !== undefined) this.#trace(context, 'bounce-map', run, mapping.pieces[i]?.length ?? 0);
    // As swiotlb: a new buffer has the driver's bytes, whatever the attributes say.
    if (mapping.bounces !== undefined) this.initialise(mapping);
    if (!skipCpuSync) this.maintain('device', mapping, 0, mapping.lengthBytes);
    this.#record('map', mapping);
    if (machine.guard === undefined) return;
    mapping.since = machine.stamp();
    const overlap = machine.deviceOwned.add(mapping);
    // Linux takes one who syncs by himself to know.
    if (overlap === undefined || skipCpuSync) return;
    const { other, page, offset, length } = overlap;
    this.#violate(
      'dma-overlap',
      `dma_map ${mapping.direction} of ${String(length)} bytes at offset ${String(offset)} of pfn ${hex(page.pfn)} shares a cache line with what is mapped ${other.direction} for ${other.deviceName}`,
      context,
      other,
    );
  }

  // What the device does with it later cannot be watched, so mapping it counts as touching it.
  #checkPiece(context: Context, piece: DmaPiece): void {
    const { machine } = this;
    if (machine.guard === undefined) return;
    eachPageOf(piece, 0, piece.length, (page) => {
      const verb = `dma_map for ${this.name}`;
      checkTouch(machine, page, { verb, since: Infinity, write: false, context: context.state() });
    });
  }

  // The copies between bounce buffer and memory are the CPU's.
  #checkBounced(
    context: Context,
    verb: string,
    mapping: DmaMapping,
    from: number,
    lengthBytes: number,
  ): void {
    const { machine } = this;
    if (machine.guard === undefined || mapping.bounces === undefined) return;
    mapping.eachPage(from, lengthBytes, (page) => {
      const touch = { verb: `${verb} of bounced bytes`, since: mapping.since, write: true };
      checkTouch(machine, page, { ...touch, context: context.state() });
    });
  }

  // What is mapped in one go: with an IOMMU everything between two pieces that it does not translate.
  #groupsOf(pieces: readonly DmaPiece[]): readonly (readonly [DmaPiece, ...DmaPiece[]])[] {
    const groups: [DmaPiece, ...DmaPiece[]][] = [];
    for (const piece of pieces) {
      const last = groups.at(-1);
      if (this.iova === undefined || last === undefined || this.#isBus(piece) || this.#isBus(last[0]))
        groups.push([piece]);
      else last.push(piece);
    }
    return groups;
  }

  // No mappings for a bus address, which needs none.
  #make(
    group: readonly [DmaPiece, ...DmaPiece[]],
    direction: DmaDirection,
  ): Result<readonly Made[], DmaMapError> {
    const [first] = group;
    if (!this.#isBus(first))
      return this.iova === undefined
        ? this.#mapPiece(group, direction)
        : this.#translate(this.iova, group, direction);
    const { address, lengthBytes } = this.#busSegment(first);
    const { page } = first;
    if (address < 0) return err({ code: 'Unmappable', pfn: page.pfn, kind: page.kind });
    return address + lengthBytes - 1 <= this.maskNow
      ? ok([])
      : unreachable(first, this.maskNow - this.config.busOffset);
  }

  #translate(
    iova: Iova,
    pieces: readonly DmaPiece[],
    direction: DmaDirection,
  ): Result<readonly Made[], DmaMapError> {
    const { maxSegmentBytes, boundaryBytes } = this.config;
    const refused = pieces.map((piece) => this.#refusal(piece)).find((error) => error !== undefined);
    if (refused !== undefined) return err(refused);
    const bounced = this.#bounceAll(pieces);
    if (!bounced.ok) return bounced;
    const buffers = bounced.value;
    const reached = pieces.map((piece, i) => buffers[i]?.buffer ?? piece);
    // No limit of a device is above what `sg_dma_len` holds.
    const run = iova.take(reached, Math.min(maxSegmentBytes, MOST_32), boundaryBytes);
    if (run === undefined) {
      this.#giveRuns(buffers.map((buffer) => buffer?.run));
      return err({ code: 'NoVirtualSpace', needPages: iova.pagesFor(reached), freePages: iova.freePages });
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

  // Whole pages of an IOMMU hold no bytes but those of one buffer: what is not filled is zero.
  #bounceAll(pieces: readonly DmaPiece[]): Result<readonly (Bounced | undefined)[], DmaMapError> {
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
      const made = this.#bounce(piece, pageSize, Infinity);
      if (!made.ok) {
        this.#giveRuns(bounced.map((buffer) => buffer?.run));
        return made;
      }
      const { run, buffer } = made.value;
      const from = buffer.offset - run.pageOffset;
      run.bytes.fill(0, 0, from).fill(0, from + buffer.length);
      bounced.push(made.value);
    }
    return ok(bounced);
  }

  #isBus(piece: DmaPiece): boolean {
    return piece.page.kind === 'iomem' && this.config.peerToPeer === 'busAddress';
  }

  #busSegment({ page, offset, length }: DmaPiece): DmaSegment {
    const address = dmaAddr(page.phys + offset + this.config.busOffset);
    return { address, lengthBytes: length, isBusAddress: true };
  }

  #refusal({ page }: DmaPiece): ErrorOf<'NotSupported'> | undefined {
    if (page.kind !== 'iomem' || this.config.peerToPeer === 'hostBridge') return undefined;
    return { code: 'NotSupported', operation: `DMA of ${this.name} to memory of another device` };
  }

  // A piece by itself, in the list that its mapping keeps.
  #mapPiece(
    group: readonly [DmaPiece, ...DmaPiece[]],
    direction: DmaDirection,
  ): Result<readonly Made[], DmaMapError> {
    const { bounce } = this.config;
    const [piece] = group;
    const { page, offset, length } = piece;
    const refused = this.#refusal(piece);
    if (refused !== undefined) return err(refused);
    const physical = page.phys + offset;
    const reaches = physical + length - 1 <= this.maskNow;
    if (reaches && bounce?.always !== true) {
      const mapping = new DmaMapping(dmaAddr(physical), direction, group);
      return ok([{ mapping, held: HOLDS_NOTHING }]);
    }
    if (page.kind === 'iomem') return unreachable(piece, this.maskNow);
    const bounced = this.#bounce(piece, SLOT, this.maskNow);
    if (!bounced.ok) return bounced;
    const { run, buffer } = bounced.value;
    const address = dmaAddr(buffer.page.phys + buffer.offset);
    const mapping = new DmaMapping(address, direction, group, [buffer]);
    return ok([{ mapping, held: { runs: [run], iova: undefined } }]);
  }

  // A buffer of whole granules, whose address keeps the bits of the piece's that the device asks for.
  #bounce(piece: DmaPiece, granule: number, mask: number): Result<Bounced, DmaMapError> {
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
      const limitBytes = Math.min(this.#mostBounceBytes, boundaryBytes);
      return err({ code: 'TooBig', needBytes: length, limitBytes });
    }
    if (pool.firstAddress + bytes - 1 > mask) {
      // The whole pool is out of the device's reach, or this buffer is too long for what is in it.
      const [first] = pool.pages;
      if (first !== undefined) return err({ code: 'Unmappable', pfn: first.pfn, kind: first.kind });
    }
    const keepMask = minAlignMask & ~(Math.max(granule, SLOT) - 1);
    const plain = minAlignMask === 0 && mask === Infinity && boundaryBytes === Infinity;
    const run = pool.take(bytes, plain ? undefined : { keepMask, address, slotOffset, mask, boundaryBytes });
    if (run === undefined) {
      this.machine.hardware.trace?.record({ event: 'refused', what: 'bounce pool' });
      return err({ code: 'BounceExhausted', needBytes: length, freeBytes: pool.freeBytes });
    }
    return ok({ run, buffer: { page: run.page, offset: run.pageOffset + slotOffset, length } });
  }

  #giveRuns(runs: readonly (BounceRun | undefined)[]): void {
    for (const run of runs) if (run !== undefined) this.config.bounce?.pool.give(run);
  }

  // DMA_API_DEBUG looks at the lengths of the list, which the IOMMU does not make shorter.
  #checkLengths(context: Context, pieces: readonly DmaPiece[]): void {
    const { maxSegmentBytes } = this.config;
    for (const [i, { length }] of pieces.entries()) {
      if (length <= maxSegmentBytes) continue;
      this.#violate(
        'dma-segment',
        `entry ${String(i)} of the list has ${String(length)} bytes; a segment of ${this.name} has at most ${String(maxSegmentBytes)}`,
        context,
      );
    }
  }

  #checkBoundary(context: Context, address: number, lengthBytes: number): void {
    const { boundaryBytes } = this.config;
    if (!crosses(address, lengthBytes, boundaryBytes)) return;
    this.#violate(
      'dma-segment',
      `a segment of ${String(lengthBytes)} bytes at ${hex(address)} lies across a multiple of ${hex(boundaryBytes)}, which ${this.name} cannot take`,
      context,
    );
  }

  /**
   * Gives a new bounce buffer its contents: the driver's, in every direction, so that bytes which the
   * device does not write survive.
   */
  protected initialise(mapping: DmaMapping): void {
    this.#copyIn(mapping, 0, mapping.lengthBytes);
  }

  /** Lets a mapping wait for the driver to look whether it failed; returns what the driver looks at. */
  answerWith(segment: DmaSegment): Ok<DmaAddr> {
    const { address } = segment;
    const mapping = this.machine.guard === undefined ? undefined : this.live.newestAt(address);
    if (mapping === undefined || segment.isBusAddress) return ok(address);
    mapping.isErrorChecked = false;
    return {
      get ok(): true {
        mapping.isErrorChecked = true;
        return true;
      },
      value: address,
    };
  }

  /** Ends a mapping: what the device wrote is the CPU's to see. */
  unmap(
    context: Context,
    address: number,
    lengthBytes: number,
    direction: DmaDirection,
    how: DmaHow = {},
  ): void {
    this.unmapAll(context, [{ address, lengthBytes }], direction, how);
  }

  /** Ends the mappings of a list. */
  unmapAll(context: Context, ranges: readonly DmaRange[], direction: DmaDirection, how: DmaHow = {}): void {
    this.#enter(context, direction);
    // A count that is wrong is so once.
    const { entries: _, ...each } = how;
    for (const [i, range] of ranges.entries()) this.#unmap(context, range, direction, i === 0 ? how : each);
  }

  #unmap(context: Context, { address, lengthBytes }: DmaRange, direction: DmaDirection, how: DmaHow): void {
    const mapping = this.#fitting(address, lengthBytes, direction);
    if (mapping === undefined) {
      this.#violate(
        'dma-not-mapped',
        `dma_unmap of ${addressText(address)}, which is not mapped for ${this.name}`,
        context,
      );
      return;
    }
    this.#checkEnd(context, mapping, lengthBytes, direction, how);
    const { skipCpuSync = false } = how;
    const copiesBack = direction !== 'toDevice' && !skipCpuSync;
    if (copiesBack) {
      this.#checkBounced(context, 'dma_unmap', mapping, 0, mapping.lengthBytes);
      this.#copyOut(mapping, 0, mapping.lengthBytes);
      this.maintain('cpu', mapping, 0, mapping.lengthBytes);
    }
    this.#eachRun(mapping, 0, mapping.lengthBytes, (run, length) => {
      this.#trace(context, 'bounce-unmap', run, length);
    });
    if (skipCpuSync && this.machine.guard !== undefined) this.machine.deviceOwned.leaveUnsynced(mapping);
    this.#end(mapping);
  }

  /**
   * Memory that the CPU and the device use at the same time, with no sync: pages of lowmem that follow each other,
   * zeroed.
   */
  allocCoherent(context: Context, size: number): Result<CoherentMemory, DmaAllocError> {
    const { machine } = this;
    const { memory, addresses, dataCache } = machine.hardware;
    this.#enter(context, 'bidirectional');
    if (!isWhole(size, MOST_32) || size === 0) {
      const expected = wholeFrom(1, MOST_32);
      const what = `dma_alloc_coherent of ${String(size)} bytes; the size must be ${expected}`;
      this.#violate('dma-range', what, context);
      return err({ code: 'InvalidArgument', argument: 'size', got: size, expected });
    }
    const wanted = Math.ceil(size / machine.pageSize);
    const pages = machine.takePages('lowmem', wanted) ?? [];
    const [page] = pages;
    if (page === undefined) return err({ code: 'NoMemory', wanted, available: memory.freePages('lowmem') });
    const mapped = this.#shared({ page, offset: 0, length: size }, wanted);
    if (!mapped.ok) {
      for (const each of pages) machine.freePage(each);
      return mapped;
    }
    const { mapping, held } = mapped.value;
    mapping.deviceName = this.name;
    mapping.call = 'coherent';
    mapping.isShared = true;
    for (const each of pages) {
      machine.uninitialised.written(each, 0, machine.pageSize);
      dataCache?.bypass(each);
    }
    this.live.add(mapping, held);
    this.#record('map', mapping);
    if (machine.guard !== undefined) {
      mapping.mappedAt = machine.config.callSites ? callSite() : undefined;
      mapping.since = machine.stamp();
      machine.deviceOwned.add(mapping);
    }
    return ok({ cpuAddress: virtAddr(addresses.direct(page.pfn)), handle: mapping.address, page });
  }

  // The first pages that are free: where they are out of the device's reach, no lower ones are.
  #shared(piece: DmaPiece, count: number): Result<Made, DmaAllocError> {
    const { iova, machine } = this;
    const { page, length } = piece;
    if (iova === undefined) {
      if (page.phys + length - 1 > this.maskNow) return unreachable(piece, this.maskNow);
      return ok({
        mapping: new DmaMapping(dmaAddr(page.phys), 'bidirectional', [piece]),
        held: HOLDS_NOTHING,
      });
    }
    const run = iova.take([{ ...piece, length: count * machine.pageSize }], Infinity);
    const [segment] = run?.segments ?? [];
    if (run === undefined || segment === undefined)
      return err({ code: 'NoVirtualSpace', needPages: count, freePages: iova.freePages });
    const mapping = new DmaMapping(segment.address, 'bidirectional', [piece]);
    return ok({ mapping, held: { runs: [], iova: { run, left: 1 } } });
  }

  /** Gives memory of `allocCoherent` back; what is no such memory is reported, and only its mapping ends. */
  freeCoherent(context: Context, size: number, cpuAddress: number, handle: number): void {
    const { machine } = this;
    this.#enter(context, 'bidirectional');
    if (context.cpu.irqsDisabled)
      this.#violate('sleep-in-atomic', 'dma_free_coherent while interrupts are disabled', context);
    const mapping = this.live.newestAt(handle, ({ isShared }) => isShared) ?? this.live.newestAt(handle);
    if (mapping === undefined) {
      this.#violate(
        'dma-not-mapped',
        `dma_free_coherent of ${addressText(handle)}, which is not mapped for ${this.name}`,
        context,
      );
      return;
    }
    this.#checkEnd(context, mapping, size, 'bidirectional', { call: 'coherent' });
    const [piece] = mapping.pieces;
    if (!mapping.isShared || piece === undefined) {
      this.#end(mapping);
      return;
    }
    const known = machine.hardware.addresses.direct(piece.page.pfn);
    if (cpuAddress !== known)
      this.#violate(
        'dma-mismatch',
        `dma_free_coherent of ${hex(mapping.address)} with the CPU address ${addressText(cpuAddress)}, allocated at ${hex(known)}`,
        context,
        mapping,
      );
    this.#end(mapping);
    // One that was freed before was reported then, and may have another owner.
    mapping.eachPage(0, mapping.lengthBytes, (page) => {
      if (machine.guard === undefined || isReachable(page, mapping.since)) machine.freePage(page);
    });
  }

  // Several mappings may have one address; the one meant is the one that fits best.
  #fitting(address: number, lengthBytes: number, direction: DmaDirection): DmaMapping | undefined {
    const ofLength = (mapping: DmaMapping): boolean => mapping.lengthBytes === lengthBytes;
    return (
      this.live.newestAt(address, (m) => ofLength(m) && m.direction === direction) ??
      this.live.newestAt(address, ofLength) ??
      this.live.newestAt(address)
    );
  }

  #checkEnd(
    context: Context,
    mapping: DmaMapping,
    lengthBytes: number,
    direction: DmaDirection,
    { call, entries }: DmaHow,
  ): void {
    const at = hex(mapping.address);
    const what = call === 'coherent' ? CALLS.coherent.end : 'dma_unmap';
    if (!mapping.isErrorChecked)
      this.#violate(
        'dma-unchecked',
        `${what} of ${at}, of which the driver did not look whether the map failed`,
        context,
        mapping,
      );
    this.#checkDirection(context, what, mapping, direction);
    if (mapping.lengthBytes !== lengthBytes)
      this.#violate(
        'dma-mismatch',
        `${what} of ${String(lengthBytes)} bytes at ${at}, mapped with ${String(mapping.lengthBytes)}`,
        context,
        mapping,
      );
    const made = mapping.call;
    if (call !== undefined && made !== undefined && !this.#isSameCall(call, made))
      this.#violate(
        'dma-mismatch',
        `${CALLS[call].end} of ${at}, mapped by ${CALLS[made].make}`,
        context,
        mapping,
      );
    else this.#checkEntries(context, 'dma_unmap_sg', mapping, entries);
  }

  // In Linux dma_map_single is dma_map_page by another name.
  #isSameCall(a: DmaCall, b: DmaCall): boolean {
    if (this.machine.config.semantics === 'strict') return a === b;
    const plain = (call: DmaCall): DmaCall => (call === 'single' ? 'page' : call);
    return plain(a) === plain(b);
  }

  #checkEntries(context: Context, what: string, mapping: DmaMapping, entries: number | undefined): void {
    if (entries === undefined || mapping.entries === undefined || entries === mapping.entries) return;
    this.#violate(
      'dma-mismatch',
      `${what} of a list of ${String(entries)} entries at ${hex(mapping.address)}, mapped with ${String(mapping.entries)}`,
      context,
      mapping,
    );
  }

  #end(mapping: DmaMapping): void {
    const held = this.live.heldBy(mapping);
    this.#record('unmap', mapping);
    this.live.delete(mapping);
    mapping.hasEnded = true;
    if (this.machine.guard !== undefined) this.machine.deviceOwned.delete(mapping);
    if (held === undefined) return;
    this.#giveRuns(held.runs);
    if (held.iova === undefined) return;
    held.iova.left -= 1;
    if (held.iova.left === 0) this.iova?.give(held.iova.run);
  }

  /** Gives bytes to the CPU or to the device; bounced ones are copied in the direction that they move. */
  sync(
    context: Context,
    owner: DmaOwner,
    address: number,
    lengthBytes: number,
    direction: DmaDirection,
    how: DmaHow = {},
  ): void {
    this.syncAll(context, owner, [{ address, lengthBytes }], direction, how);
  }

  /** Gives the bytes of a list to the CPU or to the device. */
  syncAll(
    context: Context,
    owner: DmaOwner,
    ranges: readonly DmaRange[],
    direction: DmaDirection,
    how: DmaHow = {},
  ): void {
    this.#enter(context, direction);
    // A count that is wrong is so once.
    const { entries: _, ...each } = how;
    for (const [i, range] of ranges.entries())
      this.#sync(context, owner, range, direction, i === 0 ? how : each);
  }

  #sync(
    context: Context,
    owner: DmaOwner,
    { address, lengthBytes }: DmaRange,
    direction: DmaDirection,
    how: DmaHow,
  ): void {
    const what = `dma_sync_for_${owner}`;
    const isCount = Number.isInteger(lengthBytes) && lengthBytes >= 0;
    const mapping = isCount ? this.live.newestWith(address, lengthBytes) : undefined;
    if (mapping === undefined) {
      this.#violate(
        'dma-not-mapped',
        `${what} of ${String(lengthBytes)} bytes at ${addressText(address)}, not all of them mapped for ${this.name}`,
        context,
      );
      return;
    }
    // What goes both ways may be synced one way at a time, as far as DMA_API_DEBUG is concerned.
    if (this.machine.config.semantics === 'strict' || mapping.direction !== 'bidirectional')
      this.#checkDirection(context, what, mapping, direction);
    this.#checkEntries(context, what, mapping, how.entries);
    const from = address - mapping.address;
    if (owner === 'device' ? direction !== 'fromDevice' : direction !== 'toDevice')
      this.#checkBounced(context, what, mapping, from, lengthBytes);
    if (owner === 'cpu' && direction !== 'toDevice') this.#copyOut(mapping, from, lengthBytes);
    if (owner === 'device' && direction !== 'fromDevice') this.#copyIn(mapping, from, lengthBytes);
    this.#eachRun(mapping, from, lengthBytes, (run, length) => {
      this.#trace(context, 'bounce-sync', run, length);
    });
    if (owner === 'device' || direction !== 'toDevice') this.maintain(owner, mapping, from, lengthBytes);
    if (this.machine.guard === undefined) mapping.give(owner, from, lengthBytes);
    else this.machine.deviceOwned.give(mapping, owner, from, lengthBytes);
    this.#record(`sync-for-${owner}`, mapping, from, lengthBytes);
  }

  /** The device reads memory; bytes at addresses that it may not read are an answer of all ones. */
  read(address: number, lengthBytes: number): Uint8Array {
    const { memory } = this.machine.hardware;
    requireWhole('lengthBytes', lengthBytes, 0, memory.endPfn * memory.pageSize);
    const bytes = new Uint8Array(lengthBytes).fill(0xff);
    this.#access(address, lengthBytes, 'read', (memory, done) => {
      bytes.set(memory, done);
    });
    return bytes;
  }

  /** The device writes memory. */
  write(address: number, bytes: Uint8Array): void {
    this.#access(address, bytes.length, 'write', (memory, done) => {
      memory.set(bytes.subarray(done, done + memory.length));
    });
  }

  /** Reports mappings that a driver leaves behind. */
  checkLeaks(): void {
    const { first } = this.live;
    if (first === undefined) return;
    this.#violate(
      'leak',
      `${this.name} has ${String(this.live.size)} DMA mappings left, the first at ${hex(first.address)}`,
      this.machine.executing,
      first,
    );
  }

  #access(
    address: number,
    lengthBytes: number,
    verb: 'read' | 'write',
    visit: (memory: Uint8Array, done: number) => void,
  ): void {
    if (!isWhole(address, Number.MAX_SAFE_INTEGER)) {
      const what = `${this.name} ${verb} of ${addressText(address)}, which is not mapped for it`;
      this.#violate('dma-fault', what, undefined);
      return;
    }
    for (let done = 0; done < lengthBytes;) {
      const at = address + done;
      const mapping = this.live.newestWith(at, 1);
      const left = lengthBytes - done;
      done +=
        mapping === undefined
          ? this.#accessPeer(at, left, done, verb, visit)
          : this.#accessMapping(mapping, at, left, done, verb, visit);
    }
  }

  #accessMapping(
    mapping: DmaMapping,
    at: number,
    left: number,
    done: number,
    verb: 'read' | 'write',
    visit: (memory: Uint8Array, done: number) => void,
  ): number {
    const from = at - mapping.address;
    const part = Math.min(left, mapping.lengthBytes - from);
    const wrongWay = verb === 'write' ? 'toDevice' : 'fromDevice';
    const what = `${this.name} ${verb === 'write' ? 'writes' : 'reads'} ${String(part)} bytes at ${hex(at)}`;
    this.#record(verb, mapping, from, part);
    if (mapping.direction === wrongWay)
      this.#violate('dma-direction', `${what}, mapped ${mapping.direction}`, undefined, mapping);
    if (mapping.belongsTo('cpu', from, part))
      this.#violate('dma-device-access', `${what}, which the CPU owns since a sync`, undefined, mapping);
    if (verb === 'write') mapping.filled(from, part);
    else this.#checkLeftOver(mapping, from, part, `${this.name} reads`);
    const { dataCache } = this.machine.hardware;
    mapping.eachDevicePage(from, part, (page, offset, before, length) => {
      if (verb === 'read' && dataCache?.memoryIsStale(page, offset, length) === true)
        this.#violate('stale-cache', `${what}, some of which are newer in the cache of the CPU`, undefined);
      if (this.machine.guard !== undefined)
        checkTouch(this.machine, page, { verb: what, since: mapping.since, write: verb === 'write' });
      visit(this.machine.physical(page).subarray(offset, offset + length), done + before);
    });
    return part;
  }

  // Memory of another device at its bus address; anything else is an address that nothing answers.
  #accessPeer(
    at: number,
    left: number,
    done: number,
    verb: 'read' | 'write',
    visit: (memory: Uint8Array, done: number) => void,
  ): number {
    const { machine } = this;
    const physical = at - this.config.busOffset;
    const page = machine.hardware.memory.pageAt(Math.floor(physical / machine.pageSize));
    const offset = physical % machine.pageSize;
    if (page === undefined || !this.#isBus({ page, offset, length: 1 })) {
      this.#violate(
        'dma-fault',
        `${this.name} ${verb} of ${addressText(at)}, which is not mapped for it`,
        undefined,
      );
      return left;
    }
    const part = Math.min(left, machine.pageSize - offset);
    visit(machine.physical(page).subarray(offset, offset + part), done);
    return part;
  }

  /** Does what a data cache that is not coherent with devices needs, where the machine simulates one. */
  protected maintain(owner: DmaOwner, mapping: DmaMapping, from: number, lengthBytes: number): void {
    const { dataCache } = this.machine.hardware;
    if (dataCache === undefined) return;
    mapping.eachPage(from, lengthBytes, (page, offset, _, length) => {
      if (owner === 'device') dataCache.flushForDevice(page, offset, length);
      else dataCache.dropForCpu(page, offset, length);
    });
  }

  #copyIn(mapping: DmaMapping, from: number, lengthBytes: number): void {
    if (mapping.bounces === undefined) return;
    this.maintain('device', mapping, from, lengthBytes);
    mapping.filled(from, lengthBytes);
    this.#eachBounced(mapping, from, lengthBytes, (memory, buffer) => {
      this.#copy(memory, buffer);
    });
  }

  #copyOut(mapping: DmaMapping, from: number, lengthBytes: number): void {
    if (mapping.bounces === undefined) return;
    this.#checkLeftOver(mapping, from, lengthBytes, 'the driver is given');
    this.#eachBounced(mapping, from, lengthBytes, (memory, buffer) => {
      this.#copy(buffer, memory);
    });
  }

  // Visits what of a range is bounced, piece by piece: the driver's memory, and the buffer for it.
  #eachBounced(
    mapping: DmaMapping,
    from: number,
    lengthBytes: number,
    visit: (memory: DmaPiece, buffer: DmaPiece) => void,
  ): void {
    mapping.eachPiece(from, lengthBytes, (index, inPiece, _, length) => {
      const [piece, buffer] = [mapping.pieces[index], mapping.bounces?.[index]];
      if (piece === undefined || buffer === undefined) return;
      const part = ({ page, offset }: DmaPiece): DmaPiece => ({ page, offset: offset + inPiece, length });
      visit(part(piece), part(buffer));
    });
  }

  #copy(source: DmaPiece, target: DmaPiece): void {
    const bytes = new Uint8Array(source.length);
    eachPageOf(source, 0, source.length, (page, offset, done, length) => {
      bytes.set(this.machine.physical(page).subarray(offset, offset + length), done);
    });
    eachPageOf(target, 0, target.length, (page, offset, done, length) => {
      this.machine.physical(page).set(bytes.subarray(done, done + length), offset);
    });
    this.machine.hardware.ledger.bytesBounced += source.length;
  }

  #eachRun(
    mapping: DmaMapping,
    from: number,
    lengthBytes: number,
    visit: (run: BounceRun, length: number) => void,
  ): void {
    const runs = this.live.heldBy(mapping)?.runs ?? [];
    if (runs.length === 0) return;
    mapping.eachPiece(from, lengthBytes, (index, _, __, length) => {
      const run = runs[index];
      if (run !== undefined) visit(run, length);
    });
  }

  #checkLeftOver(mapping: DmaMapping, from: number, lengthBytes: number, who: string): void {
    const at = mapping.firstLeftOver(from, lengthBytes);
    if (at < 0) return;
    this.#violate(
      'torn-bounce',
      `${who} byte ${String(at)} of the bounce buffer at ${hex(mapping.address)}, which an earlier transfer left there`,
      this.machine.executing,
    );
  }

  #record(verb: DmaVerb, mapping: DmaMapping, from = 0, lengthBytes = mapping.lengthBytes): void {
    const { trace } = this.machine.hardware;
    if (trace === undefined) return;
    const { address, direction, pieces } = mapping;
    trace.record({
      event: 'dma',
      device: this.name,
      verb,
      direction,
      address: address + from,
      lengthBytes,
      frames: pieces.map(({ page }) => page.pfn),
    });
  }

  #trace(
    context: Context,
    event: 'bounce-map' | 'bounce-unmap' | 'bounce-sync',
    run: BounceRun,
    lengthBytes: number,
  ): void {
    this.machine.hardware.trace?.record({ event, by: context.actor, slot: run.firstSlot, lengthBytes });
  }

  #checkDirection(context: Context, what: string, mapping: DmaMapping, direction: DmaDirection): void {
    if (mapping.direction === direction) return;
    this.#violate(
      'dma-mismatch',
      `${what} ${direction} of ${hex(mapping.address)}, mapped ${mapping.direction}`,
      context,
      mapping,
    );
  }

  #violate(rule: RuleId, what: string, context: Context | undefined, mapping?: DmaMapping): void {
    this.machine.hardware.violate({
      rule,
      what,
      context: context?.state(),
      mapping: mapping?.describe(),
    });
  }
}

// Drivers get here with what a failed map left them.
function addressText(address: number): string {
  return Number.isInteger(address) ? hex(address) : `${String(address)} (no address)`;
}

// Names the first page of a piece with bytes above the mask.
function unreachable({ page }: DmaPiece, mask: number): Result<never, ErrorOf<'Unmappable'>> {
  const { memory } = page.zone;
  const beyond = Math.floor((mask + 1) / memory.pageSize);
  const failed = beyond > page.pfn ? (memory.pageAt(beyond) ?? page) : page;
  return err({ code: 'Unmappable', pfn: failed.pfn, kind: failed.kind });
}
