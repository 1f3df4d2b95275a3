/**
 * A device that accesses memory by itself: the calls of its driver that map memory for it, sync it, and end the
 * mappings. The work is in other files: bus addresses (dma-reach.ts), records of mappings (dma-registry.ts), checks
 * (dma-checks.ts), and the accesses of the device itself (dma-access.ts).
 */
import { ConfigError } from '../../base/invariant.ts';
import { err, ok } from '../../base/result.ts';
import type { Ok, Result } from '../../base/result.ts';
import type { DmaAddr } from '../../base/units.ts';
import { callSite } from '../../machine/call-site.ts';
import type { Context, Machine } from '../core/machine.ts';
import type { DmaDirection, DmaMapping, DmaOwner, DmaPiece } from '../parts/dma-mapping.ts';
import { DmaAccess } from './dma-access.ts';
import { checkDmaDirection, refusePieces } from './dma-arguments.ts';
import { copyIntoBuffers, copyOutOfBuffers } from './dma-bounce-copy.ts';
import { NO_HOW, checkDmaHow } from './dma-call.ts';
import type { DmaHow, DmaRange } from './dma-call.ts';
import { DmaChecks, addressText } from './dma-checks.ts';
import { DmaCoherentMemory } from './dma-coherent-memory.ts';
import type { CoherentMemory, DmaAllocError } from './dma-coherent-memory.ts';
import { resolveDmaOptions } from './dma-device-options.ts';
import type { DmaDeviceOptions } from './dma-device-options.ts';
import { DmaRegistry } from './dma-registry.ts';
import type { DmaMappingState } from './dma-registry.ts';
import { DmaReach } from './dma-reach.ts';
import type { DmaMapError, DmaSegment } from './dma-reach.ts';

/** A device with the mappings made for it. */
export class DmaDevice {
  readonly machine: Machine;
  readonly name: string;
  private readonly reach: DmaReach;
  private readonly registry: DmaRegistry;
  private readonly checks: DmaChecks;
  private readonly bus: DmaAccess;
  private readonly coherent: DmaCoherentMemory;

  constructor(machine: Machine, options: DmaDeviceOptions = {}) {
    const config = resolveDmaOptions(machine, options);
    const { name } = config;
    this.machine = machine;
    this.name = name;
    this.reach = new DmaReach(machine, config);
    this.registry = new DmaRegistry(machine, name, this.reach);
    this.checks = new DmaChecks(machine, config);
    const { reach, registry, checks } = this;
    const parts = { machine, name, reach, registry, checks };
    this.bus = new DmaAccess(parts);
    this.coherent = new DmaCoherentMemory(parts);
  }

  /** `dma_mask`: the highest bus address that it can put on the bus. */
  get mask(): number {
    return this.reach.mask;
  }

  /** Sets another mask; returns false if memory cannot be reached with it, or mappings behind an IOMMU live. */
  setMask(mask: number): boolean {
    return this.reach.setMask(mask, this.liveMappings);
  }

  /** `dma_max_mapping_size`: the longest range that can be mapped at once. */
  get maxMappingBytes(): number {
    return this.reach.bounce.maxMappingBytes;
  }

  /** Whether entries of lists may be bounced although it has an IOMMU; `sg_dma_is_swiotlb` returns this. */
  get bouncesLists(): boolean {
    return this.reach.bounce.bouncesLists;
  }

  /** The number of live mappings. */
  get liveMappings(): number {
    return this.registry.live.size;
  }

  /** Number of mappings that searches have visited so far; for tests of their cost. */
  get mappingsLookedAt(): number {
    return this.registry.live.looks;
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

  /** Maps a whole list; if that fails, no part of it stays mapped. */
  map(
    context: Context,
    pieces: readonly DmaPiece[],
    direction: DmaDirection,
    how: DmaHow = NO_HOW,
  ): Result<readonly DmaSegment[], DmaMapError> {
    const { machine, reach, checks, registry } = this;
    this.#enter(context, direction);
    checkDmaHow(how);
    const refused = refusePieces(context, pieces);
    if (refused !== undefined) return err(refused);
    const isList = how.call === undefined || how.call === 'sg';
    if (isList) checks.lengths(context, pieces);
    for (const piece of pieces) checks.touch(context, piece);
    const mappedAt = machine.guard !== undefined && machine.config.callSites ? callSite() : undefined;
    const mapped: DmaMapping[] = [];
    const segments: DmaSegment[] = [];
    try {
      for (const group of reach.groupsOf(pieces)) {
        const placed = reach.place(group, direction);
        if (!placed.ok) {
          // As in Linux, the mappings made so far end without copying back.
          for (const mapping of mapped) registry.end(mapping);
          return placed;
        }
        if (placed.value.length === 0) segments.push(reach.busSegment(group[0]));
        for (const made of placed.value) {
          const { mapping } = made;
          mapping.mappedAt = mappedAt;
          mapping.call = how.call;
          if (how.call === 'sg') mapping.entries = pieces.length;
          registry.add(made);
          mapped.push(mapping);
        }
        for (const { mapping } of placed.value) {
          const { address, lengthBytes } = mapping;
          if (isList) checks.boundary(context, mapping);
          this.#begin(context, mapping, how);
          segments.push({ address, lengthBytes, isBusAddress: false });
        }
      }
    } catch (error) {
      for (const mapping of mapped) registry.end(mapping);
      throw error;
    }
    return ok(segments);
  }

  #begin(context: Context, mapping: DmaMapping, { skipCpuSync = false }: DmaHow): void {
    this.registry.recordNewBuffers(context, mapping);
    // As in swiotlb, a new buffer gets the driver's bytes, whatever the attributes say.
    if (mapping.bounces !== undefined) this.initialise(mapping);
    if (!skipCpuSync) this.maintain('device', mapping, 0, mapping.lengthBytes);
    this.#point('dma_map: maintained');
    this.registry.record('map', mapping);
    const overlap = this.registry.watch(mapping);
    // A driver that syncs by itself may let mappings overlap, as in Linux.
    if (overlap !== undefined && !skipCpuSync) this.checks.overlap(context, mapping, overlap);
  }

  /**
   * Fills a new bounce buffer with the driver's bytes. It does so for every direction, so that bytes which the device
   * does not write stay as they were.
   */
  protected initialise(mapping: DmaMapping): void {
    this.#copyIn(mapping, 0, mapping.lengthBytes);
  }

  /** Marks a mapping as not yet checked for an error; returns the result, which unmarks it when `ok` is read. */
  answerWith(segment: DmaSegment): Ok<DmaAddr> {
    const { address } = segment;
    const mapping = this.machine.guard === undefined ? undefined : this.registry.live.newestAt(address);
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

  /** Ends a mapping; the CPU then sees the bytes that the device wrote. */
  unmap(
    context: Context,
    address: number,
    lengthBytes: number,
    direction: DmaDirection,
    how: DmaHow = NO_HOW,
  ): void {
    this.unmapAll(context, [{ address, lengthBytes }], direction, how);
  }

  /** Ends the mappings of a list. */
  unmapAll(
    context: Context,
    ranges: readonly DmaRange[],
    direction: DmaDirection,
    how: DmaHow = NO_HOW,
  ): void {
    this.#enter(context, direction);
    checkDmaHow(how);
    // A wrong count of entries is reported once, not for each range.
    const { entries: _, ...each } = how;
    for (const [i, range] of ranges.entries()) this.#unmap(context, range, direction, i === 0 ? how : each);
  }

  #unmap(context: Context, { address, lengthBytes }: DmaRange, direction: DmaDirection, how: DmaHow): void {
    const { machine, checks, registry } = this;
    const mapping = registry.fitting(address, lengthBytes, direction);
    if (mapping === undefined) {
      const what = `dma_unmap of ${addressText(address)}, which is not mapped for ${this.name}`;
      checks.violate('dma-not-mapped', what, context);
      return;
    }
    checks.end(context, mapping, lengthBytes, direction, how);
    const { skipCpuSync = false } = how;
    if (direction !== 'toDevice' && !skipCpuSync) {
      checks.touchBounced(context, 'dma_unmap', mapping, 0, mapping.lengthBytes);
      this.#copyOut(mapping, 0, mapping.lengthBytes);
      this.maintain('cpu', mapping, 0, mapping.lengthBytes);
    }
    this.#point('dma_unmap: maintained');
    registry.recordBuffers(context, 'bounce-unmap', mapping);
    if (skipCpuSync && machine.guard !== undefined) machine.deviceOwned.leaveUnsynced(mapping);
    registry.end(mapping);
  }

  /**
   * Allocates memory that the CPU and the device may use at the same time, without a sync: zeroed contiguous pages of
   * lowmem.
   */
  allocCoherent(context: Context, size: number): Result<CoherentMemory, DmaAllocError> {
    this.#enter(context, 'bidirectional');
    return this.coherent.alloc(context, size);
  }

  /** Frees memory of `allocCoherent`. Other memory is reported, and only its mapping ends. */
  freeCoherent(context: Context, size: number, cpuAddress: number, handle: number): void {
    this.#enter(context, 'bidirectional');
    this.coherent.free(context, size, cpuAddress, handle);
  }

  /** Gives bytes to the CPU or to the device. Bounced bytes are copied in that direction. */
  sync(
    context: Context,
    owner: DmaOwner,
    address: number,
    lengthBytes: number,
    direction: DmaDirection,
    how: DmaHow = NO_HOW,
  ): void {
    this.syncAll(context, owner, [{ address, lengthBytes }], direction, how);
  }

  /** Gives the bytes of a list to the CPU or to the device. */
  syncAll(
    context: Context,
    owner: DmaOwner,
    ranges: readonly DmaRange[],
    direction: DmaDirection,
    how: DmaHow = NO_HOW,
  ): void {
    this.#enter(context, direction);
    checkDmaHow(how);
    // A wrong count of entries is reported once, not for each range.
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
    const { machine, checks, registry } = this;
    const what = `dma_sync_for_${owner}`;
    const isCount = Number.isInteger(lengthBytes) && lengthBytes >= 0;
    const mapping = isCount ? registry.live.newestWith(address, lengthBytes) : undefined;
    if (mapping === undefined) {
      checks.violate(
        'dma-not-mapped',
        `${what} of ${String(lengthBytes)} bytes at ${addressText(address)}, not all of them mapped for ${this.name}`,
        context,
      );
      return;
    }
    checks.syncDirection(context, what, mapping, direction);
    checks.entries(context, what, mapping, how.entries);
    const from = address - mapping.address;
    if (owner === 'device' ? direction !== 'fromDevice' : direction !== 'toDevice')
      checks.touchBounced(context, what, mapping, from, lengthBytes);
    if (owner === 'cpu' && direction !== 'toDevice') this.#copyOut(mapping, from, lengthBytes);
    if (owner === 'device' && direction !== 'fromDevice') this.#copyIn(mapping, from, lengthBytes);
    registry.recordBuffers(context, 'bounce-sync', mapping, from, lengthBytes);
    if (owner === 'device' || direction !== 'toDevice') this.maintain(owner, mapping, from, lengthBytes);
    this.#point(`${what}: maintained`);
    if (machine.guard === undefined) mapping.give(owner, from, lengthBytes);
    else machine.deviceOwned.give(mapping, owner, from, lengthBytes);
    registry.record(`sync-for-${owner}`, mapping, from, lengthBytes);
  }

  /** What the device knows of the mapping of a bus address; `undefined` if it has none. */
  look(address: number): DmaMappingState | undefined {
    return this.registry.look(address);
  }

  /** Reads memory as the device; bytes at addresses that it may not read are all ones. */
  read(address: number, lengthBytes: number): Uint8Array {
    return this.bus.read(address, lengthBytes);
  }

  /** Writes memory as the device. */
  write(address: number, bytes: Uint8Array): void {
    this.bus.write(address, bytes);
  }

  /** Reports mappings that the driver has not ended. */
  checkLeaks(): void {
    this.checks.leaks(this.registry.live.first, this.liveMappings);
  }

  /** Maintains the data cache, if the machine simulates one, because it is not coherent with devices. */
  protected maintain(owner: DmaOwner, mapping: DmaMapping, from: number, lengthBytes: number): void {
    const { dataCache } = this.machine.hardware;
    if (dataCache === undefined) return;
    mapping.eachPage(from, lengthBytes, (page, offset, _, length) => {
      if (owner === 'device') dataCache.flushForDevice(page, offset, length);
      else dataCache.dropForCpu(page, offset, length);
    });
  }

  // An interrupt may arrive on the CPU that maintains, while the mapping has its owner of before.
  #point(where: string): void {
    const { hardware, executing } = this.machine;
    hardware.interruptPoint?.(executing.cpu, where);
  }

  // The CPU copies, so bytes that only its cache holds must be written to memory first.
  #copyIn(mapping: DmaMapping, from: number, lengthBytes: number): void {
    if (mapping.bounces === undefined) return;
    this.maintain('device', mapping, from, lengthBytes);
    copyIntoBuffers(this.machine, mapping, from, lengthBytes);
  }

  #copyOut(mapping: DmaMapping, from: number, lengthBytes: number): void {
    if (mapping.bounces === undefined) return;
    this.checks.leftOver(mapping, from, lengthBytes, 'the driver is given');
    copyOutOfBuffers(this.machine, mapping, from, lengthBytes);
  }
}
