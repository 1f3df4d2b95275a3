/**
 * Allocates and frees memory that the CPU and a device may use at the same time, without a sync.
 */
import type { ErrorOf } from '../../base/errors.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { hex, virtAddr } from '../../base/units.ts';
import type { DmaAddr, VirtAddr } from '../../base/units.ts';
import { MOST_32, isWhole, wholeFrom } from '../../base/whole.ts';
import { callSite } from '../../machine/call-site.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from '../core/machine.ts';
import { isReachable } from '../core/page-lifetime.ts';
import type { DmaParts } from './dma-access.ts';
import { addressText } from './dma-checks.ts';

/** The errors of an allocation of coherent memory. */
export type DmaAllocError = ErrorOf<'NoMemory' | 'NoVirtualSpace' | 'Unmappable' | 'InvalidArgument'>;

/** Memory that the CPU and a device may both access at any time. */
export interface CoherentMemory {
  readonly cpuAddress: VirtAddr;
  /** The address that the device uses. */
  readonly handle: DmaAddr;
  /** The first of its contiguous pages. */
  readonly page: Page<'lowmem'>;
}

/** The coherent memory of one device. */
export class DmaCoherentMemory {
  private readonly parts: DmaParts;

  constructor(parts: DmaParts) {
    this.parts = parts;
  }

  /** Allocates zeroed contiguous pages of lowmem. */
  alloc(context: Context, size: number): Result<CoherentMemory, DmaAllocError> {
    const { machine, reach, registry, checks } = this.parts;
    const { memory, addresses, dataCache } = machine.hardware;
    if (!isWhole(size, MOST_32) || size === 0) {
      const expected = wholeFrom(1, MOST_32);
      const what = `dma_alloc_coherent of ${String(size)} bytes; the size must be ${expected}`;
      checks.violate('dma-range', what, context);
      return err({ code: 'InvalidArgument', argument: 'size', got: size, expected });
    }
    const wanted = Math.ceil(size / machine.pageSize);
    const pages = machine.takePages('lowmem', wanted) ?? [];
    const [page] = pages;
    if (page === undefined) {
      const available = memory.freePages('lowmem');
      return err({ code: 'NoMemory', wanted, available, largestRunPages: memory.longestFreeRun('lowmem') });
    }
    const placed = reach.placeCoherent({ page, offset: 0, length: size }, wanted);
    if (!placed.ok) {
      for (const each of pages) machine.freePage(each);
      return placed;
    }
    const { mapping } = placed.value;
    mapping.call = 'coherent';
    mapping.isShared = true;
    for (const each of pages) {
      machine.uninitialised.written(each, 0, machine.pageSize);
      dataCache?.bypass(each);
    }
    registry.add(placed.value);
    registry.record('map', mapping);
    if (machine.guard !== undefined && machine.config.callSites) mapping.mappedAt = callSite();
    registry.watch(mapping);
    return ok({ cpuAddress: virtAddr(addresses.direct(page.pfn)), handle: mapping.address, page });
  }

  /** Frees memory of `alloc`. If the handle belongs to another mapping, that is reported and only the mapping ends. */
  free(context: Context, size: number, cpuAddress: number, handle: number): void {
    const { machine, name, registry, checks } = this.parts;
    const { live } = registry;
    if (context.cpu.irqsDisabled)
      checks.violate('sleep-in-atomic', 'dma_free_coherent while interrupts are disabled', context);
    const mapping = live.newestAt(handle, ({ isShared }) => isShared) ?? live.newestAt(handle);
    if (mapping === undefined) {
      const what = `dma_free_coherent of ${addressText(handle)}, which is not mapped for ${name}`;
      checks.violate('dma-not-mapped', what, context);
      return;
    }
    checks.end(context, mapping, size, 'bidirectional', { call: 'coherent' });
    const [piece] = mapping.pieces;
    if (!mapping.isShared || piece === undefined) {
      registry.end(mapping);
      return;
    }
    const known = machine.hardware.addresses.direct(piece.page.pfn);
    if (cpuAddress !== known)
      checks.violate(
        'dma-mismatch',
        `dma_free_coherent of ${hex(mapping.address)} with the CPU address ${addressText(cpuAddress)}, allocated at ${hex(known)}`,
        context,
        mapping,
      );
    registry.end(mapping);
    // A page that the driver has freed itself was reported then, and may have another owner now.
    mapping.eachPage(0, mapping.lengthBytes, (page) => {
      if (machine.guard === undefined || isReachable(page, mapping.since)) machine.freePage(page);
    });
  }
}
